"""Who may read which route is derived from the protos' `auth` option alone."""

from __future__ import annotations

from typing import Any

import pytest
from google.api import http_pb2

from conjure.contract import rpcs, rpcs_of
from conjure.edge.config import EdgeConfig
from conjure.edge.cors import Cors
from conjure.edge.descriptor import rest_methods
from conjure.edge.render import render
from conjure.edge.routes import rest_routes
from conjure.v1 import auth_pb2
from support.edge.services import service_of

CONSOLE = "https://console.example"


def routes(cors: Cors) -> list[dict[str, Any]]:
    return rest_routes(
        rest_methods(),
        timeout_s=1,
        model_timeout_s=2,
        transcoder={"max_request_body_size": 1},
        cors=cors,
    )


def preflights(cors: Cors) -> list[dict[str, Any]]:
    return [one for one in routes(cors) if one.get("direct_response") == {"status": 200}]


def place_of(route: dict[str, Any]) -> str:
    match = route["match"]
    return str(match.get("path") or match.get("safe_regex", {}).get("regex", ""))


def test_each_path_has_one_and_so_has_any_other():
    paths = {method.path for method in rest_methods()}
    assert len(preflights(Cors(console_origins=CONSOLE))) == len(paths) + 1


def test_they_say_what_the_405_of_the_path_says():
    def told(route):
        return route["response_headers_to_add"][0]["header"]["value"]

    for route in preflights(Cors())[:-1]:
        match = {name: value for name, value in route["match"].items() if name != "headers"}
        (refusal,) = [one for one in routes(Cors()) if one["match"] == match]
        assert told(route) == told(refusal)


def test_user_sessions_have_none_by_default():
    for_users = {method.path for method in rest_methods() if method.is_for_users}
    others = {method.path for method in rest_methods()} - for_users
    assert len(preflights(Cors())) == len(others) + 1
    assert len(preflights(Cors(console_origins=CONSOLE))) == len(others) + 1 + len(for_users)
    assert preflights(Cors("")) == []


def test_each_route_of_a_user_session_takes_the_common_headers_away():
    """Those of its methods, of a body in a coding, and of other verbs; no other route does."""
    for cors, kept in ((Cors(), []), (Cors(console_origins=CONSOLE), ["append"] * 3)):
        changed, of_users = [], []
        for route in routes(cors):
            if (place := place_of(route)).startswith("/v1/apps"):
                of_users.append(place)
            found = route["typed_per_filter_config"].get("envoy.filters.http.header_mutation")
            if found is not None:
                changed.append(place)
                steps = found["mutations"]["response_mutations"]
                assert [next(iter(step)) for step in steps] == ["remove", "remove", *kept]
        assert changed == of_users != []


def test_a_path_that_is_for_both_stops_the_edge(monkeypatch):
    add = service_of(
        http_pb2.HttpRule(post="/v1/worlds/{id}", body="*"), scheme=auth_pb2.SCHEME_USER
    )
    monkeypatch.setattr("conjure.edge.descriptor.rpcs", lambda: (*rpcs(), *rpcs_of(add)))
    with pytest.raises(ValueError, match=r"/v1/worlds/\{id\}: user sessions have paths of their"):
        routes(Cors())


def test_what_is_said_of_every_answer_stands_once_and_not_in_each_route():
    """The configuration grows by each route, and what origins may do is no matter of routes."""
    text = render(EdgeConfig(upstreams=(("127.0.0.1", 1),)))
    assert text.count("access-control-allow-headers") == 1
    of_others = [route for route in routes(Cors()) if not place_of(route).startswith("/v1/apps")]
    assert "access-control-allow-origin" not in repr(of_others)


@pytest.mark.parametrize("origins", ["*, https://x", "null", "https://x/y", "x"])
def test_an_edge_refuses_what_is_no_list(origins):
    for cors in (Cors(origins), Cors(console_origins=origins), Cors(console_origins="*")):
        with pytest.raises(ValueError, match="is no origin"):
            EdgeConfig(upstreams=(("127.0.0.1", 1),), cors=cors).verify()


def test_an_edge_says_that_a_list_is_too_long():
    """Envoy would say no more than that some message failed validation."""
    for count, error in ((100, None), (200, "too long")):
        origins = ",".join(f"https://*.studio{number}.example" for number in range(count))
        for cors in (Cors(origins), Cors(console_origins=origins)):
            config = EdgeConfig(upstreams=(("127.0.0.1", 1),), cors=cors)
            if error is None:
                config.verify()
            else:
                with pytest.raises(ValueError, match=error):
                    config.verify()
