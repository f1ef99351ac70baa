"""The command line: from an engine to a report of what worked."""

from __future__ import annotations

import argparse
import contextlib
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from conjure.run.ports import free_port
from containers import bases, checks, engine as engines, standins
from containers.compose import Compose, NoCompose, NotHealthy, find_command
from containers.process import CommandFailed, run, tail
from containers.slow_call import SlowCall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from containers.bases import BaseImages
    from containers.engine import Engine

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "conjure-check"  # not `conjure`: somebody's own may run here
LOG = ROOT / "build" / "containers.log"
WORKED, FAILED, SKIPPED = 0, 1, 3
_LOG_LINES = 6
_FAILURES = (CommandFailed, NotHealthy, checks.CheckFailed, bases.Contradiction, httpx.HTTPError)


def main(arguments: list[str]) -> int:
    """Runs all of it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make containers", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the containers running")
    keep = parser.parse_args(arguments).keep
    LOG.parent.mkdir(exist_ok=True)
    LOG.unlink(missing_ok=True)
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="conjure-containers-") as directory:
            compose = _prepared(Path(directory))
            _build(compose)
            with _removed_at_the_end(compose, keep=keep):
                _use(compose, stop=not keep)
    except (engines.NoEngine, NoCompose, standins.CannotBeMade) as error:
        print(f"containers: SKIPPED, NOTHING WAS BUILT OR STARTED: {error}")
        return SKIPPED
    except _FAILURES as error:
        print(f"containers: FAILED: {error}\n  all output: {LOG}")
        return FAILED
    print(f"containers: all of it worked, in {time.monotonic() - started:.0f} s")
    return WORKED


def _prepared(directory: Path) -> Compose:
    """Finds the engine, what reads compose files, and the base images."""
    engine = engines.find(os.environ.get("ENGINE"), LOG)
    command = find_command(engine)
    engine, base_images = _base_images(engine, directory)
    print(f"· engine: {engine.version}; compose: {_compose_version(command)}")
    for path in engine.environment.values():
        print(f"  with {' '.join(Path(path).read_text().split())}")
    port = free_port()
    return Compose(
        engine=engine,
        command=command,
        root=ROOT,
        project=PROJECT,
        variables={**base_images.variables, "EDGE_PUBLISH": f"127.0.0.1:{port}"},
    )


def _base_images(engine: Engine, directory: Path) -> tuple[Engine, BaseImages]:
    """Returns the engine as it works here, and the base images."""
    pulled = bases.pull(engine, ROOT)
    if pulled is not None:
        return engines.adapted(engine, pulled.images["PYTHON_IMAGE"], directory), pulled
    debian = standins.debian(engine, directory)
    engine = engines.adapted(engine, debian, directory)
    return engine, standins.stand_ins(engine, debian, directory)


def _build(compose: Compose) -> None:
    for service in ("server", "edge"):
        before = time.monotonic()
        compose.build(service)
        print(f"ok {service}: image built in {time.monotonic() - before:.0f} s", flush=True)


@contextlib.contextmanager
def _removed_at_the_end(compose: Compose, *, keep: bool) -> Iterator[None]:
    """Removes the containers, whatever happens; those of a run that was killed before, too."""
    compose.down()
    try:
        yield
    except Exception:
        _show_logs(compose)
        raise
    finally:
        if not keep:
            compose.down()
    if keep:
        print(f"· they go on at {compose.variables['EDGE_PUBLISH']}, as the project {PROJECT}")
    elif left := compose.left():
        raise checks.CheckFailed(f"left behind: {', '.join(left)}")


def _use(compose: Compose, *, stop: bool) -> None:
    """What a person does with them, in the order in which they would."""
    before = time.monotonic()
    compose.start()
    _ok(f"store, server and edge are healthy after {time.monotonic() - before:.0f} s")
    url = f"http://{compose.variables['EDGE_PUBLISH']}"
    tenant = checks.first_run(compose, url)
    _ok(f"app {tenant.app} and its key, by `{' '.join(checks.FIRST_RUN)}`")
    world = checks.create_world(tenant)
    checks.read_back(tenant, world)
    _ok(f"world {world['id']} created through the edge, and read back")
    for service in compose.services():
        _ok(checks.hardened(compose, service))
    _ok(checks.published(compose))
    _ok(checks.survives_kill(compose, tenant, world))
    if not stop:
        return
    with SlowCall(tenant.rest, "/v1/worlds", {"premise": checks.PREMISE}) as call:
        before = time.monotonic()
        compose.stop()
        took_s = time.monotonic() - before
    checks.ended_well(compose)
    if call.outcome != "200":
        raise checks.CheckFailed(f"a call that was under way at the TERM: {call.outcome}")
    _ok(f"TERM: a call under way was answered, all ended by themselves, in {took_s:.1f} s")
    compose.start()
    checks.read_back(tenant, world)
    _ok("started again: the world is still there")


def _ok(text: str) -> None:
    print(f"ok {text}", flush=True)


def _show_logs(compose: Compose) -> None:
    for service in compose.services():
        with contextlib.suppress(CommandFailed):  # it may never have been made
            print(f"  the last lines of {service}:\n{tail(compose.logs(service), _LOG_LINES)}")


def _compose_version(command: tuple[str, ...]) -> str:
    lines = run([*command, "version"], timeout_s=30).strip().splitlines()
    return lines[0] if lines else command[0]
