"""`conjure certs`: certificates for development."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conjure.cli.common import fail, print_table


def certs(
    directory: Annotated[Path, typer.Argument(help="Where the files go.")] = Path("certs"),
    days: Annotated[int, typer.Option(help="How long they last.", min=1, max=397)] = 30,
    edge_name: Annotated[
        list[str] | None, typer.Option(help="A name or address that clients call the edge by.")
    ] = None,
    server_name: Annotated[
        list[str] | None, typer.Option(help="A name or address that the edge calls servers by.")
    ] = None,
) -> None:
    """Make a development CA, and certificates for edge, server and internal callers."""
    from conjure.run.certificates import make_certificates  # noqa: PLC0415 - half a second of imports

    try:
        files = make_certificates(
            directory,
            days=days,
            edge_names=edge_name or [],
            server_names=["server", *(server_name or [])],
        )
    except (OSError, ValueError) as error:
        fail(str(error))
    print_table("file", "what", rows=[(directory / name, what) for name, what in files.items()])
