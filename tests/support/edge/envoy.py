"""Runs a real Envoy with a rendered configuration on free loopback ports."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import subprocess
from typing import TYPE_CHECKING, Self

import httpx

from conjure.edge.admin import private_socket
from conjure.edge.config import EdgeConfig
from conjure.edge.render import envoy_command, render
from support.ports import claimed_port
from support.stack import agreed_on
from support.until import LIMIT_S, until
from support.yaml_text import written

if TYPE_CHECKING:
    from pathlib import Path


class Edge:
    """Use as an async context manager.

    It bears with an upstream that a busy machine leaves standing, unless `settings` say otherwise.
    """

    def __init__(self, folder: Path, upstream_port: int, **settings: object) -> None:
        self.folder = folder
        self.config = dataclasses.replace(
            EdgeConfig(
                upstreams=(("127.0.0.1", upstream_port),),
                rest_host="127.0.0.1",
                rest_port=claimed_port(),
                grpc_port=claimed_port(),
                admin_port=claimed_port(),
                admin_socket=private_socket(),
                access_log=str(folder / "access.log"),
            ),
            **{"health_timeout_s": LIMIT_S, **agreed_on(), **settings},
        )
        self.rest = f"http://127.0.0.1:{self.config.rest_port}"
        self.grpc = f"127.0.0.1:{self.config.grpc_port}"
        self.admin = f"http://127.0.0.1:{self.config.admin_port}"

    async def __aenter__(self) -> Self:
        path = written(self.folder, render(self.config))
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
        async with httpx.AsyncClient(timeout=LIMIT_S, trust_env=False) as client:

            async def is_ready() -> bool:
                assert self.process.poll() is None, self.log()
                with contextlib.suppress(httpx.TransportError):
                    return (await client.get(f"{self.admin}/ready")).status_code == 200
                return False

            await until(is_ready)

    async def __aexit__(self, *exc: object) -> None:
        self.process.terminate()
        try:
            await asyncio.to_thread(self.process.wait, LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.output.close()

    def log(self) -> str:
        return (self.folder / "envoy.log").read_text()

    async def access_log(self, request_id: str) -> str:
        """Returns the line of one request, which Envoy writes a little later."""
        log = self.folder / "access.log"
        await until(lambda: request_id in log.read_text().rpartition("\n")[0])
        return next(line for line in log.read_text().splitlines() if request_id in line)
