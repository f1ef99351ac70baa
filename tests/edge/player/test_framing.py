"""Who may frame the player is read from the token in its address, as the page's script reads it (CONTRACT 12)."""

from __future__ import annotations

import re

import pytest

from conjure.v1 import player_service_pb2
from conjure.v1.player_service_pb2_grpc import PlayerServiceStub
from support.rest import mint
from support.stack import channel

ORIGIN = "https://play.example"
OTHER = "https://other.example"


@pytest.fixture
async def bound(rest, app, world_id) -> str:
    return str((await mint(rest, app.secret, world_id, origin=ORIGIN))["token"])


@pytest.fixture
async def unbound(rest, app, world_id) -> str:
    return str((await mint(rest, app.secret, world_id))["token"])


async def frame_of(rest, query: str) -> str:
    """Who may frame it: the header, and what the page says to its script, which must be the same."""
    answer = await rest.get(f"/embed.html{query}")
    assert answer.status_code == 200
    assert len(answer.headers.get_list("content-security-policy")) == 1
    (header,) = re.findall(r"frame-ancestors ([^;]*)", answer.headers["content-security-policy"])
    (told,) = re.findall(r'name="conjure-frame" content="([^"]*)"', answer.text)
    assert header == told
    return str(told)


async def test_the_origin_of_the_token(rest, app, world_id, bound, unbound):
    other = (await mint(rest, app.secret, world_id, origin=OTHER))["token"]
    coded = "".join(f"%{ord(letter):02x}" for letter in bound)
    for query, frame in (
        (f"?token={bound}", ORIGIN),
        (f"?theme=light&token={bound}&colorPrimary=%23fff", ORIGIN),
        (f"?token={coded}", ORIGIN),
        (f"?%74oken={bound}", ORIGIN),
        (f"?token={bound.rpartition('.')[0]}.AAAA", ORIGIN),
        (f"?token={unbound}", "*"),
        # Of several the last counts; the page's script plays none of them.
        (f"?token={unbound}&token={bound}", ORIGIN),
        (f"?token={bound}&token={unbound}", "*"),
        (f"?token={other}&token={bound}&token={other}", OTHER),
        (f"?token={bound}&token=", "*"),
        # What is no `token` to the page's script either.
        ("", "*"),
        ("?token", "*"),
        (f"?Token={bound}", "*"),
        (f"?token[]={bound}", "*"),
        (f"?token%5B%5D={bound}", "*"),
        (f"??token={bound}", "*"),
        (f"?x;token={bound}", "*"),
        (f"?token={bound};", ORIGIN),
        (f"?token=+{bound}", ORIGIN),
        (f"?token={bound}%2e", "*"),
    ):
        assert await frame_of(rest, query) == frame, query


async def test_it_never_repeats_the_token(rest, bound):
    answer = await rest.get(f"/embed.html?token={bound}&theme=%3Cscript%3E&colorPrimary=%0d%0aX:y")
    written = answer.text + repr(answer.headers)
    for part in bound.split("."):
        assert part not in written
    assert "<script>alert" not in written
    assert "set-cookie" not in answer.headers
    assert "location" not in answer.headers


async def test_a_token_that_is_too_long_for_a_request_line(rest, bound):
    answer = await rest.get(f"/embed.html?token={bound}{'x' * 40_000}")
    assert answer.status_code in {414, 431}
    assert bound[-20:] not in answer.text


async def test_callers_over_grpc_get_the_same_page(stack, bound):
    async with channel(stack.edge_grpc_target) as opened:
        request = player_service_pb2.GetEmbedPageRequest(token=bound)
        answer = await PlayerServiceStub(opened).GetEmbedPage(request)
    assert f'content="{ORIGIN}"'.encode() in answer.page
