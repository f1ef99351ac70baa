"""Runs a real Envoy with a rendered configuration on free loopback ports."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Self

import httpx

from conjure.edge.render import EdgeConfig, envoy_command, render

if TYPE_CHECKING:
    from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Edge:
    """Use as an async context manager."""

    def __init__(self, folder: Path, upstream_port: int, **settings: object) -> None:
        self.folder = folder
        self.config = dataclasses.replace(
            EdgeConfig(
                upstreams=(("127.0.0.1", upstream_port),),
                rest_host="127.0.0.1",
                rest_port=free_port(),
                grpc_port=free_port(),
                admin_port=free_port(),
                access_log=str(folder / "access.log"),
            ),
            **settings,
        )
        self.rest = f"http://127.0.0.1:{self.config.rest_port}"
        self.grpc = f"127.0.0.1:{self.config.grpc_port}"
        self.admin = f"http://127.0.0.1:{self.config.admin_port}"

    async def __aenter__(self) -> Self:
        path = self.folder / "envoy.yaml"
        path.write_text(render(self.config))
        self.output = (self.folder / "envoy.log").open("wb")
        self.process = subprocess.Popen(  # noqa: ASYNC220  it takes no longer than the test can wait
            envoy_command(path, log_flush_ms=100),
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )
        try:
            await self._ready()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def _ready(self) -> None:
        end = time.monotonic() + 20
        async with httpx.AsyncClient() as client:
            while time.monotonic() < end:
                assert self.process.poll() is None, self.log()
                try:
                    if (await client.get(f"{self.admin}/ready")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError(self.log())

    async def __aexit__(self, *exc: object) -> None:
        self.process.terminate()
        try:
            await asyncio.to_thread(self.process.wait, 10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.output.close()

    def log(self) -> str:
        return (self.folder / "envoy.log").read_text()

    async def access_log(self, request_id: str) -> str:
        """Returns the line of one request, which Envoy writes a little later."""
        for _ in range(50):
            for line in (self.folder / "access.log").read_text().splitlines():
                if request_id in line:
                    return line
            await asyncio.sleep(0.1)
        raise AssertionError(f"no line for {request_id}")
