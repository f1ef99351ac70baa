"""The parts of `make containers` that need no engine, and what it says where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from containers import checks, engine, process
from containers.compose import start_order

ROOT = Path(__file__).parents[3]
STATUS = """Name:\tconjure
Groups:\t
Uid:\t10001\t10001\t10001\t10001
CapPrm:\t0000000000000000
CapEff:\t0000000000000000
CapBnd:\t0000000000000000
NoNewPrivs:\t1
"""


def executable(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


class TestWithoutAnEngine:
    """No engine is nothing that failed, and nothing that worked."""

    def test_it_says_skipped_and_ends_with_3(self, tmp_path):
        """As loud as `make load` when a tool is missing."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "tests/containers")],
            env={**os.environ, "PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 3
        assert "containers: SKIPPED, NOTHING WAS BUILT OR STARTED" in done.stdout
        assert "docker: not installed; podman: not installed" in done.stdout

    def test_a_daemon_that_does_not_run_is_no_engine(self, tmp_path, monkeypatch):
        """The reason is the engine's own; the next one is tried."""
        executable(tmp_path / "docker", "echo no daemon here >&2; exit 1")
        executable(tmp_path / "podman", "echo podman version 5.0.0")
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        assert engine.find().name == "podman"
        with pytest.raises(engine.NoEngine, match="docker: no daemon here"):
            engine.find("docker")

    def test_a_docker_that_is_podman_is_used_as_podman(self, tmp_path, monkeypatch):
        """The package podman-docker brings such a command."""
        for name in ("docker", "podman"):
            executable(tmp_path / name, "echo podman version 5.0.0")
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        assert engine.find().name == "podman"


class TestContainersConf:
    """What podman is told where it cannot do as it would."""

    def test_limits_and_runtime(self):
        """TOML that containers.conf(5) describes."""
        assert engine.containers_conf({"nofile": 20, "nproc": 5}, "runc") == (
            '[containers]\ndefault_ulimits = ["nofile=20:20", "nproc=5:5"]\n[engine]\nruntime = "runc"\n'
        )

    def test_nothing_to_say(self):
        """Sections without a word leave all defaults."""
        assert engine.containers_conf({}, "") == "[containers]\n[engine]\n"


class TestHardening:
    """Read from /proc/1/status of a container."""

    def test_a_good_one_gives_its_user(self):
        """That of process 1, whatever the image says."""
        assert checks.uid_without_privileges("server", STATUS) == 10001

    @pytest.mark.parametrize(
        ("was", "now", "said"),
        [
            ("Uid:\t10001", "Uid:\t0", "runs as root"),
            ("CapEff:\t00", "CapEff:\t01", "CapEff"),
            ("CapBnd:\t00", "CapBnd:\t01", "CapBnd"),
            ("NoNewPrivs:\t1", "NoNewPrivs:\t0", "may gain privileges"),
        ],
    )
    def test_each_privilege_is_seen(self, was, now, said):
        """And named with its service."""
        with pytest.raises(checks.CheckFailed, match=f"server.*{said}"):
            checks.uid_without_privileges("server", STATUS.replace(was, now))


class TestReading:
    """What commands and logs say."""

    def test_app_and_key(self):
        """Some engines print before it."""
        assert checks.app_and_key("warning: x\nan-app\nsk_test_1\n") == ("an-app", "sk_test_1")
        with pytest.raises(checks.CheckFailed):
            checks.app_and_key("an-app\n")

    def test_events_of_a_log(self):
        """Lines that are not ours have none."""
        assert checks.event_of('{"event": "draining", "level": "info"}') == "draining"
        assert [checks.event_of(line) for line in ("", "text", "[1]", "{}")] == [None] * 4

    def test_a_service_comes_after_what_it_depends_on(self):
        """Whatever their order in the file."""
        services = {"c": {"depends_on": {"b": {}}}, "b": {"depends_on": ["a"]}, "a": {}}
        assert start_order({"services": services}) == ["a", "b", "c"]

    def test_a_failed_command_shows_its_last_lines(self):
        """Both of what it printed and of its errors; the log has all."""
        with pytest.raises(process.CommandFailed, match=r"exit code 7\n    out\n    err$"):
            process.run(["sh", "-c", "echo out; echo err >&2; exit 7"], timeout_s=10)
        with pytest.raises(process.CommandFailed, match="no end within 0 s"):
            process.run(["sleep", "10"], timeout_s=0.1)
        with pytest.raises(process.CommandFailed, match="no-such-program"):
            process.run(["no-such-program"], timeout_s=1)
