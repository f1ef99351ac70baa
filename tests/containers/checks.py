"""What is asked of the running containers. Each check returns one line on what it saw, or raises CheckFailed."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from containers.process import CommandFailed

if TYPE_CHECKING:
    from containers.compose import Compose

FIRST_RUN = ("conjure", "apps", "create", "demo", "--key", "secret")
"""The command that the documents name for the first app and its key."""

PREMISE = "a clockmaker who repairs a frozen city"
_RECOVERY_S = 30
_UID_LINE, _CAPABILITY_LINES = "Uid:", ("CapPrm:", "CapEff:", "CapBnd:")


class CheckFailed(Exception):
    """The containers run and do not do what they should; the text says what was seen."""


@dataclass(frozen=True)
class Tenant:
    """An app, its secret key, and a client for the edge that holds it."""

    app: str
    rest: httpx.Client


def first_run(compose: Compose, url: str) -> Tenant:
    """Makes the first app and its key by the documented command. Raises CheckFailed, CommandFailed."""
    app, key = app_and_key(compose.exec("server", *FIRST_RUN))
    rest = httpx.Client(
        base_url=url,
        headers={"authorization": f"Bearer {key}"},
        trust_env=False,  # the edge is on loopback, whatever proxy this machine has
        timeout=30,
    )
    return Tenant(app, rest)


def app_and_key(output: str) -> tuple[str, str]:
    """Returns the app's id and the key that FIRST_RUN printed. Raises CheckFailed."""
    # Engines add lines of their own on some machines; ours are the last two.
    lines = output.split()[-2:]
    if len(lines) != 2 or not lines[1].startswith("sk_test_"):
        raise CheckFailed(f"no app and key in {output!r}")
    return lines[0], lines[1]


def create_world(tenant: Tenant) -> dict[str, Any]:
    """Creates a world from a premise through the edge; returns it as it then reads. Raises CheckFailed."""
    answer = tenant.rest.post("/v1/worlds", json={"premise": PREMISE})
    if answer.status_code != 200:
        raise CheckFailed(f"POST /v1/worlds: {answer.status_code} {answer.text[:300]}")
    return _get_world(tenant, answer.json()["worldId"])


def read_back(tenant: Tenant, world: dict[str, Any]) -> None:
    """The world reads as it did. Raises CheckFailed."""
    found = _get_world(tenant, world["id"])
    if found != world:
        raise CheckFailed(f"the world {world['id']} reads otherwise than before: {found}")


def _get_world(tenant: Tenant, world_id: str) -> dict[str, Any]:
    answer = tenant.rest.get(f"/v1/worlds/{world_id}")
    if answer.status_code != 200:
        raise CheckFailed(f"GET /v1/worlds/{world_id}: {answer.status_code} {answer.text[:300]}")
    world: dict[str, Any] = answer.json()
    if world["id"] != world_id:
        raise CheckFailed(f"GET /v1/worlds/{world_id} answers {world['id']}")
    return world


def _wait_until_served(tenant: Tenant) -> None:
    """Returns when the edge has a server whose store answers. Raises CheckFailed."""
    end = time.monotonic() + _RECOVERY_S
    while (status := tenant.rest.get("/healthz").status_code) != 200:
        if time.monotonic() > end:
            raise CheckFailed(
                f"GET /healthz is {status}, {_RECOVERY_S} s after the store came back"
            )
        time.sleep(0.1)


def hardened(compose: Compose, service: str) -> str:
    """No root, no capability, no new privilege, nothing to write but /tmp. Raises CheckFailed, CommandFailed."""
    status = compose.exec(service, "cat", "/proc/1/status")
    uid = uid_without_privileges(service, status)
    if not compose.engine.inspect(compose.container(service))["HostConfig"]["ReadonlyRootfs"]:
        raise CheckFailed(f"{service}: its file system can be written")
    return f"{service}: uid {uid}, read-only, no capabilities, no new privileges"


def uid_without_privileges(service: str, status: str) -> int:
    """Returns the user id in a /proc/1/status; raises CheckFailed for root, a capability, a way to privileges."""
    facts = {line.split()[0]: line.split()[1:] for line in status.splitlines() if line.split()[1:]}
    uid = int(facts[_UID_LINE][0])
    if uid == 0:
        raise CheckFailed(f"{service} runs as root")
    for name in _CAPABILITY_LINES:
        if int(facts[name][0], 16):
            raise CheckFailed(f"{service} has capabilities: {name} {facts[name][0]}")
    if facts["NoNewPrivs:"] != ["1"]:
        raise CheckFailed(f"{service} may gain privileges")
    return uid


def published(compose: Compose) -> str:
    """Only the edge has a port on this machine, and it cannot reach the store. Raises CheckFailed."""
    for service in compose.services():
        ports = compose.engine.inspect(compose.container(service))["NetworkSettings"]["Ports"] or {}
        open_ports = sorted(name for name, bound in ports.items() if bound)
        if open_ports != (["8080/tcp"] if service == "edge" else []):
            raise CheckFailed(f"{service} publishes {open_ports}")
    try:
        compose.exec("edge", "bash", "-c", "exec 3<>/dev/tcp/store/6379")
    except CommandFailed:
        return "only the edge's 8080 is published; the store is out of the edge's reach"
    raise CheckFailed("the edge reaches the store")


def survives_kill(compose: Compose, tenant: Tenant, world: dict[str, Any]) -> str:
    """KILL to the store right after a write: the write is there when it is back.

    Raises CheckFailed, CommandFailed, NotHealthy.
    """
    written = create_world(tenant)
    container = compose.container("store")
    compose.engine("kill", "--signal", "KILL", container)
    compose.engine("start", container)
    compose.wait_healthy("store")
    _wait_until_served(tenant)  # an engine tells of bad health only after some failures in a row
    for one in (world, written):
        read_back(tenant, one)
    return "a store that is killed comes back with every acknowledged write"


def ended_well(compose: Compose) -> None:
    """Every container ended by itself, the server after a drain. Raises CheckFailed, CommandFailed."""
    for service in compose.services():
        state = compose.engine.inspect(compose.container(service))["State"]
        if state["Running"] or state["ExitCode"] != 0:
            raise CheckFailed(f"{service} ended with {state['ExitCode']} (137: it was killed)")
    events = [event for line in compose.logs("server").splitlines() if (event := event_of(line))]
    if events[-2:] != ["draining", "stopped"]:
        raise CheckFailed(f"the server's last events are {events[-3:]}")


def event_of(line: str) -> str | None:
    """Returns the event of a line of the server's log; None for what is not one."""
    try:
        event = json.loads(line)["event"]
    except (ValueError, KeyError, TypeError):
        return None
    return str(event)
