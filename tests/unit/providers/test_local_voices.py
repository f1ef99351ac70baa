"""Which voice of espeak-ng speaks: of names that anybody may have chosen, and texts in any language."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.providers.voice.local.choice import Catalogue, manner_of, voice_for
from conjure.providers.voice.local.languages import language_of
from conjure.providers.voice.local.pool import Speakers
from conjure.providers.voice.local.process import Speaking
from conjure.providers.voice.port import VoiceUnavailable
from support.cases import each_of

CATALOGUE = Catalogue(
    {"en-us": "gmw/en-US", "en": "gmw/en", "en-gb": "gmw/en", "de": "gmw/de", "ru": "zle/ru"},
    frozenset({"f1", "f2", "f3", "m1", "m2", "m3", "Mr serious", "Demonic"}),
)


def chosen(text: str = "Hm.", voice_id: str | None = None, usual: str = "en-us") -> str:
    return voice_for(CATALOGUE, text, voice_id=voice_id, usual=usual)


@pytest.mark.parametrize(
    ("name", "voice"),
    [
        ("de", "gmw/de"), ("EN-GB", "gmw/en"), ("en-gb+f3", "gmw/en+f3"), ("de+Mr serious", "gmw/de+Mr serious"),
    ],
)  # fmt: skip
def test_a_voice_that_is_there_is_the_one_that_is_named(name, voice):
    assert chosen(voice_id=name) == voice


@each_of(
    "name",
    [
        "gmw/de", "../de", "de+../../x", "de+f9", "+f1", "de+", "de++f1", "de\0", "de\n", "tlh", "21m00Tcm4TlvDq8ikWAM",
        "x" * 10_000, "\u0434\u0435",
    ],
)  # fmt: skip
def test_every_other_name_has_a_person_of_its_own_of_those_that_are_there(name):
    voice = chosen(voice_id=name)
    assert voice.startswith("gmw/en-US+")
    assert voice.partition("+")[2] in CATALOGUE.variants - {"Mr serious", "Demonic"}
    assert voice == chosen(voice_id=name)


def test_characters_differ():
    assert len({chosen(voice_id=str(number)) for number in range(100)}) == 6


@given(st.text(), st.text(), st.text())
def test_whatever_the_names_are_only_what_is_listed_is_loaded(text, name, usual):
    voice, _, variant = voice_for(CATALOGUE, text, voice_id=name, usual=usual).partition("+")
    assert voice in CATALOGUE.languages.values()
    assert variant in {"", *CATALOGUE.variants}


@each_of(
    ("text", "usual", "voice"),
    [
        ("Ich weiß es nicht, und du?", "en-us", "gmw/de"),
        ("Я не знаю", "en-us", "zle/ru"),
        ("That is not what you have with you.", "en-us", "gmw/en-US"),
        ("That is not what you have with you.", "en-gb+f3", "gmw/en+f3"),
        ("That is not what you have with you.", "de", "gmw/en"),
        ("Je ne sais pas, et vous?", "de", "gmw/de"),
        ("Hm.", "of-another-provider", "gmw/en-US"),
        ("Hm.", "de+Demonic", "gmw/de+Demonic"),
    ],
)  # fmt: skip
def test_a_text_is_spoken_in_its_language_if_there_is_a_voice_for_it(text, usual, voice):
    assert chosen(text, usual=usual) == voice


@each_of(
    ("text", "language"),
    [
        ("No sé, pero lo haré por ti", "es"), ("Non lo so, ma è bello che", "it"), ("Nie wiem, ale to jest", "pl"),
        ("Привіт, її нема", "uk"), ("سلام چطوری", "fa"), ("こんにちは世界", "ja"), ("你好世界", "cmn"), ("안녕", "ko"),
        ("", None), ("123 \U0001f600", None), ("Xyzzy plugh", None), ("a \u05e9\u05dc\u05d5\u05dd b", "he"),
    ],
)  # fmt: skip
def test_languages_that_show(text, language):
    assert language_of(text) == language


@each_of("style", [-1.0, 0.0, 0.3, 0.5, 1.0, 2.0, float("inf"), float("nan")])
def test_whatever_the_style_is_the_manner_is_one_that_there_is(style):
    manner = manner_of(style)
    assert 80 <= manner.rate <= 450
    assert 0 <= manner.pitch <= 99
    assert 0 <= manner.range <= 99


@pytest.mark.parametrize("what", ["a fault of ours", "the end of the server"])
async def test_nobody_waits_for_a_speech_that_is_not_made(monkeypatch, what):
    """Whatever ends it, its listener is told at once."""
    begun = asyncio.Event()

    async def start() -> Speaking:
        begun.set()
        if what == "a fault of ours":
            raise LookupError
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(Speaking, "start", start)

    async def job(process, tell):
        raise AssertionError

    async with asyncio.timeout(60):
        async with Speakers() as speakers:
            speech, work = speakers.begin(job, deadline=asyncio.get_running_loop().time() + 3_600)
            await begun.wait()
            if what == "a fault of ours":
                with pytest.raises(VoiceUnavailable):
                    await speech.begin()
                assert isinstance(work.exception(), LookupError)
        with pytest.raises(VoiceUnavailable):
            await speech.begin()
