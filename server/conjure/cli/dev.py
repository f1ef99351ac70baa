"""`conjure dev`: all parts of Conjure on this machine, with a demo app and world."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from conjure.run import logs
from conjure.settings import HIGHEST_PORT


def dev(
    directory: Annotated[Path, typer.Option("--dir", help="Where data and dev.json live.")] = Path(
        ".conjure"
    ),
    rest_port: Annotated[
        int | None,
        typer.Option(help="Port for REST; default: a free one.", min=1, max=HIGHEST_PORT),
    ] = None,
    grpc_port: Annotated[
        int | None,
        typer.Option(help="Port for gRPC; default: a free one.", min=1, max=HIGHEST_PORT),
    ] = None,
) -> None:
    """Start store, server and Envoy; make a demo app and world; print what to try."""
    from conjure.run import dev as development  # noqa: PLC0415 - half a second that most commands do not need

    logs.configure("warning", "text")
    asyncio.run(development.run(directory, rest_port=rest_port, grpc_port=grpc_port))
