"""docker-compose.yml, started and stopped by whatever reads compose files for the engine at hand."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from containers.process import CommandFailed, run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from containers.engine import Engine

BUILD_S = 1200
HEALTHY_S = 120
STOP_S = 90
_POLL_S = 0.5


class NotHealthy(Exception):
    """A container whose health check does not pass; the text has what it said last."""


class NoCompose(Exception):
    """The engine is there, and nothing that reads compose files for it."""


@dataclass(frozen=True)
class Compose:
    """One project: the services of the file under a name of their own, apart from anybody's."""

    engine: Engine
    command: tuple[str, ...]
    root: Path
    project: str
    variables: Mapping[str, str] = field(default_factory=dict)  # what the file reads

    def __call__(self, *arguments: str, timeout_s: float = HEALTHY_S) -> str:
        """Runs a compose command on the project; returns its output. Raises CommandFailed."""
        return run(
            [*self.command, "--file", str(self.root / "docker-compose.yml"), "--project-name", self.project,
             *arguments],
            timeout_s=timeout_s,
            environment={**self.engine.environment, **self.variables},
            log=self.engine.log,
        )  # fmt: skip

    def services(self) -> list[str]:
        """Returns the services of the file, each after those that it depends on."""
        return start_order(yaml.safe_load((self.root / "docker-compose.yml").read_text()))

    def build(self, service: str) -> None:
        """Builds the image of a service. Raises CommandFailed."""
        self("build", service, timeout_s=BUILD_S)

    def start(self) -> None:
        """Starts all services, each once those it depends on are healthy. Raises CommandFailed, NotHealthy."""
        if self.engine.name == "docker":
            self("up", "--detach", "--wait", timeout_s=2 * HEALTHY_S)
            return
        # podman-compose waits for nobody's health before podman 4.6, and no health check of podman runs by
        # itself where systemd does not: so in order, with the checks run by hand.
        for service in self.services():
            self("up", "--detach", "--no-deps", service)
            self.wait_healthy(service)

    def wait_healthy(self, service: str, limit_s: float = HEALTHY_S) -> None:
        """Returns when the service's own health check passes. Raises NotHealthy."""
        end = time.monotonic() + limit_s
        while True:
            health = self._health(service)
            if health.get("Status") == "healthy":
                return
            if time.monotonic() > end:
                last = (health.get("Log") or [{}])[-1]
                raise NotHealthy(f"{service} is not healthy after {limit_s:.0f} s: {last}")
            time.sleep(_POLL_S)

    def exec(self, service: str, *command: str) -> str:
        """Runs a command in the container of a service. Raises CommandFailed."""
        return self("exec", "-T", service, *command)

    def container(self, service: str) -> str:
        """Returns the id of a service's container, running or not. Raises CommandFailed."""
        found = self.engine(
            "ps", "--all", "--quiet", *self._mine(), "--filter", f"label=com.docker.compose.service={service}"
        ).split()  # fmt: skip
        if len(found) != 1:
            raise CommandFailed(f"{service} has {len(found)} containers")
        return found[0]

    def logs(self, service: str) -> str:
        """Returns all that a service has written. Raises CommandFailed."""
        return run(
            [self.engine.name, "logs", self.container(service)],
            timeout_s=30,
            environment=self.engine.environment,
            merge=True,
        )

    def stop(self) -> None:
        """TERM to all services, each after those that depend on it. Raises CommandFailed."""
        if self.engine.name == "docker":
            self("stop", timeout_s=STOP_S)
            return
        # podman-compose tells all at once: the store would be gone while the server still drains.
        for service in reversed(self.services()):
            self("stop", service, timeout_s=STOP_S)

    def down(self) -> None:
        """Removes containers, networks and the volume, not the images. Raises CommandFailed."""
        self("down", "--volumes", timeout_s=STOP_S)

    def left(self) -> list[str]:
        """Returns what still has the project's name: containers, volumes, networks. Raises CommandFailed."""
        return [
            *self.engine("ps", "--all", "--quiet", *self._mine()).split(),
            *(
                name
                for kind in ("volume", "network")
                for name in self.engine(kind, "ls", "--format", "{{.Name}}").split()
                if name.startswith(f"{self.project}_")
            ),
        ]

    def _health(self, service: str) -> dict[str, Any]:
        container = self.container(service)
        if self.engine.name == "podman":
            with contextlib.suppress(CommandFailed):  # what it found stands in the state
                self.engine("healthcheck", "run", container)
        health: dict[str, Any] = self.engine.inspect(container)["State"].get("Health") or {}
        return health

    def _mine(self) -> tuple[str, str]:
        return ("--filter", f"label=com.docker.compose.project={self.project}")


def find_command(engine: Engine) -> tuple[str, ...]:
    """Returns the compose command for an engine. Raises NoCompose."""
    if engine.name == "podman":
        # Installed by the make target. `podman compose` would only look for another program.
        installed = Path(sys.executable).with_name("podman-compose")
        command = str(installed) if installed.exists() else shutil.which("podman-compose")
        if command is None:
            raise NoCompose("podman-compose is not installed")
        return (command,)
    for candidate in (("docker", "compose"), ("docker-compose",)):
        try:
            run([*candidate, "version"], timeout_s=30)
        except CommandFailed:
            continue
        return candidate
    raise NoCompose("neither `docker compose` nor docker-compose is installed")


def start_order(file: Mapping[str, Any]) -> list[str]:
    """Returns the services of a compose file, each after those that it depends on."""
    found: list[str] = []

    def add(service: str) -> None:
        for before in file["services"][service].get("depends_on", {}):
            add(before)
        if service not in found:
            found.append(service)

    for service in file["services"]:
        add(service)
    return found
