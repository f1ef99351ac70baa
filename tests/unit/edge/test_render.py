"""The limits of an edge, as its configuration has them."""

from __future__ import annotations

import dataclasses

import pytest

from conjure.edge.config import EdgeConfig
from conjure.edge.render import render
from conjure.settings import ServerSettings
from support.yaml_text import parsed

CONFIG = EdgeConfig(upstreams=(("127.0.0.1", 1),))


def rendered(**limits: int):
    return parsed(render(dataclasses.replace(CONFIG, **limits)))


def transcoder_of(configuration):
    rest = configuration["static_resources"]["listeners"][0]
    manager = rest["filter_chains"][0]["filters"][0]["typed_config"]
    (found,) = (
        item["typed_config"]
        for item in manager["http_filters"]
        if item["name"] == "envoy.filters.http.grpc_json_transcoder"
    )
    return found


def test_each_limit_is_where_envoy_reads_it():
    configuration = rendered(max_body_bytes=111, max_answer_bytes=222, max_connection_streams=333)
    transcoder = transcoder_of(configuration)
    assert transcoder["max_request_body_size"] == 111
    assert transcoder["max_response_body_size"] == 222
    servers = configuration["static_resources"]["clusters"][0]
    (options,) = servers["typed_extension_protocol_options"].values()
    http2 = options["explicit_http_config"]["http2_protocol_options"]
    assert http2["max_concurrent_streams"] == 333


def test_edge_and_server_agree_by_default():
    assert CONFIG.max_body_bytes == ServerSettings().max_body_bytes


@pytest.mark.parametrize("name", ["max_body_bytes", "max_answer_bytes", "max_connection_streams"])
def test_a_limit_is_positive(name):
    with pytest.raises(ValueError, match="limits"):
        rendered(**{name: 0})
