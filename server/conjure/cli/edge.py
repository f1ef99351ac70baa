"""`conjure edge`: Envoy with a configuration that is derived from the contract."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from conjure.cli.common import fail
from conjure.edge.observe import Insight
from conjure.edge.render import EdgeConfig, EdgeError, envoy_command, render
from conjure.edge.render import validate as validate_config
from conjure.edge.tls import ListenerTls, UpstreamTls
from conjure.settings import Settings


def edge(
    upstream: Annotated[
        list[str] | None, typer.Option(help="host:port of a server; once for each worker.")
    ] = None,
    rest: Annotated[str, typer.Option(help="host:port for REST.")] = "127.0.0.1:8080",
    grpc: Annotated[str, typer.Option(help="host:port for internal gRPC.")] = "127.0.0.1:9090",
    admin: Annotated[str, typer.Option(help="host:port of Envoy's admin page.")] = "127.0.0.1:9901",
    access_log: Annotated[str, typer.Option(help="stdout, a file, or empty for none.")] = "stdout",
    metrics: Annotated[
        str, typer.Option(help="host:port of /metrics for Prometheus; default: nowhere.")
    ] = "",
    tracing: Annotated[
        str | None,
        typer.Option(help="URL of an OTLP/gRPC collector; default: CONJURE_TRACING_ENDPOINT."),
    ] = None,
    tracing_ratio: Annotated[
        float | None,
        typer.Option(help="Part of the requests to trace; default: CONJURE_TRACING_RATIO."),
    ] = None,
    tracing_headers: Annotated[
        str | None,
        typer.Option(help="name=value,… for the collector; default: CONJURE_TRACING_HEADERS."),
    ] = None,
    write: Annotated[Path | None, typer.Option(help="Only write the configuration here.")] = None,
    tls_cert: Annotated[str, typer.Option(help="PEM: what clients see. With it, TLS.")] = "",
    tls_key: Annotated[str, typer.Option(help="PEM: its key.")] = "",
    rest_client_ca: Annotated[str, typer.Option(help="PEM: REST clients need a certificate.")] = "",
    grpc_client_ca: Annotated[str, typer.Option(help="PEM: gRPC callers need a certificate.")] = "",
    upstream_ca: Annotated[str, typer.Option(help="PEM: signed the servers. With it, TLS.")] = "",
    upstream_cert: Annotated[str, typer.Option(help="PEM: what servers see (mTLS).")] = "",
    upstream_key: Annotated[str, typer.Option(help="PEM: its key.")] = "",
    upstream_name: Annotated[
        str, typer.Option(help="The name in the servers' certificate; default: their host.")
    ] = "",
    concurrency: Annotated[int, typer.Option(help="Envoy's worker threads.", min=1)] = 2,
    address_per_s: Annotated[
        int, typer.Option(help="REST requests a second of one address; 0: not limited here.", min=0)
    ] = 0,
    *,
    validate: Annotated[
        bool, typer.Option("--validate", help="Only let Envoy check the configuration.")
    ] = False,
) -> None:
    """Render the Envoy configuration for given servers, and run, write or validate it."""
    settings = _settings(endpoint=tracing, ratio=tracing_ratio, headers=tracing_headers)
    config = EdgeConfig(
        upstreams=tuple(map(_address, upstream or ["127.0.0.1:8090"])),
        access_log=access_log,
        insight=Insight(
            tracing=settings.tracing,
            metrics_host=_address(metrics)[0] if metrics else "127.0.0.1",
            metrics_port=_address(metrics)[1] if metrics else 0,
        ),
        rest_host=_address(rest)[0],
        rest_port=_address(rest)[1],
        grpc_host=_address(grpc)[0],
        grpc_port=_address(grpc)[1],
        admin_host=_address(admin)[0],
        admin_port=_address(admin)[1],
        listener_tls=ListenerTls(tls_cert, tls_key, rest_client_ca, grpc_client_ca)
        if any((tls_cert, tls_key, rest_client_ca, grpc_client_ca))
        else None,
        upstream_tls=UpstreamTls(upstream_ca, upstream_cert, upstream_key, upstream_name)
        if any((upstream_ca, upstream_cert, upstream_key, upstream_name))
        else None,
        max_body_bytes=settings.server.max_body_bytes,
        max_connection_streams=settings.server.max_connection_streams,
        address_per_s=address_per_s,
        health_interval_s=settings.edge.health_interval_s,
        health_timeout_s=settings.edge.health_timeout_s,
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


def _settings(**tracing: str | float | None) -> Settings:
    """The environment's settings, which the servers read too; options replace those of tracing.

    Raises SettingsError.
    """
    settings = Settings.from_environment()
    given: dict[str, Any] = {name: value for name, value in tracing.items() if value is not None}
    settings = replace(settings, tracing=replace(settings.tracing, **given))
    settings.verify()
    return settings


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        fail(f"{text!r} is not host:port")
    return host.strip("[]"), int(port)
