"""`conjure edge`: Envoy with the configuration that the contract makes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from conjure.cli.common import fail
from conjure.edge.render import EdgeConfig, EdgeError, envoy_command, render
from conjure.edge.render import validate as validate_config
from conjure.settings import Settings, SettingsError


def edge(
    upstream: Annotated[
        list[str] | None, typer.Option(help="host:port of a server; once for each worker.")
    ] = None,
    rest: Annotated[str, typer.Option(help="host:port for REST.")] = "127.0.0.1:8080",
    grpc: Annotated[str, typer.Option(help="host:port for internal gRPC.")] = "127.0.0.1:9090",
    admin: Annotated[str, typer.Option(help="host:port of Envoy's admin page.")] = "127.0.0.1:9901",
    write: Annotated[Path | None, typer.Option(help="Only write the configuration here.")] = None,
    concurrency: Annotated[int, typer.Option(help="Envoy's worker threads.", min=1)] = 2,
    *,
    validate: Annotated[
        bool, typer.Option("--validate", help="Only let Envoy check the configuration.")
    ] = False,
) -> None:
    """Render the Envoy configuration for given servers, and run, write or validate it."""
    try:
        agreed = Settings.from_environment().edge
    except SettingsError as error:
        fail(str(error))
    config = EdgeConfig(
        upstreams=tuple(map(_address, upstream or ["127.0.0.1:8090"])),
        rest_host=_address(rest)[0],
        rest_port=_address(rest)[1],
        grpc_host=_address(grpc)[0],
        grpc_port=_address(grpc)[1],
        admin_host=_address(admin)[0],
        admin_port=_address(admin)[1],
        health_interval_s=agreed.health_interval_s,
        health_timeout_s=agreed.health_timeout_s,
    )
    try:
        text = render(config)
        if validate:
            validate_config(text)
            print("the Envoy configuration is valid")
            return
        if write is not None:
            write.write_text(text)
            print(f"wrote {write}")
            return
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False) as file:
            file.write(text)
        command = envoy_command(Path(file.name), concurrency=concurrency)
        os.execv(command[0], command)  # noqa: S606 - Envoy takes over: its signals, its exit code
    except (EdgeError, ValueError) as error:
        fail(str(error))


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        fail(f"{text!r} is not host:port")
    return host.strip("[]"), int(port)
