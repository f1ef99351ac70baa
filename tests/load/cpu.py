"""CPU per request of the hot paths, each process by itself, with the floor in the same run.

    .venv/bin/python tests/load/cpu.py [--requests 3000] [--json]

Wall times on a shared machine prove nothing; CPU time (user + system, from /proc) compares. The floor is an
empty unary RPC on the same grpc.aio and event loop. Callers share the machine's cores with what they
measure, which changes wall times and not CPU. Traffic stays on loopback and is bounded in count.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path[:0] = [str(Path(__file__).parents[2] / "server"), str(Path(__file__).parents[1])]

import grpc
import httpx
from support.rest import bearer
from support.stack import channel, new_app, running_stack
from support.worlds import small_world

from conjure.run.child import Child
from conjure.run.ports import free_port, wait_for_port
from conjure.v1 import graph_service_pb2, session_service_pb2, world_service_pb2

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TICKS = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 16

EMPTY_SERVER = """
import asyncio, sys, grpc, uvloop
async def main():
    server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
    async def empty(raw, context): return b""
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(
        "floor.Floor", {"Empty": grpc.unary_unary_rpc_method_handler(empty)}),))
    server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
    await server.start()
    await server.wait_for_termination()
uvloop.run(main())
"""


def cpu_us(pid: int) -> float:
    """User and system time of a process, in microseconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS * 1e6


def world_of(size: int, states: int) -> dict[str, Any]:
    """A world of about `size` bytes with so many states."""
    prose = "A wide hall of grey stone with tall windows and a long table. " * 40
    each = max(40, size // states - 60)
    names = [f"room_{index}" for index in range(states)]
    return small_world(
        entrance={"state": names[0], "image": {"src": "https://example.com/hall.png"}},
        scene={
            "states": {name: {"base": prose[:each]} for name in names},
            "events": [
                {"name": f"Go {a}", "kind": "transition", "from": [a], "to": b}
                for a, b in zip(names, [*names[1:], names[0]], strict=True)
            ],
        },
    )


async def spread(count: int, one: Callable[[int, int], Awaitable[None]]) -> None:
    """Runs `one(worker, index)` `count` times over CONNECTIONS workers."""
    indexes = iter(range(count))

    async def work(worker: int) -> None:
        for index in indexes:
            await one(worker, index)

    await asyncio.gather(*(work(worker) for worker in range(CONNECTIONS)))


class Http:
    """A bare HTTP/1.1 connection: the caller must not cost more than what it measures."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self) -> Http:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def call(self, verb: str, path: str, credential: str, body: bytes = b"") -> int:
        self._writer.write(
            f"{verb} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {credential}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        at = lower.index(b"content-length: ") + 16
        await self._reader.readexactly(int(lower[at : lower.index(b"\r\n", at)]))
        return int(head[9:12])


async def main(requests: int) -> dict[str, Any]:
    """Measures; returns microseconds per request by row and process."""
    rows: dict[str, dict[str, float]] = {}
    unlimited = {
        "CONJURE_CAPS_SESSION_SECONDS": "1000000000",
        "CONJURE_CAPS_SESSION": "1000000000",
        "CONJURE_CAPS_LIVE_SESSIONS": "1000000000",
        "CONJURE_SESSIONS_GLOBAL_LIVE_SESSIONS": "1000000000",
    }
    async with contextlib.AsyncExitStack() as opened:
        directory = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        stack = await opened.enter_async_context(running_stack(directory, unlimited))
        app = await new_app(stack.admin)
        floor_port = free_port()
        floor = await opened.enter_async_context(
            Child(
                "floor",
                lambda: [sys.executable, "-c", EMPTY_SERVER, str(floor_port)],
                ready=lambda: wait_for_port(floor_port),
            )
        )
        rest = await opened.enter_async_context(
            httpx.AsyncClient(base_url=stack.rest_url, trust_env=False, timeout=30)
        )
        worlds = {}
        for states, size in ((40, 17_000), (1000, 170_000)):
            made = await rest.post(
                "/v1/worlds", json={"world": world_of(size, states)}, headers=bearer(app.secret)
            )
            worlds[states] = made.json()["worldId"]
        port = int(stack.rest_url.rpartition(":")[2])
        wires = [await Http(port).open() for _ in range(CONNECTIONS)]
        channels = [
            await opened.enter_async_context(channel(stack.server_target))
            for _ in range(CONNECTIONS)
        ]
        floors = [
            await opened.enter_async_context(channel(f"127.0.0.1:{floor_port}"))
            for _ in range(CONNECTIONS)
        ]

        async def tokens(count: int) -> list[str]:
            found: list[str] = [""] * count

            async def one(worker: int, index: int) -> None:
                invoke: Any = channels[worker].unary_unary(
                    "/conjure.v1.SessionService/MintSessionToken"
                )
                request = session_service_pb2.MintSessionTokenRequest(world_id=worlds[40])
                answer = await invoke(
                    request.SerializeToString(),
                    metadata=(("authorization", f"Bearer {app.secret}"),),
                )
                found[index] = session_service_pb2.MintSessionTokenResponse.FromString(answer).token

            await spread(count, one)
            return found

        async def measure(
            name: str, count: int, one: Callable[[int, int], Awaitable[None]]
        ) -> None:
            pids = {
                "server": stack.server.pid,
                "envoy": stack.edge.pid,
                "store": stack.store.pid,
                "floor": floor.pid,
            }
            before = {label: cpu_us(pid) for label, pid in pids.items()}
            await spread(count, one)
            rows[name] = {
                label: round((cpu_us(pid) - before[label]) / count) for label, pid in pids.items()
            }

        def rest_call(
            verb: str, path: str, credential: Callable[[int], str], body: bytes = b""
        ) -> Any:
            async def one(worker: int, index: int) -> None:
                status = await wires[worker].call(verb, path, credential(index), body)
                assert status == 200, status

            return one

        def rpc(targets: list[grpc.aio.Channel], method: str, raw: bytes, credential: Any) -> Any:
            async def one(worker: int, index: int) -> None:
                invoke: Any = targets[worker].unary_unary(method)
                await invoke(raw, metadata=(("authorization", f"Bearer {credential(index)}"),))

            return one

        def secret(_: int) -> str:
            return app.secret

        few = max(200, requests // 10)
        fresh = await tokens(requests + 200)
        known = await tokens(CONNECTIONS)

        def known_token(index: int) -> str:
            return known[index % CONNECTIONS]

        def entrance(states: int) -> Any:
            return rest_call(
                "PATCH", f"/v1/worlds/{worlds[states]}/entrance", secret, b'{"state": "room_1"}'
            )

        connect = "/v1/sessions/connect"
        warm = rest_call("POST", connect, known_token)
        await spread(200, warm)
        await measure("empty RPC (floor)", requests, rpc(floors, "/floor.Floor/Empty", b"", secret))
        await measure(
            "REST connect, fresh token", requests, rest_call("POST", connect, fresh.__getitem__)
        )
        await measure("REST connect, renewal", requests, warm)
        await measure(
            "gRPC connect, renewal",
            requests,
            rpc(channels, "/conjure.v1.SessionService/Connect", b"", known_token),
        )
        await measure(
            "REST get world", requests, rest_call("GET", f"/v1/worlds/{worlds[40]}", secret)
        )
        await measure(
            "gRPC get world",
            requests,
            rpc(
                channels,
                "/conjure.v1.WorldService/GetWorld",
                world_service_pb2.GetWorldRequest(id=worlds[40]).SerializeToString(),
                secret,
            ),
        )
        await measure("REST entrance, 40 states", requests, entrance(40))
        await measure("REST entrance, 1000 states", few, entrance(1000))
        await measure(
            "gRPC entrance, 40 states",
            requests,
            rpc(
                channels,
                "/conjure.v1.GraphService/SetEntrance",
                graph_service_pb2.SetEntranceRequest(
                    id=worlds[40], state="room_1"
                ).SerializeToString(),
                secret,
            ),
        )
        batch = json.dumps(
            {
                "ops": [
                    {"op": "update_state", "id": f"room_{n}", "patch": {"x": n}} for n in range(500)
                ]
            }
        ).encode()
        thousand = f"/v1/worlds/{worlds[1000]}"
        await measure(
            "REST 500 ops, 1000 states", 50, rest_call("POST", f"{thousand}/ops", secret, batch)
        )
        await measure(
            "REST snapshot, 1000 states",
            50,
            rest_call("POST", f"{thousand}/versions", secret, b"{}"),
        )
        made = await rest.post(f"{thousand}/versions", json={}, headers=bearer(app.secret))
        checkout = json.dumps({"versionId": made.json()["versionId"]}).encode()
        await measure(
            "REST checkout, 1000 states",
            50,
            rest_call("POST", f"{thousand}/checkout", secret, checkout),
        )
        await measure("REST usage", requests, rest_call("GET", "/v1/usage", secret))
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    table = asyncio.run(main(min(arguments.requests, 100_000)))
    if arguments.json:
        print(json.dumps(table, indent=2))
    else:
        print(f"{'CPU µs per request':<30}{'server':>9}{'envoy':>9}{'store':>9}")
        for name, row in table.items():
            server = row["floor"] if "floor" in name else row["server"]
            print(f"{name:<30}{server:>9.0f}{row['envoy']:>9.0f}{row['store']:>9.0f}")
