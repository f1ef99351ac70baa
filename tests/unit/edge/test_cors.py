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
from support.edge.services import revocation, service_of

CONSOLE = "https://console.example"


def routes(cors: Cors) -> list[dict[str, Any]]:
    return rest_routes(
        rest_methods(), timeout_s=1, transcoder={"max_request_body_size": 1}, cors=cors
    )


def preflights(cors: Cors) -> list[dict[str, Any]]:
    return [one for one in routes(cors) if one.get("direct_response") == {"status": 200}]


@pytest.fixture
def with_console(monkeypatch):
    """The contract has two paths of user sessions too."""
    added = rpcs_of(service_of(revocation(), scheme=auth_pb2.SCHEME_USER))
    monkeypatch.setattr("conjure.edge.descriptor.rpcs", lambda: (*rpcs(), *added))


def test_each_path_has_one_and_so_has_any_other():
    paths = {method.path for method in rest_methods()}
    assert len(preflights(Cors())) == len(paths) + 1


def test_they_say_what_the_405_of_the_path_says():
    def told(route):
        return route["response_headers_to_add"][0]["header"]["value"]

    for route in preflights(Cors())[:-1]:
        match = {name: value for name, value in route["match"].items() if name != "headers"}
        (refusal,) = [one for one in routes(Cors()) if one["match"] == match]
        assert told(route) == told(refusal)


@pytest.mark.usefixtures("with_console")
@pytest.mark.parametrize(
    ("cors", "added"), [(Cors(), 0), (Cors(console_origins=CONSOLE), 2), (Cors(""), None)]
)
def test_user_sessions_have_none_by_default(cors, added):
    others = {method.path for method in rest_methods() if not method.is_for_users}
    expected = 0 if added is None else len(others) + 1 + added
    assert len(preflights(cors)) == expected


@pytest.mark.usefixtures("with_console")
def test_each_route_of_a_user_session_takes_the_common_headers_away():
    """Those of its methods, of a body in a coding, and of other verbs; no other route does."""
    for cors, kept in ((Cors(), []), (Cors(console_origins=CONSOLE), ["append"] * 3)):
        changed = []
        for route in routes(cors):
            found = route["typed_per_filter_config"].get("envoy.filters.http.header_mutation")
            if found is not None:
                changed.append(route["match"]["safe_regex"]["regex"])
                steps = found["mutations"]["response_mutations"]
                assert [next(iter(step)) for step in steps] == ["remove", "remove", *kept]
        assert len(changed) == 6 + 2 * bool(kept)
        assert all(path.startswith("/v1/apps/") for path in changed)


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
    assert "access-control-allow-origin" not in repr(routes(Cors()))


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
