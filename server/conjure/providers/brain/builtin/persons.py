"""From `she keeps` and `you keep` to `I keep`: what lore says of its character, said by the character."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from conjure.providers.brain.builtin.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable

_CORE: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)?", re.UNICODE)


def in_first_person(
    tokens: list[str], names: frozenset[str], code: str, about: str | None = None
) -> list[str] | None:
    """Returns a sentence's tokens as its character would say them; None: that is beyond this grammar.

    `names`: words that the character is called by. `about`: the word, `she` or `her`, that means it here. A sentence
    about others stays as it is.
    """
    plain = [fold("".join(_CORE.findall(token)[:1])) for token in tokens]
    # Names have capitals: `Grey` may be one, `grey` is none.
    plain = [
        "" if _owner(word) in names and core is not None and core[0].islower() else word
        for word, core in zip(plain, map(_CORE.search, tokens), strict=True)
    ]
    change = _CHANGES[code]
    you = _YOU[code]
    if any(word.replace("’", "'") in you for word in plain):
        return change(tokens, plain, names, True)
    if about is not None:
        # `Her brother`, after a sentence about the character: `my brother`.
        if plain[0] in (own := _OWN[code]):
            tokens = [_put(tokens[0], own[plain[0]]), *tokens[1:]]
            plain = [fold(own[plain[0]]), *plain[1:]]
            return _english(tokens, plain, names | _SHE, you=False) if code == "en" else tokens
        names = names | {about}
    if names and any(_owner(word) in names for word in plain):
        return change(tokens, plain, names, False)
    return list(tokens)


def _owner(word: str) -> str:
    return word[:-2] if word.endswith(("'s", "’s")) else word


def _put(token: str, word: str) -> str:
    """A token with another word in it: its signs stay."""
    core = _CORE.search(token)
    if core is None:
        return token
    return f"{token[: core.start()]}{word}{token[core.end() :]}"


_ENGLISH_VERBS: Final = {
    "is": "am",
    "are": "am",
    "has": "have",
    "does": "do",
    "goes": "go",
    "was": "was",
    "were": "was",
}
_ENGLISH_WORDS: Final = {
    "you're": "I'm", "you've": "I've", "you'll": "I'll", "you'd": "I'd", "your": "my", "yours": "mine",
    "yourself": "myself",
}  # fmt: skip
_BEFORE_OBJECT: Final = frozenset(
    "of to with for by from at on about near behind beside than like without and gave told taught asked called".split()
)
_ADVERBS: Final = frozenset(
    "never always often still also only now once usually rarely sometimes secretly".split()
)
_BEFORE_VERB_OBJECT: Final = frozenset(
    "a an the his her their its my to in with at from for by on about into out up no every all what how that".split()
)


def _english(
    tokens: list[str], plain: list[str], names: frozenset[str], you: bool
) -> list[str] | None:
    said = list(tokens)
    if not you and not names & _SHE and _others(tokens, plain, names) and _SHE & set(plain):
        return None
    skip = -1
    for index, raw in enumerate(plain):
        word = raw.replace("’", "'")
        if index <= skip:
            continue
        if you and word in _ENGLISH_WORDS:
            said[index] = _put(tokens[index], _ENGLISH_WORDS[word])
        elif word == "you" or (not you and word in names):
            before = plain[index - 1] if index else ""
            last = index == len(plain) - 1 or tokens[index].endswith((",", ";", ":", "."))
            # `You sneeze, and you laugh` has it as its subject, `between the cat and you` has not.
            is_subject = before == "and" and not last and "you" in plain[: index - 1]
            if (
                index
                and not is_subject
                and (before in _BEFORE_OBJECT or (last and before not in {"and", "because"}))
            ):
                said[index] = _put(tokens[index], "me")
                continue
            # `Captain Mira`, `Mira Holm`: all of it is `I`.
            if index and not you and tokens[index - 1][:1].isupper() and plain[index - 1] in names:
                said[index - 1] = ""
            said[index] = _put(tokens[index], "I")
            _english_verb(said, tokens, plain, index + 1, third=not you)
        elif not you and _owner(word) in names:
            said[index] = _put(tokens[index], "my")
        elif not you and (replaced := _ENGLISH_SHE.get(word)) is not None:
            said[index] = _put(tokens[index], replaced)
            if replaced == "I":
                _english_verb(said, tokens, plain, index + 1, third=True)
        elif not you and _is_second_verb(plain, index):
            _english_verb(said, tokens, plain, index, third=True)
    return _capital([token for token in said if token])


_SHE: Final = frozenset("he she his her him".split())
_OWN: Final = {
    "en": {"her": "my", "his": "my"},
    "de": {"ihr": "mein", "ihre": "meine", "sein": "mein", "seine": "meine"},
    "fr": {"son": "mon", "sa": "ma", "ses": "mes"},
    "es": {"su": "mi", "sus": "mis"},
    "it": {"suo": "mio", "sua": "mia", "suoi": "miei", "sue": "mie"},
    "pt": {"seu": "meu", "sua": "minha", "seus": "meus", "suas": "minhas"},
}
PRONOUNS: Final = {
    "en": frozenset("he she they it his her their its".split()),
    "de": frozenset("er sie es ihr ihre sein seine".split()),
    "fr": frozenset("il elle ils elles son sa ses".split()),
    "es": frozenset("el ella ellos ellas su sus".split()) - {"el"},
    "it": frozenset("lui lei loro egli ella suo sua suoi sue".split()),
    "pt": frozenset("ele ela eles elas seu sua seus suas".split()),
}
"""Words that mean somebody who was named before."""
_ENGLISH_SHE: Final = {
    "she": "I",
    "he": "I",
    "his": "my",
    "her": "my",
    "herself": "myself",
    "himself": "myself",
}


def _is_second_verb(plain: list[str], index: int) -> bool:
    """Whether a word is one of `keeps bees and sells the honey`, and not of `bees and bears`."""
    word, behind = plain[index], plain[index + 1 : index + 2]
    return (
        index > 0
        and plain[index - 1] in {"and", "but", "or"}
        and word.endswith("s")
        and len(word) > 3
        and bool(behind)
        and behind[0] in _BEFORE_VERB_OBJECT
    )


def _english_verb(
    said: list[str], tokens: list[str], plain: list[str], index: int, *, third: bool
) -> None:
    while index < len(plain) and plain[index] in _ADVERBS:
        index += 1
    if index >= len(plain):
        return
    verb = plain[index]
    if verb in _ENGLISH_VERBS:
        said[index] = _put(tokens[index], _ENGLISH_VERBS[verb])
    elif third and len(verb) > 3 and verb.endswith("s") and not verb.endswith(("ss", "us", "is")):
        short = verb[:-1]
        if verb.endswith("ies"):
            short = verb[:-3] + "y"
        elif verb.endswith(("sses", "shes", "ches", "xes", "zes", "oes")):
            short = verb[:-2]
        said[index] = _put(tokens[index], short)


def _others(tokens: list[str], plain: list[str], names: frozenset[str]) -> bool:
    """Whether somebody else is named, so that `she` may be either."""
    return any(
        token[:1].isupper() and index and _owner(plain[index]) not in names and plain[index] != "i"
        for index, token in enumerate(tokens)
    )


def _romance(
    *,
    subjects: dict[str, str],
    words: dict[str, str],
    second: dict[str, str],
    third: dict[str, str],
    own: dict[str, str],
    never: frozenset[str],
    endings: tuple[tuple[str, str], ...],
    drops: bool,
) -> Callable[[list[str], list[str], frozenset[str], bool], list[str] | None]:
    """The grammar of a language where the verb follows its subject, or stands for it.

    `subjects` and `words` are of the second person, `own` is what belongs to the third. `endings`: of regular verbs of
    the third person. `never`: words with which a sentence of the third person is beyond this. `drops`: `I` is not said.
    """

    def change(
        tokens: list[str], plain: list[str], names: frozenset[str], you: bool
    ) -> list[str] | None:
        said = list(tokens)
        done = False
        if you:
            for index, word in enumerate(plain):
                if word in subjects:
                    said[index] = "" if drops else _put(tokens[index], subjects[word])
                elif word in words:
                    said[index] = _put(tokens[index], words[word])
                elif word in second:
                    said[index] = _put(tokens[index], second[word])
                    done = True
            needs_verb = any(word in subjects for word in plain)
            return _capital([token for token in said if token]) if done or not needs_verb else None
        if plain[0] not in names or never & set(plain[1:]):
            return None
        first = 1
        while first < len(plain) and plain[first] in names:
            first += 1
        if first >= len(plain):
            return None
        verb = third.get(plain[first]) or _ended(plain[first], endings)
        if verb is None:
            return None
        said[first] = _put(tokens[first], verb)
        for index in range(first + 1, len(plain)):
            if plain[index] in own:
                said[index] = _put(tokens[index], own[plain[index]])
            elif plain[index - 1] in {"y", "e", "et", "und"} and plain[index] in third:
                said[index] = _put(tokens[index], third[plain[index]])
        start = [] if drops else [subjects["_"]]
        return _capital([*start, *(token for token in said[first:] if token)])

    return change


def _ended(word: str, endings: tuple[tuple[str, str], ...]) -> str | None:
    for old, new in endings:
        if word.endswith(old) and len(word) - len(old) >= 2:
            return word[: -len(old)] + new
    return None


def _capital(tokens: list[str]) -> list[str]:
    return [tokens[0][:1].upper() + tokens[0][1:], *tokens[1:]] if tokens else tokens


def _table(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split())


_german_words: Final = _romance(
    subjects={"du": "ich", "_": "Ich"},
    words=_table(
        "dich=mich dir=mir dein=mein deine=meine deinen=meinen deinem=meinem deiner=meiner deines=meines"
    ),
    second=_table(
        "bist=bin hast=habe warst=war hattest=hatte wurdest=wurde wirst=werde kannst=kann willst=will musst=muss "
        "sollst=soll darfst=darf magst=mag weisst=weiß siehst=sehe liest=lese sprichst=spreche tragst=trage gibst=gebe "
        "schlafst=schlafe haltst=halte nimmst=nehme fahrst=fahre isst=esse lebst=lebe wohnst=wohne liebst=liebe "
        "kennst=kenne kommst=komme arbeitest=arbeite glaubst=glaube denkst=denke hasst=hasse sammelst=sammle "
        "hutest=hüte kochst=koche singst=singe spielst=spiele stammst=stamme traumst=träume gehst=gehe machst=mache"
    ),
    third=_table(
        "ist=bin hat=habe war=war hatte=hatte wurde=wurde wird=werde kann=kann will=will muss=muss soll=soll darf=darf "
        "mag=mag weiss=weiß lebt=lebe wohnt=wohne arbeitet=arbeite liebt=liebe kennt=kenne kommt=komme stammt=stamme "
        "sammelt=sammle hutet=hüte kocht=koche singt=singe spielt=spiele fahrt=fahre tragt=trage halt=halte halt=halte "
        "schlaft=schlafe spricht=spreche liest=lese sieht=sehe gibt=gebe nimmt=nehme hasst=hasse glaubt=glaube "
        "traumt=träume zuchtet=züchte fuhrt=führe besitzt=besitze trinkt=trinke schreibt=schreibe verkauft=verkaufe"
    ),
    own={},
    never=frozenset(
        "sie er ihr ihre ihren ihrem ihrer sein seine seinen seinem seiner ihm ihn sich".split()
    ),
    endings=(("te", "te"),),
    drops=False,
)
_french_words: Final = _romance(
    subjects={"tu": "je", "_": "Je"},
    words=_table("te=me toi=moi ton=mon ta=ma tes=mes"),
    second=_table(
        "es=suis as=ai vis=vis etais=étais avais=avais vas=vais peux=peux veux=veux sais=sais dois=dois aimes=aime "
        "habites=habite travailles=travaille gardes=garde connais=connais viens=viens parles=parle chantes=chante "
        "penses=pense detestes=déteste cuisines=cuisine fais=fais crains=crains dors=dors"
    ),
    third=_table(
        "est=suis a=ai vit=vis etait=étais avait=avais fut=fus va=vais peut=peux veut=veux sait=sais doit=dois "
        "connait=connais vient=viens fait=fais dort=dors craint=crains vend=vends tient=tiens ecrit=écris"
    ),
    own=_table("son=mon sa=ma ses=mes"),
    never=frozenset("elle il se s lui".split()),
    endings=(("ait", "ais"), ("e", "e"), ("it", "is")),
    drops=False,
)
_spanish: Final = _romance(
    subjects={"tu": "yo", "_": ""},
    words=_table("ti=mí te=me tus=mis contigo=conmigo"),
    second=_table(
        "eres=soy tienes=tengo vives=vivo estas=estoy naciste=nací fuiste=fui eras=era trabajas=trabajo amas=amo "
        "odias=odio sabes=sé puedes=puedo quieres=quiero guardas=guardo cuidas=cuido conoces=conozco perdiste=perdí "
        "creciste=crecí vienes=vengo haces=hago cocinas=cocino cantas=canto"
    ),
    third=_table(
        "es=soy esta=estoy tiene=tengo vive=vivo era=era nacio=nací fue=fui sabe=sé puede=puedo quiere=quiero "
        "conoce=conozco hace=hago viene=vengo perdio=perdí crecio=crecí tuvo=tuve dice=digo vende=vendo escribe=escribo"
    ),
    own=_table("su=mi sus=mis"),
    never=frozenset("se le ella el".split()) - {"el"},
    endings=(("aba", "aba"), ("ia", "ía"), ("a", "o")),
    drops=True,
)
_italian: Final = _romance(
    subjects={"tu": "io", "_": ""},
    words=_table("ti=mi te=me tuo=mio tua=mia tuoi=miei tue=mie"),
    second=_table(
        "sei=sono hai=ho vivi=vivo eri=ero avevi=avevo puoi=posso vuoi=voglio sai=so devi=devo lavori=lavoro ami=amo "
        "odi=odio conosci=conosco vieni=vengo fai=faccio custodisci=custodisco abiti=abito canti=canto cucini=cucino"
    ),
    third=_table(
        "e=sono ha=ho vive=vivo era=ero aveva=avevo puo=posso vuole=voglio sa=so deve=devo conosce=conosco viene=vengo "
        "fa=faccio nacque=nacqui custodisce=custodisco vende=vendo scrive=scrivo tiene=tengo fu=fui"
    ),
    own=_table("suo=mio sua=mia suoi=miei sue=mie"),
    never=frozenset("si gli lei lui".split()) - {"gli"},
    endings=(("ava", "avo"), ("eva", "evo"), ("a", "o")),
    drops=True,
)
_portuguese: Final = _romance(
    subjects={"voce": "eu", "tu": "eu", "_": ""},
    words=_table(
        "te=me ti=mim teu=meu tua=minha teus=meus tuas=minhas seu=meu sua=minha seus=meus suas=minhas"
    ),
    second=_table(
        "e=sou es=sou tem=tenho tens=tenho vive=vivo vives=vivo esta=estou estas=estou nasceu=nasci nasceste=nasci "
        "foi=fui foste=fui era=era mora=moro moras=moro trabalha=trabalho trabalhas=trabalho ama=amo sabe=sei pode=posso "
        "quer=quero guarda=guardo cuida=cuido conhece=conheço perdeu=perdi faz=faço vem=venho"
    ),
    third=_table(
        "e=sou tem=tenho vive=vivo esta=estou nasceu=nasci foi=fui era=era sabe=sei pode=posso quer=quero "
        "conhece=conheço perdeu=perdi faz=faço vem=venho vende=vendo escreve=escrevo teve=tive cresceu=cresci"
    ),
    own=_table("seu=meu sua=minha seus=meus suas=minhas"),
    never=frozenset("se lhe ela ele".split()),
    endings=(("ava", "ava"), ("ou", "ei"), ("a", "o")),
    drops=True,
)


def _german(
    tokens: list[str], plain: list[str], names: frozenset[str], you: bool
) -> list[str] | None:
    return _german_words(tokens, plain, names, you)


def _french(
    tokens: list[str], plain: list[str], names: frozenset[str], you: bool
) -> list[str] | None:
    said = _french_words(tokens, plain, names, you)
    if said is None:
        return None
    joined: list[str] = []
    for token in said:
        if joined and joined[-1].lower() == "je" and fold(token[:1]) in set("aeiouyh"):
            joined[-1] = f"{joined[-1][:1]}'{token}"
        else:
            joined.append(token)
    return joined


_CHANGES: Final[
    dict[str, Callable[[list[str], list[str], frozenset[str], bool], list[str] | None]]
] = {
    "en": _english,
    "de": _german,
    "fr": _french,
    "es": _spanish,
    "it": _italian,
    "pt": _portuguese,
}
_YOU: Final = {
    "en": frozenset("you your yours yourself you're you've you'll you'd".split()),
    "de": frozenset("du dich dir dein deine deinen deinem deiner deines".split()),
    "fr": frozenset("tu te toi ton ta tes vous votre vos".split()),
    "es": frozenset("tu tus te ti contigo eres tienes vives naciste fuiste".split()),
    "it": frozenset("tu ti te tuo tua tuoi tue sei hai vivi".split()),
    "pt": frozenset("voce tu te ti teu tua teus tuas".split()),
}
