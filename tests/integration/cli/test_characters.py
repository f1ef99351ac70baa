"""`conjure characters`: a talk from a terminal, and what is remembered of it."""

from __future__ import annotations

import json

import pytest

from support.cli import Conjure
from support.rpc import Client
from support.talks import STANCES, new_character


@pytest.fixture
async def character(server_channel, app) -> str:
    return await new_character(Client(server_channel, app.secret))


@pytest.fixture
def conjure(stack, app, tmp_path):
    run = Conjure(stack, tmp_path)

    def characters(*arguments: str, key: str = app.secret, cold: bool = False, **how):
        return (run.cold if cold else run)(
            "characters", *arguments, "--target", stack.server_target, "--key", key, **how
        )

    return characters


async def test_a_talk_is_remembered_shown_exported_and_forgotten(conjure, character):
    """One line, a talk of several, and all that becomes of them."""
    code, said, _ = await conjure("say", character, "Hello, who are you?")
    assert code == 0
    assert said.splitlines()[-1].strip("[]").split(", ")[0] in STANCES
    lines = b"I like bees.\n\n\x1b[31mHush.\nI am from Arbroath.\n"
    code, talk, _ = await conjure("say", character, "--player", "Ада", stdin=lines, cold=True)
    assert code == 0
    assert talk.startswith("Mind the step")
    assert "> I like bees." in talk
    assert "[text has control characters]" in talk
    assert "\x1b" not in talk
    assert "[it remembers 4 messages of you]" in talk
    code, exported, _ = await conjure("memory", "export", character)
    (one,) = map(json.loads, exported.splitlines())  # and nobody without a name
    assert (one["playerIdentity"], one["messageCount"], one["turns"]) == ("Ада", 4, [])
    assert "bees" in one["summary"]
    code, shown, _ = await conjure("memory", "show", character, "Ада")
    assert code == 0
    assert "bees" in shown
    assert (await conjure("memory", "forget", character, "Ада"))[:2] == (0, "forgotten: Ада\n")
    code, left, _ = await conjure("memory", "export", character)
    assert (code, left) == (0, "")


async def test_what_cannot_be_talked_to(conjure, app, character):
    for arguments, key, told in (
        (("say", character, " "), app.secret, "text must have"),
        (("memory", "show", character, "ada"), app.secret, "remembers nobody called 'ada'"),
        (("memory", "forget", character, "ada"), app.publishable, "worlds:write"),
    ):
        code, output, errors = await conjure(*arguments, key=key)
        assert (code, output) == (2, "")
        assert told in errors
        assert len(errors.splitlines()) == 1
