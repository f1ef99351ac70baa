"""`conjure edge` reads what it shares with the servers from the same variables."""

from __future__ import annotations

import pytest

from support.cli import Conjure
from support.yaml_text import parsed


@pytest.fixture
def written(stack, tmp_path):
    """The Envoy configuration that an environment makes."""
    conjure = Conjure(stack, tmp_path)

    async def write(*options, **variables):
        code, _, errors = await conjure("edge", "--write", "envoy.yaml", *options, **variables)
        assert (code, errors) == (0, "")
        return parsed((tmp_path / "envoy.yaml").read_text())

    return write


def values(found, name):
    """Every value of a member, wherever it stands."""
    if isinstance(found, dict):
        yield from (value for key, value in found.items() if key == name)
        found = list(found.values())
    if isinstance(found, list):
        for item in found:
            yield from values(item, name)


async def test_one_variable_turns_both(written):
    """The limits of bodies and streams, and the pace of health checks."""
    config = await written(
        CONJURE_SERVER_MAX_BODY_BYTES="54321",
        CONJURE_SERVER_MAX_CONNECTION_STREAMS="77",
        CONJURE_EDGE_HEALTH_INTERVAL_S="0.25",
    )
    assert 54_321 in values(config, "max_request_body_size")
    clusters = config["static_resources"]["clusters"]
    assert set(values(clusters, "max_concurrent_streams")) == {77}
    assert set(values(clusters, "interval")) == {"0.25s"}


async def test_the_collector_is_that_of_the_servers_unless_an_option_says_otherwise(written):
    environment = {"CONJURE_TRACING_ENDPOINT": "http://one:4317", "CONJURE_TRACING_RATIO": "0.25"}
    config = await written(**environment)
    assert {"value": 25.0} in values(config, "random_sampling")
    assert "one" in values(config, "address")
    config = await written("--tracing", "http://two", "--tracing-ratio", "0.5", **environment)
    assert {"value": 50.0} in values(config, "random_sampling")
    assert "two" in values(config, "address")
    assert "one" not in values(config, "address")


@pytest.mark.parametrize(
    ("options", "variables", "named"),
    [
        ((), {"CONJURE_TRACING_RATIO": "2"}, "CONJURE_TRACING_RATIO must be a number from 0 to 1"),
        (("--tracing", "collector:4317"), {}, "CONJURE_TRACING_ENDPOINT must be an http(s) URL"),
        (("--tracing-headers", "hunter2"), {}, "CONJURE_TRACING_HEADERS must be name=value"),
        ((), {"CONJURE_SERVER_MAX_BODY_BYTES": "0"}, "CONJURE_SERVER_MAX_BODY_BYTES must be"),
    ],
)
async def test_the_rules_are_those_of_the_settings(stack, tmp_path, options, variables, named):
    conjure = Conjure(stack, tmp_path)
    code, _, errors = await conjure("edge", "--write", "envoy.yaml", *options, **variables)
    assert code == 2
    assert named in errors
    assert "hunter2" not in errors
