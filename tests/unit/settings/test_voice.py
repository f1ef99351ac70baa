"""What the settings say of voices, and what of it cannot be."""

from __future__ import annotations

import pytest

from conjure.providers.voice import voice_of
from conjure.providers.voice.local import available
from conjure.settings import Settings, SettingsError
from support.cases import each_of


def read(**knobs: str):
    return Settings.from_environment(
        {f"CONJURE_VOICE_{name.upper()}": text for name, text in knobs.items()}
    )


@each_of(
    ("knobs", "says"),
    [
        ({"provider": "festival"}, "CONJURE_VOICE_PROVIDER must be none or local"),
        ({"provider": "openai"}, "needs CONJURE_VOICE_MODEL"),
        ({"provider": "elevenlabs"}, "needs CONJURE_VOICE_API_KEY"),
        ({"voice": "../v1/user"}, "CONJURE_VOICE_VOICE must be the name"),
        ({"voice": "x" * 65}, "CONJURE_VOICE_VOICE must be the name"),
        ({"url": "elevenlabs.io"}, "CONJURE_VOICE_URL"),
    ],
)
def test_what_cannot_speak_is_refused(knobs, says):
    with pytest.raises(SettingsError, match=says):
        read(**knobs)


@pytest.mark.parametrize(
    "knobs",
    [
        {"provider": "elevenlabs", "api_key": "k", "voice": "JBFqnCBsd6RMkjVDRZzb"},
        {"provider": "elevenlabs", "url": "https://proxy.example"},
        {"provider": "openai", "model": "m"},
        {"provider": "local", "voice": "en-gb+f3"},
    ],
)
def test_what_can_speak_is_taken(knobs):
    read(**knobs)


async def test_a_server_without_the_extra_says_what_to_install(monkeypatch):
    monkeypatch.setattr(available, "_PARTS", ("conjure_has_no_such_library",))
    settings = read(provider="local")
    with pytest.raises(SettingsError, match=r"pip install 'conjure\[voice\]'"):
        async with voice_of(settings.voice, settings.openai):
            pass
