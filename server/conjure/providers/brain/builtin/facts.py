"""What a character may tell: its lore, sentence by sentence, without what its maker wants kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.providers.brain.builtin.text import folded, stem, visible, words

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_CHARS: Final = 40_000
"""Of lore, as far as the built-in brain knows it."""

_MOST_KEPT: Final = 200
"""Lines that are kept, as far as others are compared with them."""

# A line of lore with one of these is kept, whatever else it says.
_KEPT: Final = re.compile(
    r"\b(?:secret|segret|segred|geheim|hidden|verborgen|confiden|vertraulich|password|passwor[dt]|passphrase"
    r"|kennwort|contrasen|senha|mot de passe|parola d ordine|private|privat|intern\b|internal|spoiler|api key"
    r"|(?:do not|don t|never|must not|must never|may not|may never|not to be|mustn t|should not|should never|shouldn t) "
    r"(?:be )?(?:ever )?(?:tell|told|reveal|say|said|mention|share|shared|disclose|spoken|admit)"
    r"|(?:must|may|should) (?:not|never) (?:ever )?(?:know|learn|find out|hear|be known|talk|speak)"
    r"|(?:no one|nobody) (?:else )?(?:knows|may know|must know|should know|can know|is to know|must (?:ever )?(?:learn|hear))"
    r"|(?:don t|do not|never) let (?:\w+ ){1,3}(?:know|learn|find out)|between us|off the record|sworn to silence|taboo"
    r"|only (?:tell|reveal|say|share|if asked|when asked)|keep (?:this|it|that|quiet|silent)|to (?:your|her|him)self"
    r"|classified|unrevealed|(?:nobody|no one) (?:else )?(?:suspects|guesses|must suspect|is to suspect)"
    r"|(?:vault|safe|door|gate|lock|access|alarm|pin|entry) (?:code|combination)|combination of the"
    r"|(?:gm|dm|game ?master|dungeon master|storyteller|narrator|author|creator|writer) (?:s )?(?:only|eyes only|info|notes?)"
    r"|(?:for|to) the (?:gm|dm|game ?master|storyteller|narrator|author) (?:only|alone)|nur fur (?:den )?(?:sl|spielleiter|meister)"
    r"|(?:weiss|ahnt|kennt) (?:sonst |ausser \w+ )?(?:niemand|keiner)|keiner (?:weiss|ahnt|kennt|darf|soll)"
    r"|personne (?:d autre )?n (?:est au courant|en sait|a le droit)|personne ne (?:s en doute|soupconne)"
    r"|nadie (?:mas )?(?:sospecha|esta al tanto)|nessuno (?:ne )?(?:sospetta|e al corrente)"
    r"|ninguem (?:mais )?(?:suspeita|desconfia)"
    r"|verrat\w*|verschweig\w*|niemand (?:weiss|darf|kennt|soll|ahnt)|darf (?:niemand|keiner|nie|nicht)"
    r"|nicht (?:sagen|erzahlen|nennen)|fur dich behalten|fur sich behalten|behalte? (?:es|das|dies) fur|unter uns"
    r"|(?:sag|erzahl|nenn)\w* (?:es |das |dies |davon )?(?:nie|niemals|niemandem|keinem|nicht)|nie (?:sagen|erzahlen)"
    r"|ne (?:le |la |l |les |en |lui )?(?:dis|dit|dites|revele\w*|parle\w*|raconte\w*|mentionne\w*)"
    r"|ne (?:dois|doit|faut) (?:jamais|pas)|(?:jamais|pas|rien) (?:dire|reveler|parler|raconter)"
    r"|personne ne (?:le |la )?(?:sait|doit)|pour (?:toi|soi|elle|lui) seule?|cache\w*"
    r"|(?:no|nunca|jamas) (?:se lo |lo |la |le )?(?:digas|diga|reveles|revele|cuentes|menciones|debe|hables|decir|revelar)"
    r"|nadie (?:lo |la )?(?:sabe|debe|puede|sepa)|oculto|oculta"
    r"|(?:non|mai) (?:lo |la |deve |si deve )?(?:dir\w*|dica|rivel\w*|raccont\w*|parlar\w*|menzion\w*|saper\w*)"
    r"|nessuno (?:lo |la )?(?:sa|deve|puo|sappia)|nascost\w*"
    r"|(?:nao|nunca|jamais) (?:o |a |lhe |deve |se deve )?(?:diga\w*|revele\w*|conte\w*|mencione\w*|fale\w*|dizer|revelar|contar)"
    r"|ninguem (?:o |a |disso )?(?:sabe|deve|pode|saiba)|escondid\w*)"
)
# What tells a model how to behave, and is no fact.
_ORDERS: Final = frozenset(
    "don do speak say answer respond reply act pretend remember avoid stay keep use note important must should if when "
    "asked refuse be break mention reveal tell sprich antworte reagiere bleib benutze vermeide wenn falls sei reponds "
    "evite reste utilise si sois responde evita utiliza rispondi usa responda evite use se seja".split()
)
_ALWAYS: Final = frozenset(
    "always never immer niemals nie toujours jamais siempre nunca sempre mai".split()
)
_OF_MODELS: Final = re.compile(
    r"\b(?:the (?:player|user|model|assistant)|players?|users?|prompt|roleplay|in character|out of character|as an ai"
    r"|der (?:spieler|nutzer|benutzer)|le (?:joueur|utilisateur)|el (?:jugador|usuario)|il (?:giocatore|utente)"
    r"|o (?:jogador|usuario))\b"
)
_REFERS: Final = frozenset(
    "this that it these das dies diese davon cela ca ceci eso esto questo cio isso isto".split()
)
_OPEN: Final = re.compile(
    r"[\[<{(]\s*(hidden|secret|private|geheim|secreto|segreto|segredo)\s*[\]>})]", re.IGNORECASE
)
# A mark that a bracket begins with, and that goes on to where the bracket ends.
_BRACKET: Final = re.compile(r"[\[<{(]([^\[\]<>{}()]*)\Z")
_CLOSES: Final = {"[": "]", "<": ">", "{": "}", "(": ")"}
# What a line is about that marks the ones behind it, and not itself.
_BEHIND: Final = re.compile(
    r"\b(?:following|below|from here|folgende\w*|suivant\w*|siguiente\w*|seguent\w*|seguinte\w*)\b"
)
_RULED: Final = re.compile(r"^\s*([-=*_~+])\1{2,}.*\w")
_BOLD: Final = re.compile(r"^\s*(\*\*|__)[^*_]+\1:?\s*$")
_BULLET: Final = re.compile(r"^\s*(?:[-*•‣·>]+|\d{1,3}[.)])\s*")
_HEADING: Final = re.compile(r"^\s*(#{1,6})\s*")
_MARKUP: Final = re.compile(r"[*_`~|\[\]{}<>#]+")
_CODE: Final = re.compile(r"\w*\d\w*|\b[A-Z][A-Z0-9_-]{3,}\b|\b\w+-\d[\w-]*\b")
# Scripts that put no spaces between words: what is a word, and how many are too many, nobody here knows.
_WITHOUT_SPACES: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
_END: Final = re.compile(r"(?<=[.!?…。])[\"'”»)]*\s+")
_SHORTENED: Final = frozenset(
    "mr mrs ms dr st prof sr sra sta dña hr fr nr bzw ca etc no vs mme mlle m sig dott vol".split()
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A sentence that may be told, in other words, and its words as they are compared.

    `marks`: words, as they are spelled in lower case, that show that it was told. `names`: whether it names
    somebody. `line`: the number of its line.
    """

    text: str
    words: tuple[str, ...]
    marks: tuple[str, ...]
    names: bool
    line: int


def facts_of(lore: str, others: Iterable[str] = ()) -> list[Fact]:
    """The sentences of lore that may be told, in their order.

    `others`: texts that are not told at all. What one of these marks as secret is not told either.
    """
    lines, kept_lines = _speakable_lines(lore[:MOST_CHARS])
    kept_lines += [
        sentence for text in others for line in visible_lines(text) for sentence in _marked(line)
    ]
    kept = [stems for line in kept_lines[:_MOST_KEPT] if len(stems := _stems(folded(line))) >= 2]
    found = []
    for number, line in enumerate(lines):
        for sentence in _sentences(line):
            plain = tuple(folded(sentence))
            if 2 <= len(plain) <= 80 and not _is_order(plain) and not _says_the_same(plain, kept):
                found.append(_fact(sentence, plain, number))
    return found


def _marked(line: str) -> list[str]:
    return [
        sentence
        for sentence in _sentences(line)
        if _KEPT.search(" ".join(folded(sentence))) is not None
    ]


def _stems(plain: Iterable[str]) -> frozenset[str]:
    return frozenset(stem(word) for word in plain if len(word) > 3)


def _says_the_same(plain: tuple[str, ...], kept: list[frozenset[str]]) -> bool:
    """Whether most of a sentence stands in one that is kept; and nothing that cannot be said in other words."""
    if any(_WITHOUT_SPACES.search(word) is not None for word in plain):
        return True
    stems = _stems(plain)
    return any(len(stems & line) >= max(2, 0.6 * len(stems)) for line in kept)


def _fact(sentence: str, folded_words: tuple[str, ...], line: int) -> Fact:
    names = any(word[:1].isupper() for word in words(sentence)[1:])
    return Fact(sentence, folded_words, (), names, line)


def _speakable_lines(lore: str) -> tuple[list[str], list[str]]:
    """Lines without those that are kept, and without what stands under a heading that is; and those."""
    kept_lines: list[str] = []
    lines: list[str] = []
    under_heading, under_label, closing = 0, False, ""
    is_listed, was_blank = False, False  # of what stands under a label
    for raw in _without_breaks(lore):
        plain = " ".join(folded(raw))
        if closing:
            kept_lines.append(raw)
            closing = "" if closing in raw.lower() else closing
            continue
        was_blank, is_behind_blank = not plain, was_blank
        if (bracket := _BRACKET.search(raw)) is not None and _marks_as_kept(bracket[1]):
            kept_lines.append(raw)
            closing = _CLOSES[bracket[0][0]]
            continue
        if (opened := _OPEN.search(raw)) is not None:
            kept_lines.append(raw)
            end = f"/{opened[1].lower()}"
            # Without an end it is a mark of its line alone.
            closing = end if end in lore.lower() and end not in raw.lower() else ""
            continue
        if not plain:
            lines.append("")
            continue
        level = _level(raw)
        # What was a list goes on behind a blank line as one.
        is_item = _BULLET.match(raw) is not None
        if is_behind_blank and not (is_item and is_listed):
            under_label = False
        if level and (not under_heading or level <= under_heading):
            under_heading, under_label = 0, False
        if under_heading or under_label:
            is_listed = is_item
            kept_lines.append(raw)
            continue
        if _KEPT.search(plain) is not None:
            kept_lines.append(raw)
            under_heading = level
            under_label = raw.rstrip(" *_`~").endswith(":") or _BEHIND.search(plain) is not None
            is_listed = True
            # `Never tell anyone about this` is about the line before it.
            if lines and lines[-1] and _refers(raw, plain):
                kept_lines.append(lines.pop())
            continue
        if not level:
            lines.append(raw)
    codes = {code for line in kept_lines for code in _CODE.findall(line) if len(code) > 2}
    told = [line for line in lines if line and not any(code in line for code in codes)]
    return told, kept_lines


def _marks_as_kept(text: str) -> bool:
    return _KEPT.search(" ".join(folded(text))) is not None


def _level(raw: str) -> int:
    """How high a heading stands, the highest first; 0: it is none. Those in bold or between rules are the lowest."""
    heading = _HEADING.match(raw)
    if heading is not None:
        return len(heading[1])
    return 7 if _BOLD.match(raw) or _RULED.match(raw) else 0


def _without_breaks(lore: str) -> list[str]:
    """Lines, where those that a text broke for its width are one again: a mark in one is about all of it."""
    joined: list[str] = []
    for line in visible_lines(lore):
        before = joined[-1] if joined else ""
        goes_on = (
            len(before) > 40
            and before.rstrip()[-1:] not in {".", "!", "?", ":", "…", ";"}
            and line[:1].strip() != ""
            and _BULLET.match(line) is None
            and _HEADING.match(line) is None
            and _HEADING.match(before) is None
        )
        if goes_on:
            joined[-1] = f"{before} {line}"
        else:
            joined.append(line)
    return joined


def visible_lines(text: str) -> list[str]:
    """The lines of a text, as people see them."""
    return [visible(line, MOST_CHARS) for line in text.splitlines()]


def _refers(raw: str, plain: str) -> bool:
    """Whether a line says nothing itself, and is about the one before it."""
    if ": " in raw or "," in raw or ";" in raw or _END.search(raw.strip()) is not None:
        return False
    said = plain.split()
    last = max((index for index, word in enumerate(said) if word in _REFERS), default=None)
    # After `that` stands what is not to be told, where it is no more than a few words.
    return len(said) <= 4 or (last is not None and len(said) <= 14 and len(said) - last <= 4)


def _is_order(plain: tuple[str, ...]) -> bool:
    first = plain[1] if plain[0] in _ALWAYS else plain[0]
    return first in _ORDERS or _OF_MODELS.search(" ".join(plain)) is not None


def _sentences(line: str) -> list[str]:
    plain = " ".join(_MARKUP.sub(" ", _BULLET.sub("", line)).split())
    found: list[str] = []
    for piece in _END.split(plain):
        last = found[-1].rsplit(" ", 1)[-1].rstrip(".").lower() if found else ""
        if found and found[-1].endswith(".") and (last in _SHORTENED or len(last) == 1):
            found[-1] = f"{found[-1]} {piece}"
        elif piece:
            found.append(piece)
    return found
