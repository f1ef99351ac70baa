"""The picture of a graph over REST (CONTRACT 3.1)."""

from __future__ import annotations

import pytest

from support.edge.graph import Graph, three_rooms
from support.kernel.pictures import HOSTILE, Picture
from support.rest import assert_error
from support.rpc import client


@pytest.fixture
async def graph(rest, app) -> Graph:
    return await Graph.of(rest, app.secret)


async def test_it_is_an_svg_that_may_do_nothing(graph):
    answer = await graph.call("GET", "graph.svg")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    picture = Picture.of(answer.text)
    assert set(picture.boxes) == set(three_rooms()["scene"]["states"])
    assert "spare" in {name for name, box in picture.boxes.items() if "unreached" in box.looks}


async def test_each_revision_has_its_picture(graph):
    before = await graph.call("GET", "graph.svg")
    written = await graph.call("POST", "states", body={"id": "attic", "base": "An attic."})
    after = await graph.call("GET", "graph.svg")
    assert before.headers["etag"] != after.headers["etag"] == written.headers["etag"]
    assert "attic" not in Picture.of(before.text).boxes
    assert "attic" in Picture.of(after.text).boxes


async def test_names_that_try_to_be_something_else_are_names(graph):
    for number, name in enumerate(HOSTILE):
        if "\ud800" in name or not name.strip() or "\0" in name:
            continue
        event = {
            "name": f"{number} {name}"[:250],
            "kind": "transition",
            "from": "hall",
            "to": "cellar",
        }
        await graph.written("POST", "events", more=("eventName",), body=event)
    answer = await graph.call("GET", "graph.svg")
    Picture.of(answer.text)
    assert "<script" not in answer.text.lower()


async def test_callers_over_grpc_get_a_message(stack, app, graph):
    served = await graph.call("GET", "graph.svg")
    async with client(stack.server_target, app.secret) as caller:
        found = await caller.picture(graph.world_id)
    assert (found.svg, f'"{found.rev}"') == (served.content, served.headers["etag"])


async def test_a_world_that_is_not_there_has_none(graph):
    missing = graph.to(world_id="7b1f3c1e-0000-4000-8000-00000000dead")
    assert_error(await missing.call("GET", "graph.svg"), 404)
    assert_error(await graph.to(world_id="x").call("GET", "graph.svg"), 404)
