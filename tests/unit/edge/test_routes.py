"""Routes as they are made from the contract."""

from __future__ import annotations

import re

from conjure.edge.cors import Cors
from conjure.edge.descriptor import rest_methods
from conjure.edge.routes import HOT, RETRY_POLICY, rest_routes
from support.cases import each_of

ROUTES = rest_routes(
    rest_methods(),
    timeout_s=1,
    model_timeout_s=2,
    transcoder={"max_request_body_size": 1},
    cors=Cors(),
)
NAMED = [route for route in ROUTES if "name" in route]


def hashed(route: dict, path: str) -> str | None:
    """What Envoy hashes of a path: RE2 reads the expression as Python does."""
    policies = route["route"]["hash_policy"]
    if not policies:
        return None
    (policy,) = policies
    rewrite = policy["header"]["regex_rewrite"]
    assert policy["header"]["header_name"] == "x-envoy-original-path"
    return re.sub(rewrite["pattern"]["regex"], rewrite["substitution"], path)


@each_of("method", rest_methods(), ids=lambda method: f"{method.verb} {method.path}")
def test_a_call_is_hashed_by_the_first_parameter_of_its_path(method):
    routes = [route for route in NAMED if route["name"] == method.path]
    (route,) = [one for one in routes if verb_of(one) == method.verb]
    path = re.sub(r"\{(\w+)\}", r"<\1>", method.path)
    parameters = method.binding.parameters
    expected = f"<{parameters[0]}>" if parameters and not method.is_stream else None
    assert hashed(route, path) == expected
    assert hashed(route, f"{path}?id=/v1/worlds/other/") == expected


def verb_of(route: dict) -> str:
    return route["match"]["headers"][0]["string_match"]["exact"]


def test_what_changes_a_world_is_kept_together_and_all_else_is_shared():
    found = {(verb_of(route), route["name"]): route["route"]["cluster"] for route in NAMED}
    assert found["PATCH", "/v1/worlds/{id}/entrance"] == "unary_writes"
    assert found["GET", "/v1/worlds/{id}"] == found["HEAD", "/v1/worlds/{id}"] == "unary"
    assert found["POST", "/v1/worlds/{id}/lint"] == "unary"
    assert found["POST", "/v1/sessions/connect"] == found["POST", "/v1/worlds"] == "unary"
    assert found["GET", "/v1/worlds/{id}/events-stream"] == "servers"


def test_a_call_that_waits_for_a_model_has_more_time():
    given = {(verb_of(route), route["name"]): route["route"]["timeout"] for route in NAMED}
    assert given["POST", "/v1/worlds"] == "2s"
    assert given["GET", "/v1/worlds"] == given["POST", "/v1/worlds/{id}/ops"] == "1s"


def test_a_retry_finds_another_server():
    """Each attempt hashes anew: with two servers it is the lost one again half of the time."""
    assert 0.5 ** RETRY_POLICY["host_selection_retry_max_attempts"] < 1e-5


def test_no_expression_for_a_405_stands_before_a_method():
    """Each that is tried in vain costs a call Envoy's time; a literal path costs next to nothing."""
    is_405 = [route.get("direct_response") == {"status": 405} for route in ROUTES]
    last = max(number for number, route in enumerate(ROUTES) if "name" in route)
    refused = [route for route, is_it in zip(ROUTES[:last], is_405, strict=False) if is_it]
    assert refused
    assert all("path" in route["match"] for route in refused)


def test_no_path_is_like_a_hot_one_that_stands_before_it():
    paths = {method.path for method in rest_methods()}
    for hot in HOT:
        assert hot in paths
        like = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(hot)))
        assert [path for path in paths if like.fullmatch(path)] == [hot]


def test_a_get_that_changes_something_is_no_read():
    """It is not sent twice."""
    once = {
        (verb_of(route), route["name"])
        for route in NAMED
        if verb_of(route) in {"GET", "HEAD"} and route["route"]["retry_policy"] is RETRY_POLICY
    }
    assert once == {("GET", "/demo"), ("HEAD", "/demo")}


def test_what_asks_for_no_credential_is_told_the_name_that_was_called():
    told = {(verb_of(route), route["name"]) for route in NAMED if "request_headers_to_add" in route}
    assert told >= {(verb, path) for verb in ("GET", "HEAD") for path in ("/", "/demo")}
    assert not [path for _, path in told if path.startswith("/v1/")]
