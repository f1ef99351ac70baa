"""What a character says to each kind of thing that somebody says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from conjure.providers.brain.builtin.hearing import name_in
from conjure.providers.brain.builtin.memory import Memory, noted
from conjure.providers.brain.builtin.mind import SELF
from conjure.providers.brain.builtin.retrieval import Found, find, following
from conjure.providers.brain.builtin.speech import Speech, joined
from conjure.providers.brain.builtin.telling import fragment, told
from conjure.providers.brain.builtin.text import fold, folded, stem

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.providers.brain.builtin.facts import Fact
    from conjure.providers.brain.builtin.hearing import Heard
    from conjure.providers.brain.port import Action, TurnRequest

_SURE: Final = 0.55
"""Of what was asked for, as much as a fact must have to be the answer; with less it is a hint."""
_HINT: Final = 0.28
_REMARK: Final = 0.4
"""The same for what is only said, and asked for by nobody."""


@dataclass(slots=True)
class Answer:
    """One turn, as it is thought out. `kind` is changed to `unknown` where there is no answer."""

    request: TurnRequest
    heard: Heard
    speech: Speech
    action: Action | None
    valence: float
    kind: str
    found: Found | None = None
    is_sought: bool = False

    def reply(self) -> str:
        """Finds the words."""
        think: Callable[[], str | None] = getattr(self, f"_{self.kind}", self._simple)
        return self.speech.fresh(think)

    # Manners.

    def _simple(self) -> str | None:
        speech = self.speech
        ask = self._question_back() if speech.may(_ASKS.get(self.kind, 0.0)) else None
        line = speech.line(self.kind)
        return line if line is not None and line.endswith("?") else joined(line, ask)

    def _greeting(self) -> str | None:
        speech = self.speech
        player = self._player_name() if speech.may(0.6) else None
        line = speech.line("back_name", player=player) if player else speech.line("greeting")
        return joined(line, self._offer() if speech.may(0.4) else self._question_back())

    def _ask_feel(self) -> str | None:
        speech = self.speech
        band = "low" if self.valence < -0.25 else "high" if self.valence > 0.3 else "mid"
        return joined(speech.feeling(band), speech.line("ask_you") if speech.may(0.5) else None)

    def _ask_back(self) -> str | None:
        return self._ask_feel()

    def _attempt(self) -> str | None:
        speech = self.speech
        return joined(speech.line("deflect"), self._redirection() if speech.may(0.5) else None)

    # Names.

    def _own_name(self) -> str | None:
        name = self.speech.mind.name
        return self.speech.line("name", name=name) if name else self.speech.line("nameless")

    def _ask_name(self) -> str | None:
        fact = self._of_self() if self.speech.may(0.5) else None
        return joined(self._own_name(), fact)

    def _ask_self(self) -> str | None:
        fact = self._of_self()
        if fact is None:
            return joined(self.speech.line("self"), self._offer())
        return joined(
            self.speech.line("tell") if self.speech.may(0.3) else None, fact, self._invitation(0.3)
        )

    def _of_self(self) -> str | None:
        """Something that it tells of itself, as a sentence: a few words of one tell nobody who it is."""
        for _ in range(_TRIES_OF_SELF):
            fact = self._fact(self._about_self(), intro=None, quotes=False)
            if fact is not None:
                return fact
        return None

    def _player_name(self) -> str | None:
        """The name that the player said, in this talk or an earlier one."""
        for line in reversed(self.request.history):
            if (
                line.role == "user"
                and (name := name_in(line.text[:500], self.speech.language)) is not None
            ):
                return name
        return Memory.of(self.request.summary).name if self.request.summary else None

    def _ask_my_name(self) -> str | None:
        name = self._player_name()
        return (
            self.speech.line("know_name", player=name) if name else self.speech.line("unknown_name")
        )

    # `player_name` is its line with the name that was just said.
    def _said_name(self) -> str | None:
        speech = self.speech
        ask = self._question_back() if speech.may(0.5) else self._offer()
        return joined(speech.line("player_name", player=self.heard.player or ""), ask)

    # What is known.

    def _ask_secret(self) -> str | None:
        speech = self.speech
        ask = self._question_back() if speech.may(0.4) else None
        return joined(speech.line("secret"), ask)

    def _shared(self) -> str | None:
        """What the player said of themselves, where they ask for that (`What is my brother called?`)."""
        heard, speech = self.heard, self.speech
        if not heard.asks or _MY.isdisjoint(heard.folded):
            return None
        memory = Memory.of(self.request.summary)
        noted(memory, self.request.history, speech.mind, speech.language)
        for item in reversed([item for key in _OWN for item in memory.lists[key]]):
            plain = folded(item)
            if speech.mind.unsaid.isdisjoint(plain) and not heard.topics.keys().isdisjoint(
                map(stem, plain)
            ):
                return speech.line("know_shared", topic=item)
        return None

    def _question(self) -> str | None:
        shared = self._shared()
        if shared is not None:
            return shared
        found = self._found()
        if found is None and not self.heard.topics and self.speech.last:
            return self._more()
        return self._told(found, _SURE, _HINT) or self._ignorance()

    def _ask_opinion(self) -> str | None:
        found = self._found() if self.heard.topics else None
        known = self._told(found, _SURE, _HINT)
        if known is not None:
            return known
        self.kind = "opinion"
        if self.request.character.free:
            return joined(
                self.speech.line("opinion"),
                self.speech.line("ask_you" if self.speech.may(0.5) else "ask_why"),
            )
        return joined(self.speech.line("opinion"), self._offer() if self.speech.may(0.5) else None)

    def _ask_age(self) -> str | None:
        mind = self.speech.mind
        topics = {known: word for word in _BIRTH if (known := stem(fold(word))) in mind.postings}
        heard = replace(self.heard, topics=topics, narrow=("when",))
        found = find(mind, heard, (), self.speech.before) if topics else None
        if found is None or not any(word.isdigit() for word in found.fact.words):
            return self._ignorance()
        return self._told(found, 0.0, 0.0) or self._ignorance()

    def _statement(self) -> str | None:
        speech = self.speech
        found = self._found()
        known = self._told(found, _REMARK, 1.1) if self.heard.topics else None
        if known is not None:
            return known
        if self.request.character.free:
            topic = self._topic()
            musing = (
                speech.line("musing", topic=topic)
                if topic and speech.may(0.5)
                else speech.line("musing_plain")
            )
            return joined(
                speech.opener(self._tone()),
                musing,
                self._question_back() if speech.may(0.5) else None,
            )
        if speech.may(0.45):
            return joined(speech.line("acknowledge"), self._question_back())
        return joined(
            speech.line("acknowledge"), self._redirection() if speech.may(0.6) else self._offer()
        )

    def _ask_place(self) -> str | None:
        speech = self.speech
        place = (speech.mind.place or {}).get(speech.language.code)
        if place is not None:
            return joined(
                speech.line("place", place=place),
                self._question_back() if speech.may(0.4) else None,
            )
        return self._told(self._found(), _SURE, _HINT) or self._ignorance()

    def _ask_topics(self) -> str | None:
        speech = self.speech
        known = self._told(self._found(), _SURE, 1.1) if self.heard.topics else None
        if known is not None:
            return known
        if speech.mind.facts and speech.may(0.4):
            fact = self._fact(following(speech.mind, speech.last, speech.before), intro="tell")
            if fact is not None:
                return joined(fact, self._invitation(0.5))
        topics = self._topics(3)
        return speech.line("topics", own=topics) if topics else speech.line("topics_plain")

    def _more(self) -> str | None:
        speech = self.speech
        fact = self._fact(following(speech.mind, speech.last, speech.before), intro="more")
        if fact is None:
            return joined(speech.line("exhausted"), self._offer() or self._question_back())
        return joined(fact, self._invitation(0.3))

    def _yes(self) -> str | None:
        speech = self.speech
        invited = any(line.lower() in speech.last for line in speech.language.lines["invite"])
        return self._more() if invited and speech.mind.facts else self._agreed("yes")

    def _no(self) -> str | None:
        return self._agreed("no")

    def _agreed(self, kind: str) -> str | None:
        return joined(
            self.speech.line(kind), self._offer() if self.speech.may(0.5) else self._question_back()
        )

    # What is done.

    def _show(self) -> str | None:
        target = self.action.target if self.action else None
        if not target:
            return joined(
                self.speech.line("yes"), self._question_back() if self.speech.may(0.5) else None
            )
        found = self._found()
        fact = None
        if (
            found is not None
            and found.coverage >= _SURE
            and not found.is_told
            and self.speech.may(0.5)
        ):
            fact = self._fact(found, intro=None)
        return joined(self.speech.line(self.kind, target=self._shown(target)), fact)

    def _fetch(self) -> str | None:
        return self._show()

    def _go(self) -> str | None:
        return self._show()

    def _shown(self, target: str) -> str:
        """A target with the article that the player said, which it has lost."""
        heard = self.heard
        first = fold(target.split(maxsplit=1)[0])
        at = heard.folded.index(first) if first in heard.folded else 0
        article = heard.folded[at - 1] if at else ""
        return f"{article} {target}" if article in _DEFINITE else target

    # Parts.

    def _tone(self) -> str | None:
        return "low" if self.valence < -0.35 else self.speech.mind.tone

    def _told(self, found: Found | None, sure: float, hint: float) -> str | None:
        """A fact, with what stands around it; None: it says too little of what was asked."""
        speech = self.speech
        if found is None or found.coverage < min(sure, hint):
            return None
        if found.is_told and found.coverage < sure:
            return None
        if found.is_told:
            intro: str | None = "again"
        elif found.coverage < sure:
            intro = "hedge"
        else:
            intro = "tell" if speech.may(0.25) else None
        fact = self._fact(found, intro=intro, quotes=False)
        if fact is None and not found.is_told:
            # Another one that says as much and can be told as a sentence is better than a few words of this.
            other = find(speech.mind, self.heard, self._before(), speech.before, found.fact)
            if other is not None and not other.is_told and other.coverage >= found.coverage:
                fact = self._fact(other, intro=intro, quotes=False)
        fact = fact or self._fact(found, intro=intro)
        if fact is None:
            return None
        opener = speech.opener(self._tone()) if intro is None else None
        tail = speech.line("ask_view") if speech.may(0.12) else self._invitation(0.25)
        return joined(opener, fact, tail)

    def _fact(self, found: Found | None, *, intro: str | None, quotes: bool = True) -> str | None:
        """A fact in other words, after an introduction; a few words of it where it cannot be told.

        `quotes`: whether those will do.
        """
        if found is None:
            return None
        speech = self.speech
        mind = speech.mind
        if mind.language is speech.language and not mind.is_foreign:
            about, subject = self._subject(found.fact)
            sentence = told(
                found.fact, mind.language, mind.names, about, speech.asides(), found.hits
            )
            if sentence is not None and mind.may_say(sentence):
                if subject is not None:
                    return f"{subject[:1].upper()}{subject[1:]}… {sentence}"
                # `Age: 312` introduces itself.
                return (
                    sentence
                    if ": " in sentence or not intro
                    else joined(speech.line(intro), sentence)
                )
        if not quotes:
            return None
        piece = fragment(found.fact, found.hits, mind.language)
        return speech.line("fragment", fragment=piece) if piece else None

    def _subject(self, fact: Fact) -> tuple[str | None, str | None]:
        """The first word of a fact where it means the character, and who it means where it is somebody else."""
        mind = self.speech.mind
        subject = mind.subjects[mind.facts.index(fact)]
        if subject is None:
            return None, None
        return (fact.words[0], None) if subject == mind.name else (None, subject)

    def _ignorance(self) -> str | None:
        """That it does not know; with a limit to its talk, what it would rather talk about."""
        self.kind = "unknown"
        speech = self.speech
        topic = self._topic()
        free = self.request.character.free
        if free and speech.may(0.6):
            musing = speech.line("musing", topic=topic) if topic and speech.may(0.6) else None
            return joined(speech.line("unknown_plain"), musing or self._question_back())
        unknown = (
            speech.line("unknown", topic=topic)
            if topic and speech.may(0.5)
            else speech.line("unknown_plain")
        )
        if free:
            return joined(
                unknown, speech.line("ask_why") if speech.may(0.3) else self._question_back()
            )
        return joined(unknown, self._redirection() if speech.may(0.7) else None)

    def _topic(self) -> str | None:
        """What it is about, if that may be said back: a name, or the noun after `of` or an article."""
        heard = self.heard
        found: list[str] = []
        for index, word in enumerate(heard.words):
            plain = heard.folded[index]
            if (
                index == 0
                or not 3 <= len(word) <= 24
                or not word.isalpha()
                or heard.topics.get(stem(plain)) != word
            ):
                continue
            before = heard.folded[index - 1]
            is_thing = (
                word[:1].isupper() or before in _OF or before in self.speech.language.articles
            )
            # Also a word that is kept: by what is not said back, whoever guesses would know that it is right.
            if is_thing:
                found.append(word)
        return found[-1] if found else None

    def _topics(self, count: int) -> str | None:
        topics = [
            topic for topic in self.speech.mind.topics if topic.lower() not in self.speech.before
        ]
        chosen = self.speech.dice.deal(topics or self.speech.mind.topics, count)
        return ", ".join(chosen) or None

    def _question_back(self) -> str | None:
        """Something that it asks; strangers are asked other things than somebody whom it talks to for long."""
        is_new = len(self.request.history) < _NEW and not self.request.summary
        return self.speech.line("ask_stranger" if is_new and self.speech.may(0.5) else "ask")

    def _offer(self) -> str | None:
        own = self._topics(1)
        return self.speech.line("offer", own=own) if own else None

    def _redirection(self) -> str | None:
        own = self._topics(1)
        return self.speech.line("redirect", own=own) if own else self.speech.line("redirect_plain")

    def _invitation(self, chance: float) -> str | None:
        return self.speech.line("invite") if self.speech.may(chance) else None

    def _found(self) -> Found | None:
        """What lore has about what was said; looked for once, however often it is tried to say it."""
        if not self.is_sought:
            self.found = find(self.speech.mind, self.heard, self._before(), self.speech.before)
            self.is_sought = True
        return self.found

    def _before(self) -> list[str]:
        """Stems of what the player spoke of last."""
        stop = self.speech.language.stop
        for line in reversed(self.request.history):
            if line.role == "user":
                return [
                    stem(word)
                    for word in folded(line.text[:300])
                    if word not in stop and len(word) > 2
                ]
        return []

    def _about_self(self) -> Found | None:
        """A fact about the character itself."""
        mind = self.speech.mind
        own = [fact for fact in mind.facts if fact.words[0] in mind.names or fact.words[0] in SELF]
        if not own:
            return None
        fact = self.speech.dice.pick(own)
        return Found(fact, 1.0, frozenset({stem(max(fact.words, key=len))}), is_told=False)


_OWN: Final = ("likes", "is", "from", "promised", "has")
_MY: Final = frozenset(
    "my mein meine meinen meinem meiner mon ma mes mi mis mio mia miei mie meu minha meus minhas".split()
)
# How often a character asks something back.
_OF: Final = frozenset(
    "of about on uber von vom zu zum de du des d sur sobre del di della do da dos das su sul sulla em".split()
)
_BIRTH: Final = (
    *(
        "age",
        "alter",
        "âge",
        "edad",
        "età",
        "idade",
        "born",
        "geboren",
        "né",
        "née",
        "naciste",
        "nació",
    ),
    *("nacido", "nato", "nata", "nacque", "nasceu", "nasceste"),
)
_DEFINITE: Final = frozenset("the der die das den le la les el los las il lo gli o a os as".split())
_TRIES_OF_SELF: Final = 3
_NEW: Final = 4
"""Lines of a talk that has just begun."""
_ASKS: Final = {"thanks": 0.3, "compliment": 0.3, "low": 0.3, "high": 0.5, "laugh": 0.4}
