"""What gRPC is told before it is imported, and that the gRPC that is pinned still listens."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import grpc
import pytest

from conjure.core import grpc_environment
from conjure.core.grpc_environment import prepare
from conjure.run.grpc_core import forgotten
from support.cases import each_of

if TYPE_CHECKING:
    from pathlib import Path

OFF = "-event_engine_listener"


@each_of(
    ("given", "set_to"),
    [
        (None, OFF),
        ("", OFF),
        ("tcp_rcv_lowat", f"tcp_rcv_lowat,{OFF}"),
        (" tcp_rcv_lowat , -monitoring_experiment,", f"tcp_rcv_lowat,-monitoring_experiment,{OFF}"),
        ("event_engine_listener", "event_engine_listener"),
        (f"{OFF},tcp_rcv_lowat", f"{OFF},tcp_rcv_lowat"),
    ],
)
def test_what_an_operator_says_of_experiments_stays(given: str | None, set_to: str):
    environment = {} if given is None else {"GRPC_EXPERIMENTS": given}
    for _ in range(2):  # a child inherits what its parent set
        prepare(environment)
        assert environment["GRPC_EXPERIMENTS"] == set_to


def test_what_an_operator_says_of_forks_stays():
    environment = {"GRPC_ENABLE_FORK_SUPPORT": "true"}
    prepare(environment)
    assert environment["GRPC_ENABLE_FORK_SUPPORT"] == "true"


@pytest.mark.parametrize("program", ["conjure.__main__", "conjure.run.heavy", "conjure.app"])
def test_the_environment_is_set_before_grpc_is_imported(program: str):
    script = f"""
import builtins, importlib, os
original, seen = builtins.__import__, []
def watched(name, *rest, **named):
    if name.partition(".")[0] == "grpc" and not seen:
        seen.append(os.environ.get("GRPC_EXPERIMENTS"))
    return original(name, *rest, **named)
builtins.__import__ = watched
importlib.import_module({program!r})
import grpc
print(seen[0])
"""
    assert _output(script).stdout.strip() == OFF


def test_the_pinned_grpc_knows_what_is_turned_off():
    assert forgotten() == (), (
        f"grpcio {grpc.__version__} has no experiment of that name any more, so it cannot be turned off: measure a"
        " gRPC connect (tests/load) with this release and with the one before. When it is as cheap, take the"
        " name out of core/grpc_environment.py; else keep the pin."
    )


def test_a_grpc_that_does_not_know_it_is_noticed(tmp_path: Path):
    library = tmp_path / "cygrpc.so"
    library.write_bytes(b"\0event_engine_listener_for_all\0event_engine_client\0")
    assert grpc_environment.forgotten(library) == ("event_engine_listener",)


def test_grpc_itself_does_not_call_it_unknown():
    script = "import conjure, grpc; grpc.insecure_channel('127.0.0.1:1').close()"
    assert "Unknown experiment" not in _output(script).stderr
    # It does say so of others: else the line above says nothing.
    told = _output(script, GRPC_EXPERIMENTS="-no_such_experiment").stderr
    assert "Unknown experiment: no_such_experiment" in told


def _output(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "GRPC_EXPERIMENTS"}
    return subprocess.run(
        [sys.executable, "-c", script],
        env=inherited | environment,
        check=True,
        capture_output=True,
        text=True,
    )
