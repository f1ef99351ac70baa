# ruff: noqa: RUF001 (premises come in many scripts, and so do their marks)
"""What characters are called: as the premise has it, else a name from where its language is spoken."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from conjure.providers.author.builtin.text import breaks_doctrine, capital, word_set

if TYPE_CHECKING:
    from conjure.providers.author.builtin.characters.stances import Body
    from conjure.providers.dice import Dice

# Language: given names of women, of men, family names. Spelled in Latin letters, as the rest of the prose is.
_PEOPLE: Final[dict[str, tuple[str, str, str]]] = {
    "en": (
        "Maren Edith Ivy Nora Agnes",
        "Tobias Silas Wendell Rowan Jasper",
        "Holt Marsh Pell Quill Ashby Thorne",
    ),
    "de": (
        "Ilse Frieda Grete Lotte",
        "Konrad Anselm Ruprecht Emil",
        "Brandt Voss Kessler Amsel Lindt Harms",
    ),
    "fr": (
        "Odile Margot Solange Cosette",
        "Bastien Lucien Armand Remy",
        "Delorme Vasseur Perrin Lagarde",
    ),
    "es": (
        "Jimena Rosario Paloma Irene",
        "Anselmo Evaristo Lisandro Gaspar",
        "Aldana Robledo Quintana Vega",
    ),
    "pt": (
        "Benedita Iracema Luzia Dulce",
        "Joaquim Amadeu Caetano Duarte",
        "Figueira Sampaio Teles Moura",
    ),
    "it": (
        "Ottavia Fiammetta Ersilia Nives",
        "Renzo Gaspare Tullio Elio",
        "Bellandi Corsi Marchetti Salvi",
    ),
    "ru": ("Vera Zoya Marfa Tamara", "Arkady Lavr Osip Kirill", "Sokol Ryabinin Lebed Zimin"),
    "zh": ("Meilan Xiulan Ruolan", "Boren Zhiwei Haoyu", "Lin Shen Qiao Fang Bai"),
    "ja": ("Haruka Chiyo Sayuri", "Isamu Kenji Takumi", "Mori Hayashi Ono Kitano Shirai"),
    "ko": ("Sora Haneul Areum", "Minjun Jiwoo Dohyun", "Han Seo Yoon Baek Moon"),
    "ar": ("Layla Samira Nadia", "Idris Yusuf Harun", "Haddad Mansour Nasser Rahal"),
    "hi": ("Meera Kavita Leela", "Arjun Devdas Ishaan", "Rao Menon Tagore Sethi Bose"),
}
_WOMEN: Final = word_set(
    "witch queen princess grandmother mother sister daughter aunt girl woman widow nun mermaid heroine "
    "duchess seamstress midwife maid actress sorceress waitress goddess"
)
_MEN: Final = word_set(
    "king prince grandfather father brother son uncle boy man monk priest duke wizard cowboy postman butler "
    "fisherman god"
)
_ANIMALS: Final = "Bramble Pocket Juniper Soot Marigold Thimble Ember Nutmeg Biscuit Fen"
_MACHINES: Final = "Tock Ledger Brassica Pivot Cobalt Hum Tinder Rivet Almanac Gimbal"

_NAMED: Final = re.compile(
    r"\s*,?\s*\b(?:who\s+is\s+|is\s+)?(?:named|called|namens|nommée?|appelée?|llamad[oa]|chamad[oa]|di\s+nome|по\s+имени)\s+"
    r"((?:[^\W\d_][\w'’.-]*)(?:\s+[A-ZÀ-ÖØ-ÞА-Я][\w'’.-]*){0,2})",
)
_NAME_CHARS: Final = 40
_MOST_WORDS: Final = 3

_SCRIPTS: Final = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
# The first of two languages that share as many of these is taken.
_SMALL: Final = {
    "de": word_set(
        "der die das den dem ein eine einen einem einer und im mit von zu auf der wer ohne sucht"
    ),
    "fr": word_set("le la les un une du des et dans sous sur avec qui au aux sans cherche est"),
    "es": word_set("el la los las un una y en del al que con quién no hay busca sin es"),
    "pt": word_set("o a os as um uma e no na do da que com quem em sem procura não é"),
    "it": word_set("il lo la gli un una e di nel nella che con del dello chi senza cerca"),
}


def named(text: str) -> tuple[str | None, str]:
    """The name that a premise gives its character, if any, and the premise without it."""
    found = _NAMED.search(text)
    if found is not None:
        name = found[1].strip(".'’- ")[:_NAME_CHARS]
        if name and not any(map(breaks_doctrine, name.split())):
            return capital(name), f"{text[: found.start()]} {text[found.end() :]}".strip()
    return None, text


def is_name(text: str) -> bool:
    """Whether a premise is nothing but a name: `Captain Nemo`."""
    words = text.split()
    return (
        1 < len(words) <= _MOST_WORDS
        and len(text) <= _NAME_CHARS
        and all(word[:1].isupper() and word[1:].islower() and word.isalpha() for word in words)
        and not any(map(breaks_doctrine, words))
    )


def language(text: str, *, is_foreign: bool) -> str:
    """The language that a premise is most likely in."""
    for code, letters in _SCRIPTS:
        if letters.search(text):
            return code
    if not is_foreign:
        return "en"
    said = text.lower().split()
    counts = {code: sum(word in small for word in said) for code, small in _SMALL.items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] else "en"


def invented(code: str, body: Body, kind: str, dice: Dice) -> str:
    """A name of a language, for somebody of a kind; animals and machines have one word."""
    if body != "person":
        return dice.pick((_ANIMALS if body == "animal" else _MACHINES).split())
    women, men, families = _PEOPLE[code]
    words = set(kind.lower().split())
    given = f"{women} {men}" if not words & (_WOMEN | _MEN) else women if words & _WOMEN else men
    return f"{dice.pick(given.split())} {dice.pick(families.split())}"


def friend(code: str, own: str, dice: Dice) -> str:
    """Somebody whom the character knows: never of its own name."""
    women, men, _ = _PEOPLE[code]
    return dice.pick([name for name in f"{women} {men}".split() if name not in own.split()])
