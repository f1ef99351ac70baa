"""The targets of ARCHITECTURE 5: ratios of rows of one run, so that they hold on any machine."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conjure.kernel import check
from load.report import markdown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from load.rows import Result


JUDGED = frozenset(
    (
        "REST floor", "gRPC floor, no edge", "gRPC connect, known token, no edge",
        "REST connect, known token", "REST connect, fresh token",
        "peer connect, known token", "peer connect, fresh token",
        "REST set entrance, 40 states", "REST set entrance, 1000 states",
    )
)  # fmt: skip
"""The rows that ratios are made of. They are measured again, in turns, and the cheapest counts."""


@dataclass(frozen=True, slots=True)
class Target:
    """One target. `measured` is None when a row that it needs is not there."""

    what: str
    compared_with: str
    measured: float | None
    limit: float
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether it is met; None when nobody knows. Judged as it is shown, to two places."""
        return None if self.measured is None else round(self.measured, 2) <= self.limit


def targets(
    results: Sequence[Result], *, per_state: float | None, scale: Mapping[str, Any] | None
) -> list[Target]:
    """All of them. `per_state` is the kernel's ratio, `scale` what `make scale` wrote."""
    rows = {row.name: row for row in results if row.workers == 1 and not row.failed}

    def cpu(name: str, *processes: str) -> float | None:
        row = rows.get(name)
        return None if row is None else sum(row.cost.cpu_us[process] for process in processes)

    def ratio(over: float | None, under: float | None) -> float | None:
        return over / under if over is not None and under else None

    def trips(name: str) -> float | None:
        return rows[name].cost.round_trips if name in rows else None

    server, envoy = ("server",), ("envoy",)
    known, fresh = "REST connect, known token", "REST connect, fresh token"
    peer_known = cpu("peer connect, known token", *server)
    peer_fresh = cpu("peer connect, fresh token", *server)
    leases = scale.get("connect_ratio") if scale else None
    entrance_40 = cpu("REST set entrance, 40 states", *server)
    entrance_1000 = cpu("REST set entrance, 1000 states", *server)
    return [
        Target("REST connect, server, fresh token", "the peer", ratio(cpu(fresh, *server), peer_fresh), 0.8),
        Target("REST connect, server, known token", "the peer", ratio(cpu(known, *server), peer_known), 0.65),
        Target(
            "REST connect, server + Envoy, known token", "the peer, which has no edge",
            ratio(cpu(known, "server", "envoy"), peer_known), 1.0,
        ),
        Target(
            "gRPC connect, server", "an empty RPC",
            ratio(
                cpu("gRPC connect, known token, no edge", *server),
                cpu("gRPC floor, no edge", *server),
            ),
            2.0,
        ),
        Target(
            "REST connect, Envoy", "Envoy passing an empty HttpBody",
            ratio(cpu(known, *envoy), cpu("REST floor", *envoy)), 1.5,
        ),
        Target(
            "PATCH entrance, 40 states, server", "REST connect, fresh token",
            ratio(entrance_40, cpu(fresh, *server)), 1.5,
        ),
        Target("PATCH entrance, 1,000 states, server", "40 states", ratio(entrance_1000, entrance_40), 4.0),
        Target("kernel check per state, 10,000 states + 20,000 events", "100 states", per_state, 1.3),
        Target(
            "connect, server + store, 1,000,000 live leases", "1,000", leases, 1.1,
            f"make scale, {scale['machine']['at']}" if scale else "run make scale",
        ),
        Target("store round trips: connect", "", trips(fresh), 1.0),
        Target("store round trips: warm entrance", "", trips("REST set entrance, 40 states"), 1.0),
        Target("store round trips: get world", "", trips("REST get world"), 1.0),
    ]  # fmt: skip


def targets_table(found: Sequence[Target]) -> str:
    """A row each."""
    says = {True: "met", False: "NOT met", None: "not measured"}
    return markdown(
        ("target (CPU per request)", "compared with", "measured", "at most", ""),
        [
            (
                target.what,
                target.compared_with,
                "" if target.measured is None else f"{target.measured:.2f}",
                f"{target.limit:g}",
                "; ".join(filter(None, (says[target.met], target.note))),
            )
            for target in found
        ],
    )


def kernel_per_state() -> float:
    """CPU of the kernel's check per state, at 10,000 states and 20,000 events over 100 and 200."""
    return _check_per_state(10_000, 1) / _check_per_state(100, 60)


def _check_per_state(states: int, times: int) -> float:
    world = _playable(states)
    best = float("inf")
    for _ in range(3):
        before = time.process_time()
        for _ in range(times):
            check(world)
        best = min(best, time.process_time() - before)
    return best / times / states


def _playable(states: int) -> dict[str, Any]:
    """A ring of states that can be walked both ways: two events a state."""
    names = [f"room_{index}" for index in range(states)]
    following = [*names[1:], names[0]]
    prose = "A wide hall of grey stone with tall windows and a long table in the middle of it."
    there = [
        {"name": f"Go from {a} to {b}", "kind": "transition", "from": [a], "to": b, "base": prose}
        for a, b in zip(names, following, strict=True)
    ]
    back = [
        {"name": f"Back from {b} to {a}", "kind": "transition", "from": [b], "to": a, "base": prose}
        for a, b in zip(names, following, strict=True)
    ]
    return {
        "id": "3b0c6f0e-6c0f-4c57-9c8e-3f5f7f0a9f10",
        "name": "A ring",
        "entrance": {"state": names[0]},
        "scene": {
            "states": {name: {"base": prose, "camera": {"static": prose}} for name in names},
            "events": there + back,
        },
    }
