"""`conjure edge`: Envoy with a configuration that is derived from the contract."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from conjure.cli.common import fail, whole_number
from conjure.core.private_files import UMASK, replace_private
from conjure.edge.admin import private_socket
from conjure.edge.config import EdgeConfig
from conjure.edge.cors import Cors
from conjure.edge.observe import Insight
from conjure.edge.probe import require_http1
from conjure.edge.render import EdgeError, envoy_command, render
from conjure.edge.render import validate as validate_config
from conjure.edge.tls import ListenerTls, UpstreamTls
from conjure.run.ports import require_free
from conjure.settings import HIGHEST_PORT, Settings


def edge(
    upstream: Annotated[
        list[str] | None, typer.Option(help="host:port of a server; once for each worker.")
    ] = None,
    rest: Annotated[str, typer.Option(help="host:port for REST.")] = "127.0.0.1:8080",
    grpc: Annotated[str, typer.Option(help="host:port for internal gRPC.")] = "127.0.0.1:9090",
    admin: Annotated[
        str, typer.Option(help="host:port that lets some of Envoy's admin page through.")
    ] = "127.0.0.1:9901",
    admin_socket: Annotated[
        str, typer.Option(help="Socket file of the page itself; default: in a private folder.")
    ] = "",
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
    concurrency: Annotated[int, typer.Option(help="Envoy's worker threads.", min=1, max=1024)] = 2,
    address_per_s: Annotated[
        int,
        typer.Option(
            help="REST requests a second of one address; 0: not limited here.", min=0, max=1_000_000
        ),
    ] = 0,
    *,
    validate: Annotated[
        bool, typer.Option("--validate", help="Only let Envoy check the configuration, and try it.")
    ] = False,
) -> None:
    """Render the Envoy configuration for given servers, and run, write or validate it."""
    settings = _settings(endpoint=tracing, ratio=tracing_ratio, headers=tracing_headers)
    own = "" if write or validate else private_socket()
    config = EdgeConfig(
        upstreams=tuple(map(_address, upstream or ["127.0.0.1:8090"])),
        access_log=access_log,
        cors=Cors(settings.cors.origins, settings.cors.console_origins),
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
        admin_socket=admin_socket or own,
        listener_tls=ListenerTls(tls_cert, tls_key, rest_client_ca, grpc_client_ca)
        if any((tls_cert, tls_key, rest_client_ca, grpc_client_ca))
        else None,
        upstream_tls=UpstreamTls(upstream_ca, upstream_cert, upstream_key, upstream_name)
        if any((upstream_ca, upstream_cert, upstream_key, upstream_name))
        else None,
        max_body_bytes=settings.server.max_body_bytes,
        max_connection_streams=settings.server.max_connection_streams,
        calls=settings.edge.transport,
        sockets=settings.edge.sockets,
        port_offset=settings.edge.port_offset,
        address_per_s=address_per_s,
        health_interval_s=settings.edge.health_interval_s,
        health_timeout_s=settings.edge.health_timeout_s,
    )
    try:
        text = render(config)
        if validate:
            validate_config(text)
            require_http1(config)
            print("the Envoy configuration is valid")
            return
        if write is not None:
            replace_private(write, text)
            print(f"wrote {write}")
            return
        for listener in (rest, grpc, admin, metrics):
            if listener:
                require_free(*_address(listener))
        path = Path(own).with_name("envoy.yaml")
        replace_private(path, text)
        os.umask(UMASK)  # for an access log that Envoy makes; one that is there keeps its mode
        command = envoy_command(path, concurrency=concurrency)
        _remove_afterwards(path.parent)
        os.execv(command[0], command)  # noqa: S606 - Envoy takes over: its signals, its exit code
    except (EdgeError, ValueError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or write}: {error.strerror}")


def _remove_afterwards(folder: Path) -> None:
    """Has a folder removed when this process has ended, whatever it becomes meanwhile or is ended by."""
    ends, held = os.pipe()
    os.set_inheritable(held, True)  # to Envoy, which does not know of it
    # It goes on when the whole group or service is asked to end.
    script = "trap '' HUP INT TERM; cat; rm -rf -- \"$1\""
    subprocess.Popen(
        ["/bin/sh", "-c", script, "sh", str(folder)],
        stdin=ends, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    os.close(ends)


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
    if not host or not port:
        fail(f"{text!r} is not host:port")
    return host.strip("[]"), whole_number(f"the port of {host}", port, least=1, most=HIGHEST_PORT)
