"""The targets of ARCHITECTURE 5: ratios of rows of one run, so that they hold on any machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from load import talk
from load.fairness import IMPORTS, TIMES_IDLE
from load.report import markdown
from load.sections import BOTH
from load.turns import Spread, ratio
from load.work import APPS, DUE, LEAST_RATE, MOST_IDLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from load.fairness import Pair
    from load.turns import Turns
    from load.work import Work

LEASES: Final = 1_000_000
"""How many sessions are live where it is asked what so many cost."""

_SERVER: Final = ("server",)
_BOTH: Final = ("server", "envoy")


@dataclass(frozen=True, slots=True)
class Target:
    """One target. `measured` is None when a row that it needs is not there. `connections`: 0 where it has none."""

    what: str
    compared_with: str
    measured: Spread | None
    limit: float
    connections: int = 0
    note: str = ""
    is_spoilt: bool = False  # by what the note says, whatever was measured

    @property
    def met(self) -> bool | None:
        """Whether it is met; None when nobody knows. Judged as it is shown, to two places."""
        if self.measured is None:
            return None
        return not self.is_spoilt and round(self.measured.median, 2) <= self.limit

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        measured = self.measured
        return {
            "what": self.what,
            "connections": self.connections,
            "compared_with": self.compared_with,
            "measured": None if measured is None else measured.median,
            "least": None if measured is None else measured.least,
            "most": None if measured is None else measured.most,
            "limit": self.limit,
            "met": self.met,
        }


@dataclass(frozen=True, slots=True)
class Ratio:
    """What a target compares: the CPU of some processes in two rows of a section."""

    what: str
    compared_with: str
    section: str
    over: str
    under: str
    processes: tuple[str, ...]
    limit: float


CPU: Final = (
    Ratio("REST connect, server, known token", "the peer",
          "connect", "connect, known", "peer connect, known", _SERVER, 0.40),
    # As the target was measured. The peer of the lines beside these remembers what it signed, as ours does.
    Ratio("REST connect, server, known token, as first measured", "the peer, signing each time",
          "connect", "connect, known", "peer connect, known, signed each time", _SERVER, 0.40),
    Ratio("REST connect, server, fresh token", "the peer",
          "connect", "connect, fresh", "peer connect, fresh", _SERVER, 0.60),
    Ratio("REST connect, known, server + Envoy", "the peer + its Envoy",
          "connect", "connect, known", "peer connect, known", _BOTH, 0.55),
    Ratio("REST connect, known, server + Envoy, as first measured", "the peer, signing each time, + its Envoy",
          "connect", "connect, known", "peer connect, known, signed each time", _BOTH, 0.55),
    Ratio("REST connect, fresh, server + Envoy", "the peer + its Envoy",
          "connect", "connect, fresh", "peer connect, fresh", _BOTH, 0.70),
    Ratio("REST connect, Envoy", "Envoy passing the same bytes of an empty RPC",
          "connect", "connect, known", "REST floor", ("envoy",), 1.0),
    Ratio("REST get world, server", "today's transport",
          "transport", "get world", "get world, today's transport", _SERVER, 0.30),
    Ratio("gRPC connect, server", "an RPC that answers the same bytes",
          "grpc", "gRPC connect, known", "gRPC floor", _SERVER, 1.8),
    Ratio("connect with gzip, server + Envoy", "the peer with its middleware, + its Envoy",
          "gzip", "connect, gzip", "peer connect, gzip", _BOTH, 0.40),
    Ratio("a module of the player, server", "an RPC of ours that answers the same bytes",
          "transport", "player file", "file floor", _SERVER, 1.5),
    Ratio("PATCH entrance, 40 states, server", "REST connect, fresh token",
          "entrance", "entrance, 40 states", "connect, fresh", _SERVER, 1.5),
    Ratio("PATCH entrance, 1,000 states, server", "40 states",
          "entrance", "entrance, 1,000 states", "entrance, 40 states", _SERVER, 2.0),
)  # fmt: skip

TWO_WORKERS: Final = {
    "connect, known": 1.1,
    "connect, fresh": 1.1,
    "get world, 33 worlds": 1.1,
    "entrance, one world": 1.2,
    "entrance, 33 worlds": 1.1,
}
"""CPU per request of two workers over one, at most."""

TRIPS: Final = (
    ("connect", "connect", "connect, fresh", 1.0),
    ("warm entrance", "entrance", "entrance, 40 states", 1.0),
    ("get world", "transport", "get world", 1.0),
    ("say", talk.NAME, talk.SAY, talk.MOST_TRIPS),
)
"""What is asked, its section and row, and how many round trips to the store it may take."""


def targets(
    rows: Sequence[Turns],
    *,
    per_state: float | None = None,
    findings: tuple[float, str] | None = None,
    scale: Mapping[str, Any] | None = None,
    pairs: Sequence[Pair] = (),
    works: Sequence[Work] = (),
) -> list[Target]:
    """All of them. `scale` is what `make scale` wrote; the others are what this run measured besides its rows."""
    by_key = {row.key: row for row in rows if not row.failed}

    def compared(
        section: str, over: tuple[str, int], under: tuple[str, int], at: int, *processes: str
    ) -> Spread | None:
        first, second = (
            by_key.get((section, over[0], at, over[1])),
            by_key.get((section, under[0], at, under[1])),
        )
        if first is None or second is None:
            return None
        return ratio(first.cpu(*processes), second.cpu(*processes))

    found = [
        Target(
            one.what, one.compared_with,
            compared(one.section, (one.over, 1), (one.under, 1), at, *one.processes),
            one.limit, at,
        )
        for one in CPU for at in BOTH
    ]  # fmt: skip
    found += [
        Target(
            f"two workers: {name}, server", "one worker",
            compared("workers", (name, 2), (name, 1), at, "server"), limit, at,
        )
        for name, limit in TWO_WORKERS.items() for at in BOTH
        if at == BOTH[0] or name != "get world, 33 worlds"
    ]  # fmt: skip
    for at in BOTH:
        coded, whole = (by_key.get(("gzip", name, at, 1)) for name in ("connect, gzip", "connect"))
        found.append(
            Target(
                "connect with gzip, bytes over the wire", "the same without",
                coded and whole and ratio(_bytes(coded), _bytes(whole)), 0.25, at,
            )
        )  # fmt: skip
    found += [
        Target(
            f"store round trips: {name}", "",
            by_key[key].over(lambda turn: turn.cost.round_trips)
            if (key := (section, row, BOTH[0], 1)) in by_key else None,
            limit, BOTH[0],
        )
        for name, section, row, limit in TRIPS
    ]  # fmt: skip
    if scale and scale["leases"] < LEASES:
        scale = None  # of a smaller run
    leases = scale["connect_ratio"] if scale else None
    worst = Spread.of([findings[0]]) if findings else None
    found += [
        Target("kernel check per state, 10,000 states + 20,000 events", "100 states", _one(per_state), 1.3),
        Target("bytes of the findings of any world of 1 MiB", "bytes of the world", worst, 4.0,
               note=f"the worst: {findings[1]}" if findings else ""),
        Target("connect, server + store, 1,000,000 live leases", "1,000", _one(leases), 1.1,
               note=f"make scale, {scale['machine']['at']}" if scale else "run make scale"),
    ]  # fmt: skip
    beside = next((p for p in pairs if (p.call, p.attack) == ("connect", IMPORTS)), None)
    found.append(_wait(beside))
    found += _work(works)
    return found


def _work(works: Sequence[Work]) -> list[Target]:
    """What a worker without work costs, and how long it takes to deliver."""
    idle = next((one.cores["worker"] * 100 for one in works if not one.deliveries), None)
    sent = max(
        (one.seconds * DUE / one.deliveries for one in works if one.deliveries), default=None
    )
    return [
        Target(f"idle worker, {APPS:,} apps, % of a core", "", _one(idle), MOST_IDLE),
        Target(f"{DUE:,} due deliveries, s", "", _one(sent), DUE / LEAST_RATE),
    ]


def _wait(pair: Pair | None) -> Target:
    """How long a neighbour waits beside the heaviest that one caller may do."""
    what = "p99 of connect beside imports of 12 MiB"
    if pair is None or pair.met is None:
        return Target(what, "idle", None, TIMES_IDLE)
    note = "calls of the neighbour failed" if pair.failed else ""
    return Target(
        what, "idle", pair.spread(), TIMES_IDLE, pair.connections, note, is_spoilt=bool(pair.failed)
    )


def _one(value: float | None) -> Spread | None:
    return None if value is None else Spread.of([value])


def _bytes(row: Turns) -> list[float]:
    return [turn.outcome.answer_bytes for turn in row.turns]


def targets_table(found: Sequence[Target]) -> str:
    """A row each."""
    says = {True: "met", False: "NOT met", None: "not measured"}
    return markdown(
        ("target (CPU per request)", "connections", "compared with", "measured", "turns", "at most", ""),
        [
            (
                target.what,
                str(target.connections or ""),
                target.compared_with,
                "" if target.measured is None else f"{target.measured.median:.2f}",
                _turns(target.measured),
                f"{target.limit:g}",
                "; ".join(filter(None, (says[target.met], target.note))),
            )
            for target in found
        ],
    )  # fmt: skip


def _turns(measured: Spread | None) -> str:
    if measured is None or measured.least == measured.most:
        return ""
    return f"{measured.least:.2f}-{measured.most:.2f}"
