"""`conjure lint`: the kernel on a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from conjure.cli.common import fail
from conjure.core import jsondoc
from conjure.core.errors import MalformedRequest
from conjure.kernel import check, has_errors, render_findings


def lint(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="worlds; - for standard input")
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print findings as JSON.")] = False,
) -> None:
    """Check worlds as the server would; exit 1 when one has errors, 2 when one cannot be read."""
    failed = False
    for name in files:
        world = read_world(name)
        found = check(world)
        failed = failed or has_errors(found)
        if as_json:
            sys.stdout.buffer.write(orjson.dumps([item.to_json() for item in found]) + b"\n")
        else:
            print(render_findings(found, file=name))
    raise typer.Exit(1 if failed else 0)


def read_world(name: str) -> object:
    """The JSON of a file, `-` for standard input; ends the program when it cannot be read."""
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return jsondoc.loads(data)
    except OSError as error:
        fail(f"{name}: {error.strerror}")
    except MalformedRequest:
        fail(f"{name} is not valid JSON")
