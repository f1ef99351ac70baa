"""What the load harness sends: whose turn it is, which rows are asked for, what the peer's edge is."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from conjure.edge.admin import private_socket
from conjure.edge.config import EdgeConfig
from conjure.edge.render import validate
from load.peer_edge import PATHS, peer_edge
from load.rows import Rest
from load.sections import SECTIONS, wanted
from load.tools import Ask
from support.cases import each_of


def test_paths_credentials_and_bodies_take_turns_each_in_its_own_time():
    """So each of 33 worlds gets another state each time: the numbers have no divisor in common."""
    ask = Ask("PATCH", [f"/{n}" for n in range(33)], ["a", ""], [b"%d" % n for n in range(40)])
    assert ask.nth(0) == (
        "/0",
        {"content-type": "application/json", "authorization": "Bearer a"},
        b"0",
    )
    path, headers, body = ask.nth(41)
    assert (path, body) == ("/8", b"1")
    assert "authorization" not in headers
    of_one_world = [ask.nth(n)[2] for n in range(0, 33 * 40, 33)]
    assert sorted(of_one_world) == sorted(ask.bodies)
    assert all(a != b for a, b in itertools.pairwise(of_one_world))


def test_wrk_reads_a_line_each_and_one_body_as_it_is():
    """A body of 12 MiB may hold line ends; several take turns by line."""
    several = Ask("PATCH", ("/a", "/b"), ("t", ""), (b"1", b"2"), {"accept-encoding": "gzip"})
    assert several.files() == {
        "paths": b"/a\n/b\n",
        "credentials": b"t\n\n",
        "headers": b"accept-encoding: gzip\n",
        "bodies": b"1\n2\n",
    }
    assert Ask("POST", ("/a",), (), (b"1\n2",)).files() == {"paths": b"/a\n", "body": b"1\n2"}
    assert several.with_credentials(["u"]).nth(1)[1]["authorization"] == "Bearer u"


ROWS = [
    Rest("floor", Ask("GET", ("/",)), is_base=True),
    Rest("connect, known", Ask("GET", ("/",))),
    Rest("connect, fresh", Ask("GET", ("/",))),
]


@each_of(
    ("only", "names"),
    [
        ("", ["floor", "connect, known", "connect, fresh"]),
        ("connect", ["floor", "connect, known", "connect, fresh"]),  # the section itself
        ("gzip, Connect", ["floor", "connect, known", "connect, fresh"]),
        ("known", ["floor", "connect, known"]),  # with what it is compared with
        ("entrance", []),  # another section
        ("mint", []),
        ("floor", ["floor"]),
        ("fairness", []),
    ],
)
def test_a_part_of_the_run_is_sections_or_rows_by_a_word(only, names):
    assert [row.name for row in wanted(ROWS, "connect", only)] == names


def test_sections_have_names_of_their_own():
    """They are blocks of the page, files of charts, and words for `--only`."""
    names = [section.name for section in SECTIONS]
    assert len(set(names)) == len(names)
    assert not {"targets", "fairness", "scale", "kernel"} & set(names)


@pytest.fixture(scope="module")
def edge() -> tuple[str, dict[str, Any]]:
    text = peer_edge(EdgeConfig((("127.0.0.1", 1),), admin_socket=private_socket()))
    return text, json.loads(text)


def test_the_peers_edge_is_one_that_envoy_takes(edge):
    validate(edge[0])


def test_the_peers_edge_has_what_any_public_service_wants_and_nothing_for_grpc(edge):
    """Its own paths, CORS, the log, our limits; HTTP/1.1 to the peer."""
    text, whole = edge
    resources = whole["static_resources"]
    rest = next(one for one in resources["listeners"] if one["name"] == "rest")
    manager = rest["filter_chains"][0]["filters"][0]["typed_config"]
    filters = [one["name"].removeprefix("envoy.filters.http.") for one in manager["http_filters"]]
    routes = manager["route_config"]["virtual_hosts"][0]["routes"]

    assert filters == ["buffer", "router"]
    assert {one["match"]["path"] for one in routes if "path" in one["match"]} == PATHS
    assert {one["route"]["cluster"] for one in routes if "route" in one} == {"servers"}
    told = {one["header"]["key"] for one in manager["route_config"]["response_headers_to_add"]}
    assert "access-control-allow-origin" in told
    assert manager["access_log"]
    assert manager["max_request_headers_kb"] == 32
    assert manager["generate_request_id"] is True
    assert [one["name"] for one in resources["clusters"]][:1] == ["servers"]
    assert "http_protocol_options" in text
    assert not [
        word for word in ("transcoder", "lua", "grpc_health", "x-conjure-edge") if word in text
    ]
