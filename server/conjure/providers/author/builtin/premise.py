# ruff: noqa: RUF001 (premises come in many scripts, and so do their marks)
"""Reading a premise: who it is about, what they want, where it happens.

A light chunker for English that degrades to "use the words as they are" for everything else.
"""

import re
from dataclasses import dataclass, field

from conjure.providers.author.builtin import glossary
from conjure.providers.author.builtin import lexicon as lex
from conjure.providers.author.builtin.text import (
    article,
    breaks_doctrine,
    capital,
    is_plural,
    tidy,
)

_ROLES: tuple[glossary.Role, ...] = ("who", "what", "where", "how", "under", "deed")
_BEFORE_A_NOUN = frozenset({"golden", "magic", "lost"})
_PLACED = {
    "island": "on", "lighthouse": "at", "market": "at", "mars": "on", "moon": "on", "mountain": "on",
    "river": "by", "sea": "by", "space station": "on", "train": "on", "volcano": "on",
}  # fmt: skip
_INSCRIPTION_CHARS = 60
# Further in, a premise has long said what it is about.
_READ_CHARS = 700
_PHRASE_CHARS = 40
_TOKEN = re.compile(r"[^\W_]+(?:['’\-\u200c\u200d][^\W_]+)*|[.,;:!?…。、！？،؛—()\"“”]|\S")
_WORD = re.compile(r"[^\W_]")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,200}>|\x1b\[[0-9;]*[A-Za-z]")
_ADDRESS = re.compile(r"https?://\S+")
_ASCII_SIGN = re.compile(r"[\x21-\x7e\u2010-\u203a\u3001-\u303f\uff01-\uff0f]")


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun phrase that can stand in our sentences."""

    words: str
    fixed: bool = False  # a proper name, or another script: takes no article

    @property
    def plural(self) -> bool:
        """Whether verbs after it lose their s."""
        return not self.fixed and is_plural(self.words)

    @property
    def the(self) -> str:
        """With a definite article."""
        owned = self.words[:1].isupper() and "'s " in self.words.replace("’", "'")
        return self.words if self.fixed or owned else f"the {self.words}"

    @property
    def a(self) -> str:
        """With an indefinite article, where it takes one."""
        head = self.words.partition(" of ")[0].rpartition(" ")[2].lower()
        if self.words.partition(" ")[0].lower() in lex.ONE_OF_A_KIND:
            return self.the
        bare = self.the == self.words or self.plural or head in lex.MASS
        bare = bare or head.endswith(("ness", "ity"))
        return self.words if bare else article(self.words)

    @property
    def head(self) -> str:
        """The last word, which says what kind of thing it is."""
        return self.words.partition(" of ")[0].rpartition(" ")[2].lower()


@dataclass(slots=True)
class _Chunk:
    words: list[str] = field(default_factory=list)
    determined: bool = False
    named: bool = True
    prep: str = ""
    verb: str = ""  # the verb it is the object of
    acts: bool = False  # a verb or "who" follows
    who: bool = False

    def noun(self) -> Noun:
        """The phrase as a noun."""
        text = ""
        for word in self.words:  # never cut inside a word
            if len(text) + len(word) >= _PHRASE_CHARS:
                break
            text = f"{text} {word}" if text else word
        text = (text or self.words[0][:_PHRASE_CHARS]).removesuffix(" of")
        other_script = any(ord(c) >= 0x370 and c not in "’\u200c\u200d" for c in text)
        # `in rainy Osaka` has no article either.
        named = self.named or self.words[-1][:1].isupper()
        name = text.lower() in lex.NAMES or (named and not self.determined)
        return Noun(
            capital(text) if text.lower() in lex.NAMES else text, fixed=other_script or name
        )


@dataclass(frozen=True, slots=True)
class Premise:
    """A premise taken apart. What it does not say is None or empty."""

    text: str
    words: tuple[str, ...]
    hero: Noun | None
    thing: Noun | None
    place: Noun | None
    where: str  # "under the sea"
    goal: str  # "Find the door"; empty when it names none
    extras: tuple[Noun, ...]
    inscription: str = ""  # a premise in another language, to be read in the world


def _lowered(tokens: list[str]) -> list[str]:
    """Undo shouting and title case, which would make every word a name."""
    words = [token for token in tokens if _WORD.match(token)]
    shouted = sum(word.isupper() and len(word) > 1 for word in words)
    titled = sum(word[:1].isupper() for word in words)
    if len(words) > 2 and max(shouted, titled) > 0.7 * len(words):
        return [token.lower() for token in tokens]
    return tokens


class _Chunker:
    def __init__(self, tokens: list[str]) -> None:
        self.chunks: list[_Chunk] = []
        self._tokens = tokens
        self._open = _Chunk()
        self._prep = self._verb = ""
        self._refused = False  # the last word was a negation: what it denies is not a goal
        self._start = True
        for at, token in enumerate(tokens):
            self._take(at, token)
        self._close()

    def _close(self, *, keep_role: bool = False) -> None:
        done = self._open
        while done.words and done.words[-1] in {"of"} | lex.DETERMINERS:
            done.words.pop()
        if done.words:
            done.prep, done.verb = self._prep, self._verb
            self.chunks.append(done)
            if not keep_role:
                self._prep = self._verb = ""
        self._open = _Chunk()

    def _is_verb(self, word: str, previous: str) -> bool:
        if word not in lex.VERB_FORMS or previous in lex.DETERMINERS | lex.NUMBERS:
            return False
        _, form = lex.VERB_FORMS[word]
        if form == "base":
            return (
                self._start
                or previous in lex.BEFORE_BASE_VERB
                or (bool(self._open.words) and is_plural(" ".join(self._open.words)))
            )
        if form == "s" and self._verb and self._open.words:
            return False  # the object's own s: "looking for the northern lights"
        if form == "ed":
            return bool(self._open.words) or previous in lex.RELATIVES | lex.PRONOUNS
        return True

    def _take(self, at: int, mark: str) -> None:
        word = mark.lower()
        previous = self._tokens[at - 1].lower() if at else ""
        if not _WORD.match(mark):
            if mark not in '"“”()':
                self._close()
                self._verb, self._prep, self._start = "", "", True
            return
        started, self._start = self._start, False
        if word in lex.NEGATIONS or breaks_doctrine(word):
            self._close()
            self._refused = word not in {"no", "nothing", "none"}
            self._start = started
        elif word in lex.RELATIVES:
            self._close()
            if self.chunks:
                self.chunks[-1].acts = True
                self.chunks[-1].who |= word in {"who", "whose"}
            self._verb = self._prep = ""
        elif self._start_verb(word, previous, started=started):
            self._close()
            base, form = lex.VERB_FORMS[word]
            if self.chunks and previous not in lex.PREPOSITIONS:
                self.chunks[-1].acts = True
            self._verb = "" if self._refused or (form == "ed" and not base) else base
            self._prep, self._refused = "", False
        elif word in lex.DETERMINERS or word in lex.NUMBERS:
            self._determine(word)
        elif word == "of" and self._open.words:
            self._open.words.append(word)
        elif word in lex.PREPOSITIONS:
            self._close()
            self._prep = word
        elif word in lex.JOINING:
            self._close(keep_role=True)
        elif (word in lex.EMPTY and not (self._open.words and previous in lex.DETERMINERS)) or (
            len(word) > 4 and word.endswith("ly") and word not in lex.NOT_ADVERBS
        ):
            self._close(keep_role=True)
            self._start = started
        else:
            self._add(mark, first=at == 0)

    def _start_verb(self, word: str, previous: str, *, started: bool) -> bool:
        self._start = started
        verb = self._is_verb(word, previous)
        self._start = False
        return verb

    def _determine(self, word: str) -> None:
        if not (self._open.words and self._open.words[-1] == "of"):
            self._close()
        elif word not in lex.NUMBERS:
            self._open.words.append(word)
            return
        self._open.determined = True
        if word in lex.NUMBERS:
            self._open.words.append(word)
            self._open.named = False

    def _add(self, token: str, *, first: bool) -> None:
        if len([w for w in self._open.words if w not in lex.DETERMINERS and w != "of"]) >= 4:
            self._close(keep_role=True)
        # A large first letter opens any sentence; with a verb right behind it, it is a name
        # ("Alice explores"), unless it is a word we know ("Dragon sleeps").
        known = token.lower() in lex.PEOPLE | lex.ANIMALS | lex.PLACES
        following = self._tokens[1].lower() if first and len(self._tokens) > 1 else ""
        named = lex.VERB_FORMS.get(following, ("", ""))[1] == "s" and not known
        large = token[:1].isupper() and (not first or named)
        keep = large or (token.isupper() and len(token) > 1)
        self._open.named &= large or not token[:1].isalpha()
        self._open.words.append(token if keep else token.lower())


def _is_person(noun: Noun) -> bool:
    head = noun.head
    single = head.removesuffix("s")
    if {head, single} & (lex.PEOPLE | lex.ANIMALS):
        return True
    if {head, single} & (lex.NOT_PEOPLE | lex.PLACES) or len(single) < 5:
        return False
    return single.endswith(lex.PERSON_ENDINGS)


def _is_place(noun: Noun) -> bool:
    return bool({noun.head, noun.head.removesuffix("s")} & lex.PLACES)


def _symbols(text: str) -> list[_Chunk]:
    """For a premise of emoji or signs alone: the signs are its words."""
    runs = [_ASCII_SIGN.sub("", run) for run in text.split()]
    return [_Chunk(words=[run[:12]]) for run in runs if run][:6]


def read(text: str) -> Premise:
    """Take a premise apart. Total: any text gives a Premise."""
    tidied = tidy(_MARKUP.sub("", text), 5_000)
    plain = _ADDRESS.sub(" ", tidied)[:_READ_CHARS]
    tokens = _lowered(_TOKEN.findall(plain))
    words = tuple(token.lower() for token in tokens if _WORD.match(token))
    known = glossary.words(plain)
    if _is_foreign(plain, set(words), known):
        return _foreign(tidied, words, list(known.values()))
    chunks = _Chunker(tokens).chunks or _symbols(plain)
    nouns = [chunk.noun() for chunk in chunks]
    used: set[int] = set()

    def claim(at: int | None) -> Noun | None:
        if at is None:
            return None
        used.add(at)
        return nouns[at]

    numbered = list(enumerate(zip(chunks, nouns, strict=True)))
    hero_at = next(
        (
            at
            for at, (chunk, noun) in numbered[:4]
            if not chunk.prep
            and not chunk.verb
            and (chunk.who or _is_person(noun) or (at == 0 and chunk.acts))
            and not (_is_place(noun) and not chunk.who)
        ),
        None,
    )
    hero = claim(hero_at)
    place_at = next(
        (
            at
            for at, (chunk, noun) in numbered
            if at != hero_at
            and chunk.prep in lex.PLACING
            and noun.head not in lex.TIMES
            and not _is_person(noun)
        ),
        None,
    )
    if place_at is None:
        place_at = next(
            (at for at, (_, noun) in numbered if at != hero_at and _is_place(noun)), None
        )
    objects = [
        at
        for at, (chunk, _) in numbered
        if at != hero_at and chunk.verb and (chunk.prep in {"", "for", "after", "to", "with"})
    ]
    others = [
        at
        for at, (chunk, noun) in numbered
        if at not in {hero_at, place_at}
        and chunk.prep not in lex.PLACING
        and not (chunk.prep == "to" and _is_place(noun))
    ]
    thing_at = next(iter(objects or others), None)
    thing, place = claim(thing_at), claim(place_at)
    goal = ""
    if thing is not None and thing_at is not None and chunks[thing_at].verb:
        verb = lex.GOALS.get(chunks[thing_at].verb, chunks[thing_at].verb)
        goal = " ".join(part for part in (capital(verb), chunks[thing_at].prep, thing.the) if part)
    where = ""
    if place is not None and place_at is not None and chunks[place_at].prep in lex.PLACING:
        where = f"{chunks[place_at].prep} {place.the}"
    seen = {noun.words.lower() for noun in (hero, thing, place) if noun}
    extras: list[Noun] = []
    for at, noun in enumerate(nouns):
        if at not in used and noun.words.lower() not in seen:
            seen.add(noun.words.lower())
            extras.append(noun)
    return Premise(tidied, words, hero, thing, place, where, goal, tuple(extras[:8]))


def _is_foreign(text: str, words: set[str], known: dict[str, glossary.Word]) -> bool:
    """Whether a premise is in another language than English, or in signs that are known."""
    letters = [letter for letter in text if letter.isalpha()]
    if not letters:
        return bool(known)
    if sum(letter >= "\u0370" for letter in letters) > len(letters) / 2:
        return True
    small = words & (lex.EUROPEAN - lex.ENGLISH_TOO)
    if not small and text.isascii():
        return False  # "magic ring"
    english = lex.PEOPLE | lex.ANIMALS | lex.PLACES | lex.MASS | lex.VERB_FORMS.keys()
    theirs = [word for word in known if not {word, word.removesuffix("s")} & english]
    return len(small) + len(theirs) > len(words & lex.ENGLISH)


def _foreign(text: str, words: tuple[str, ...], known: list[glossary.Word]) -> Premise:
    """What is understood of it, as English would say it; the rest is read, not drawn."""
    said = {role: [word.english for word in known if word.role == role] for role in _ROLES}
    looks = [word for word in said["how"] if word in _BEFORE_A_NOUN]
    nouns = {name: Noun(capital(name) if name in lex.NAMES else name, name in lex.NAMES)
             for name in said["who"] + said["what"] + said["where"]}  # fmt: skip
    hero = nouns[said["who"][0]] if said["who"] else None
    sought = said["what"] or said["who"][1:]
    thing = Noun(" ".join([*looks[:1], sought[0]])) if sought else None
    place = nouns[said["where"][0]] if said["where"] else None
    where = goal = ""
    if place is not None:
        placing = "under" if said["under"] else _PLACED.get(place.words.lower(), "in")
        where = f"{placing} {place.the}"
    if thing is not None and said["deed"]:
        goal = f"{capital(said['deed'][0])} {thing.the}"
    used = {hero and hero.words, place and place.words, *sought[:1]}
    legible = " ".join(word for word in text.split() if not breaks_doctrine(word))
    return Premise(
        text=text,
        words=words + tuple(part for word in known for part in word.english.split()),
        hero=hero,
        thing=thing,
        place=place,
        where=where,
        goal=goal,
        extras=tuple(noun for noun in nouns.values() if noun.words not in used)[:8],
        inscription=tidy(legible, _INSCRIPTION_CHARS),
    )
