"""The sections of the run: which rows stand beside each other, and take turns."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Final, TYPE_CHECKING

from load.bench import LARGE_STATES, PLAYER_FILE, STATES, Bench, connect
from load.rows import Rest, Rpc
from load.tools import Ask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Row = Rest | Rpc

BOTH: Final = (16, 64)
TURNS: Final = 3
_SESSIONS: Final = "conjure.v1.SessionService"
_HEAVY: Final = (4,)
"""For requests of many milliseconds: sixteen at once would only wait for each other."""


@dataclass(frozen=True, slots=True)
class Section:
    """Some rows. Those of one section are measured in turns, and compared with each other only."""

    name: str
    title: str
    note: str
    rows: Callable[[Bench], list[Row]]
    connections: tuple[int, ...] = BOTH
    turns: int = TURNS


def _known(name: str, bench: Bench, at: str = "conjure", **more: bool) -> Rest:
    known = bench.worlds.known
    return Rest(name, connect(known.tokens), at, known=known, **more)


def _fresh(name: str, bench: Bench, at: str = "conjure", **more: bool) -> Rest:
    worlds = bench.worlds
    return Rest(name, connect(worlds.known.tokens), at, fresh_of=worlds.small, **more)


def _get(name: str, bench: Bench, *ids: str, at: str = "conjure") -> Rest:
    return Rest(name, Ask("GET", [f"/v1/worlds/{one}" for one in ids], (bench.secret,)), at)


def _entrance(name: str, bench: Bench, states: int, *ids: str, at: str = "conjure") -> Rest:
    """Another state each time: of one world, and of each of several."""
    paths = [f"/v1/worlds/{one}/entrance" for one in ids]
    bodies = [b'{"state": "room_%d"}' % number for number in range(states)]
    return Rest(name, Ask("PATCH", paths, (bench.secret,), bodies), at)


def _connect(bench: Bench) -> list[Row]:
    return [
        Rest("REST floor", connect(bench.worlds.known.tokens), "REST floor", is_base=True),
        _known("connect, known", bench),
        _known("peer connect, known", bench, "peer", is_base=True),
        _known("peer connect, known, signed each time", bench, "peer that signs"),
        _fresh("connect, fresh", bench),
        _fresh("peer connect, fresh", bench, "peer", is_base=True),
    ]


def _transport(bench: Bench) -> list[Row]:
    world, once = bench.worlds.small, BOTH[:1]
    return [
        replace(_known("connect, known", bench), connections=once),
        replace(_known("connect, known, today's transport", bench, "today"), connections=once),
        replace(_fresh("connect, fresh", bench), connections=once),
        replace(_fresh("connect, fresh, today's transport", bench, "today"), connections=once),
        _get("get world", bench, world),
        _get("get world, today's transport", bench, world, at="today"),
        Rest("file floor", PLAYER_FILE, "file floor", is_base=True),
        Rest("player file", PLAYER_FILE),
    ]


def _gzip(bench: Bench) -> list[Row]:
    known = bench.worlds.known_authored
    plain, coded = connect(known.tokens), connect(known.tokens, accept_encoding="gzip")
    return [
        Rest("connect", plain, known=known),
        Rest("connect, gzip", coded, known=known),
        Rest("peer connect, gzip", coded, "peer with gzip", known=known, is_base=True),
    ]


def _grpc(bench: Bench) -> list[Row]:
    known = bench.worlds.known
    messages, connecting = [{"token": token} for token in known.tokens], f"{_SESSIONS}/Connect"
    return [
        Rpc("gRPC floor", connecting, at="gRPC floor", is_base=True, is_edgeless=True),
        Rpc("gRPC connect, known", connecting, messages, known=known, is_edgeless=True),
    ]


def _entrances(bench: Bench) -> list[Row]:
    worlds = bench.worlds
    return [
        replace(_fresh("connect, fresh", bench), is_base=True),
        _entrance("entrance, 40 states", bench, STATES, worlds.small),
        _entrance("entrance, 1,000 states", bench, LARGE_STATES, worlds.large),
    ]


def _workers(bench: Bench) -> list[Row]:
    worlds, rows = bench.worlds, list[Row]()
    for at, workers in (("conjure", 1), ("two", 2)):
        measured: list[Rest] = [
            _known("connect, known", bench, at),
            _fresh("connect, fresh", bench, at),
            replace(_get("get world, 33 worlds", bench, *worlds.many, at=at), connections=BOTH[:1]),
            _entrance("entrance, one world", bench, STATES, worlds.many[0], at=at),
            _entrance("entrance, 33 worlds", bench, STATES, *worlds.many, at=at),
        ]
        rows += [replace(row, workers=workers) for row in measured]
    # Both numbers of workers of a row after each other.
    return sorted(rows, key=lambda row: [one.name for one in rows].index(row.name))


def _others(bench: Bench) -> list[Row]:
    worlds, secret = bench.worlds, bench.secret
    messages = [{"token": token} for token in worlds.known.tokens]
    by_id = {"id": worlds.small}
    entrances = [by_id | {"state": f"room_{number}"} for number in range(STATES)]
    mint = {"world_id": worlds.small}
    large = f"/v1/worlds/{worlds.large}"
    ops = [{"op": "update_state", "id": f"room_{n}", "patch": {"x": n}} for n in range(500)]
    checkout = {"versionId": worlds.version_of_large}
    rest = [
        ("mint token", "POST", "/v1/sessions/token", {"worldId": worlds.small}, ()),
        ("usage", "GET", "/v1/usage", None, ()),
        ("500 ops, 1,000 states", "POST", f"{large}/ops", {"ops": ops}, _HEAVY),
        ("snapshot, unchanged, 1,000 states", "POST", f"{large}/versions", {}, _HEAVY),
        ("checkout, 1,000 states", "POST", f"{large}/checkout", checkout, _HEAVY),
    ]
    return [
        _known("peer connect, known, no edge", bench, "peer", is_edgeless=True),
        _fresh("peer connect, fresh, no edge", bench, "peer", is_edgeless=True),
        Rpc(
            "gRPC connect, known, through the edge", f"{_SESSIONS}/Connect", messages,
            known=worlds.known,
        ),
        Rpc(
            "gRPC connect, fresh, through the edge", f"{_SESSIONS}/Connect", messages,
            fresh_of=worlds.small,
        ),
        Rpc("gRPC get world", "conjure.v1.WorldService/GetWorld", [by_id], credential=secret),
        Rpc("gRPC entrance", "conjure.v1.GraphService/SetEntrance", entrances, credential=secret),
        Rpc("gRPC mint token", f"{_SESSIONS}/MintSessionToken", [mint], credential=secret),
        *(
            Rest(
                name,
                Ask(verb, (path,), (secret,), () if body is None else (json.dumps(body).encode(),)),
                connections=connections,
            )
            for name, verb, path, body, connections in rest
        ),
    ]  # fmt: skip


SECTIONS: Final[Sequence[Section]] = (
    Section(
        "connect", "A player comes in",
        "REST, a world of 17 KB. The peer is behind an Envoy of its own, and signs a lease's credential once, but for"
        " the row that says so; the floor is an RPC that does nothing and"
        " answers the same bytes, over gRPC into grpc.aio.",
        _connect,
    ),
    Section(
        "transport", "The edge's way to the server, and today's",
        "REST. *Today's transport* is the same server and edge with `CONJURE_EDGE_CALLS=grpc`. The file is a"
        " module of the player, in gzip; its floor is an RPC of ours that does nothing and answers the same bytes.",
        _transport,
    ),
    Section(
        "gzip", "As a browser asks",
        "Connect to a world of the built-in author, 30 KB, with `Accept-Encoding: gzip`. The peer has its"
        " framework's middleware, at zlib's level 6.",
        _gzip,
    ),
    Section(
        "grpc", "Internal callers",
        "gRPC into the server, without an edge. The floor answers the same bytes on the same stack.",
        _grpc,
    ),
    Section(
        "entrance", "Writing the entrance",
        "REST, a PATCH with another state each time.", _entrances,
    ),
    Section(
        "workers", "Two workers",
        "REST. Both numbers of workers stand beside each other, on the same two cores as the load tool.",
        _workers,
    ),
    Section(
        "others", "Other calls", "Each measured once: for reading, not for a target.", _others,
        BOTH[:1], 1,
    ),
)  # fmt: skip


def wanted(rows: Sequence[Row], section: str, only: str) -> list[Row]:
    """The rows of a section that `--only` asks for: all, a section's, or those with a word in their name.

    With some of a section come those that they are compared with.
    """
    parts = {part.strip().lower() for part in only.split(",")} - {""}
    words = parts - {one.name for one in SECTIONS}
    if not parts or section in parts:
        return list(rows)
    if not any(word in row.name.lower() for row in rows for word in words):
        return []
    return [row for row in rows if row.is_base or any(word in row.name.lower() for word in words)]
