"""The container engine of this machine: docker or podman, and what podman has to be told here."""

from __future__ import annotations

import json
import os
import resource
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from containers.process import CommandFailed, run

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGINES = ("docker", "podman")
_CAP_SYS_RESOURCE = 24  # the bit in /proc/self/status


class NoEngine(Exception):
    """No engine works here; the text says what was tried."""


@dataclass(frozen=True)
class Engine:
    """A command that runs containers. `environment` is added to ours whenever it is called."""

    name: str  # one of ENGINES: their commands differ in few places
    version: str
    environment: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None  # where all that it says is kept

    def __call__(self, *arguments: str, timeout_s: float = 120) -> str:
        """Runs the engine with these arguments; returns its output. Raises CommandFailed."""
        return run(
            [self.name, *arguments],
            timeout_s=timeout_s,
            environment=self.environment,
            log=self.log,
        )

    def inspect(self, container: str) -> dict[str, Any]:
        """Returns what the engine knows about a container. Raises CommandFailed."""
        found: dict[str, Any] = json.loads(self("inspect", "--type", "container", container))[0]
        return found

    def has_image(self, name: str) -> bool:
        """Whether an image is on this machine."""
        try:
            self("image", "inspect", name)
        except CommandFailed:
            return False
        return True


def find(wanted: str | None = None, log: Path | None = None) -> Engine:
    """Returns the first engine that answers, or the one that is `wanted`. Raises NoEngine."""
    tried = []
    for name in (wanted,) if wanted else ENGINES:
        if shutil.which(name) is None:
            tried.append(f"{name}: not installed")
            continue
        try:
            run([name, "info"], timeout_s=30, log=log)
            version = run([name, "--version"], timeout_s=30).strip()
        except CommandFailed as error:
            # The last line has the reason: a daemon that does not run, as a rule.
            tried.append(f"{name}: {str(error).splitlines()[-1].strip()}")
            continue
        if name == "docker" and "podman" in version:  # the package podman-docker: a shim
            tried.append("docker: it is podman")
            continue
        if name == "docker":  # the command and the daemon have versions of their own
            version = run(
                [name, "version", "--format", "Docker {{.Server.Version}}"], timeout_s=30
            ).strip()
        return Engine(name, version, log=log)
    raise NoEngine("; ".join(tried))


def adapted(engine: Engine, image: str, directory: Path) -> Engine:
    """Returns the engine with what it needs to run `image` here; a containers.conf goes to `directory`.

    Podman as root gives containers the highest limits there are, which a root without CAP_SYS_RESOURCE (a
    container, a small virtual machine) may not; and its first choice of runtime, crun, refuses the control
    groups of some machines that runc takes. Raises CommandFailed when nothing helps.
    """
    if engine.name != "podman":
        _try_out(engine, image)
        return engine
    candidates = [engine]
    limits = {} if _may_raise_limits() else _own_limits()
    for runtime in ("", "runc"):
        if (limits or runtime) and (not runtime or shutil.which(runtime)):
            path = directory / f"containers{runtime and '-'}{runtime}.conf"
            path.write_text(containers_conf(limits, runtime))
            candidates.append(replace(engine, environment={"CONTAINERS_CONF": str(path)}))
    for candidate in candidates[:-1]:
        try:
            _try_out(candidate, image)
        except CommandFailed:
            continue
        return candidate
    _try_out(candidates[-1], image)
    return candidates[-1]


def containers_conf(limits: Mapping[str, int], runtime: str) -> str:
    """Returns a containers.conf with these limits for every container, and a runtime if one is named."""
    ulimits = ", ".join(f'"{name}={number}:{number}"' for name, number in limits.items())
    lines = ["[containers]", *([f"default_ulimits = [{ulimits}]"] if ulimits else [])]
    lines += ["[engine]", *([f'runtime = "{runtime}"'] if runtime else [])]
    return "\n".join(lines) + "\n"


def _try_out(engine: Engine, image: str) -> None:
    engine("run", "--rm", "--network", "none", "--entrypoint", "true", image)


def _may_raise_limits() -> bool:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> _CAP_SYS_RESOURCE & 1)
    return os.geteuid() == 0


def _own_limits() -> dict[str, int]:
    """The hard limits of this process: the highest that it may give."""
    found = {
        "nofile": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        "nproc": resource.getrlimit(resource.RLIMIT_NPROC)[1],
    }
    found = {name: number for name, number in found.items() if number != resource.RLIM_INFINITY}
    if (
        "nproc" in found
    ):  # podman lowers its own to the number of process ids before it starts anything
        found["nproc"] = min(found["nproc"], int(Path("/proc/sys/kernel/pid_max").read_text()))
    return found
