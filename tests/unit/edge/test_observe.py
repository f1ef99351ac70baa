"""What the edge is told to tell: nothing unless asked, and only what Envoy accepts."""

from __future__ import annotations

import json

import pytest

from conjure.edge.config import EdgeConfig
from conjure.edge.observe import Insight, access_log
from conjure.edge.render import render, validate
from conjure.settings import TracingSettings
from support.cases import each_of
from support.yaml_text import parsed

SOCKET = "/tmp/conjure-edge-9901.sock"


def rendered(insight: Insight, **settings: object) -> dict:
    config = EdgeConfig(upstreams=(("127.0.0.1", 50051),), insight=insight, **settings)
    return parsed(render(config))


def managers(config: dict) -> dict[str, dict]:
    return {
        listener["name"]: listener["filter_chains"][0]["filters"][0]["typed_config"]
        for listener in config["static_resources"]["listeners"]
    }


def collector_of(config):
    (found,) = [one for one in config["static_resources"]["clusters"] if one["name"] == "collector"]
    return found


def test_by_default_there_are_no_spans_and_no_numbers_beyond_loopback():
    config = rendered(Insight())
    assert set(managers(config)) == {"rest", "grpc", "admin"}
    assert [manager.get("tracing") for manager in managers(config).values()] == [None] * 3
    clusters = [cluster["name"] for cluster in config["static_resources"]["clusters"]]
    assert clusters == ["servers", "unary", "unary_writes", "admin"]
    assert config["admin"] == {"address": {"pipe": {"path": SOCKET, "mode": 0o600}}}
    (way,) = [one for one in config["static_resources"]["listeners"] if one["name"] == "admin"]
    assert way["address"]["socket_address"] == {"address": "127.0.0.1", "port_value": 9901}


def test_who_reads_an_answer_of_the_admin_page_to_its_end_does_not_wait():
    """Envoy's own 5 and 1 s, three times over, were longer than the container had to end (edge/run.sh)."""
    way = managers(rendered(Insight()))["admin"]
    assert (way["drain_timeout"], way["delayed_close_timeout"]) == ("0.1s", "0s")


@pytest.mark.parametrize("path", ["admin.sock", "/" + "x" * 107])
def test_a_socket_that_cannot_be_is_refused(path):
    with pytest.raises(ValueError, match="admin_socket"):
        rendered(Insight(), admin_socket=path)


def test_both_listeners_trace_to_one_collector():
    config = rendered(Insight(TracingSettings("http://collector", ratio=0.25)))
    for manager in (managers(config)[name] for name in ("rest", "grpc")):
        assert manager["tracing"]["random_sampling"] == {"value": 25.0}
        assert manager["tracing"]["client_sampling"] == {"value": 0}
    collector = collector_of(config)
    address = collector["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"]
    assert address["socket_address"] == {"address": "collector", "port_value": 4317}
    assert "transport_socket" not in collector


@pytest.mark.parametrize(
    "insight",
    [
        Insight(TracingSettings("https://collector.example:4317", headers="a=b,c=d")),
        Insight(TracingSettings("http://127.0.0.1:4317"), metrics_port=9465),
        Insight(metrics_host="0.0.0.0", metrics_port=9465),
    ],
    ids=["tls", "both", "metrics"],
)
def test_envoy_accepts_it(insight):
    validate(render(EdgeConfig(upstreams=(("127.0.0.1", 50051),), insight=insight)))


def test_a_collector_over_tls_is_checked_by_its_name():
    config = rendered(Insight(TracingSettings("https://collector.example")))
    socket = collector_of(config)["transport_socket"]["typed_config"]
    context = socket["common_tls_context"]["validation_context"]
    assert socket["sni"] == "collector.example"
    assert context["match_typed_subject_alt_names"][0]["matcher"] == {"exact": "collector.example"}


@each_of(
    "wrong",
    [
        {"endpoint": "collector:4317"},
        {"endpoint": "http://"},
        {"endpoint": "http://u:hunter2@collector"},
        {"ratio": 1.5},
        {"ratio": float("nan")},
    ],
    ids=str,
)
def test_what_cannot_work_is_refused_without_telling_it(wrong):
    with pytest.raises(ValueError) as raised:
        rendered(Insight(TracingSettings(**wrong)))
    assert "hunter2" not in str(raised.value)
    assert "hunter2" not in repr(Insight(TracingSettings(headers="a=hunter2")))


def test_the_access_log_is_json_and_may_be_off():
    assert access_log("", grpc_status="x") == []
    for log in access_log("stdout", grpc_status="x"):
        told = log["typed_config"]["log_format"]["json_format"]
        assert {"request_id", "trace_id", "path", "status"} <= set(told)
        assert "AUTHORIZATION" not in json.dumps(told).upper()
    plain, careful = (
        log["typed_config"]["log_format"]["json_format"]
        for log in access_log("stdout", grpc_status="x")
    )
    assert "NQ" in plain["path"]  # no query
    assert careful["path"] == "[redacted]"
