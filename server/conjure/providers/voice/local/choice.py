"""Which of espeak-ng's voices speaks, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from conjure.providers.voice.local.languages import language_of
from conjure.providers.voice.wording import fraction

if TYPE_CHECKING:
    from collections.abc import Mapping

USUAL: Final = "en-us"

_NAME: Final = re.compile(r"([A-Za-z0-9-]{2,32})(?:\+([A-Za-z0-9_ -]{1,32}))?")
# Of the variants, those that sound like somebody: characters have one each, by their voice's name.
_PEOPLE: Final = (
    "f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8",
    "Andrea", "Annie", "Michael", "belinda", "david", "linda", "steph", "victor", "zac",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The voices that there are: names by the codes of languages, and variants of them all."""

    languages: Mapping[str, str]
    variants: frozenset[str]

    def find(self, name: str) -> str | None:
        """The voice of a name as "de" or "en-gb+f3"; None when it is none.

        Such a name comes from a tenant, and espeak-ng takes those of files: only what it lists gets to it.
        """
        parts = _NAME.fullmatch(name)
        voice = self.languages.get(parts[1].lower()) if parts else None
        if parts is None or voice is None:
            return None
        variant = parts[2]
        if variant is None:
            return voice
        return f"{voice}+{variant}" if variant in self.variants else None


@dataclass(frozen=True, slots=True)
class Manner:
    """How to speak: words in a minute; height and liveliness from 0 to 99."""

    rate: int
    pitch: int
    range: int


def voice_for(catalogue: Catalogue, text: str, *, voice_id: str | None, usual: str) -> str:
    """The voice that is named; else that of the text's language, the same one for the same name."""
    named = catalogue.find(voice_id) if voice_id else None
    if named is not None:
        return named
    language = language_of(text)
    usual = usual if catalogue.find(usual) else USUAL
    voice = catalogue.find(usual) or ""
    # Not another accent of the language that the usual voice has.
    if language is not None and usual.partition("-")[0].partition("+")[0] != language:
        voice = catalogue.languages.get(language, voice)
    people = [variant for variant in _PEOPLE if variant in catalogue.variants]
    if not voice_id or not people:
        return voice
    number = int.from_bytes(sha256(voice_id.encode("utf-8", "replace")).digest()[:8])
    return f"{voice.partition('+')[0]}+{people[number % len(people)]}"


def manner_of(style: float) -> Manner:
    """The more feeling, the livelier; without any, evenly and slowly."""
    feeling = fraction(style)
    return Manner(
        rate=round(150 + 40 * feeling),
        pitch=round(42 + 16 * feeling),
        range=round(15 + 80 * feeling),
    )
