"""Turns of a talk over gRPC (CONTRACT 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.rpc import Client
from support.talks import STANCES, new_talk

if TYPE_CHECKING:
    import grpc.aio

    from support.stack import TestApp


async def test_it_answers_in_character(server_channel: grpc.aio.Channel, app: TestApp) -> None:
    """A turn has a reply, a stance of the palette, an emotion and an affect, and costs one `say`."""
    client = Client(server_channel, app.secret)
    talk = await new_talk(client)
    said = await talk.say()
    assert said.reply
    assert said.stance in STANCES
    assert said.emotion
    assert all(-1 <= n <= 1 for n in (said.affect.v, said.affect.a, said.affect.d))
    assert await client.used("say") == 1


@pytest.mark.parametrize("page", ["sends nothing", "sends its last line"])
async def test_it_repeats_nothing_within_twenty_turns(
    server_channel: grpc.aio.Channel, app: TestApp, page: str
) -> None:
    """Whatever history a page sends: what was kept of a named player counts too."""
    talk = await new_talk(Client(server_channel, app.secret))
    replies: list[str] = []
    for number in range(20):
        text = ("Who are you?", "Tell me who you are.")[number % 2]
        last = [("character", line) for line in replies[-1:]]
        said = await talk.say(text, history=[] if page == "sends nothing" else last)
        replies.append(said.reply)
    assert len(set(replies)) == 20
