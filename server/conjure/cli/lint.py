"""`conjure lint`: what an import of a file would say, without a server."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from conjure.cli.common import fail
from conjure.core import jsondoc
from conjure.core.errors import AppError, MalformedRequest, PayloadTooLarge
from conjure.kernel import Diagnostic, Severity, examine, render_findings, unstored
from conjure.kernel.diagnostics import ordered
from conjure.settings import MAX_DOCUMENT_BYTES, Settings
from conjure.worlds import validation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    # Findings as far as they are listed, and how many there are of each severity.
    Found: TypeAlias = tuple[tuple[Diagnostic, ...], Mapping[Severity, int]]

_ERRORS, _UNREADABLE = 1, 2  # exit codes


def lint(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="worlds; - for standard input")
    ],
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a line of JSON for each file: its findings.")
    ] = False,
) -> None:
    """Check worlds as an import would; exit 1 when one has errors, 2 when one cannot be read."""
    raise typer.Exit(max(_lint(name, as_json=as_json) for name in files))


def _lint(name: str, *, as_json: bool) -> int:
    """Prints what there is to say about one file; returns the exit code that it alone would give."""
    try:
        findings, counts = _findings_of_file(name)
    except (OSError, MalformedRequest) as error:
        print(f"conjure: {_cannot_be_read(name, error)}", file=sys.stderr)
        if as_json:
            print("null", flush=True)  # in its place, so that each line is a file's
        return _UNREADABLE
    if as_json:
        print(orjson.dumps([item.to_json() for item in findings]).decode(), flush=True)
    else:
        print(render_findings(findings, file=name, counts=counts), end="")
    return _ERRORS if counts[Severity.ERROR] else 0


def _findings_of_file(name: str) -> Found:
    """What an import would find. Raises OSError, MalformedRequest when there is nothing to check."""
    data = _read(name)
    value = jsondoc.loads(data)
    world = unstored.completed(value) if isinstance(value, dict) else value
    # As a server of these settings would.
    most = Settings.from_environment().worlds.softlock_situations
    examined = examine(world, most_situations=most)
    problem = _import_problem(world, len(data))
    if problem is None:
        return examined.findings, examined.counts
    refusal = Diagnostic.about("schema", Severity.ERROR, "world", problem)
    counts = examined.counts + Counter([refusal.severity])
    return ordered((refusal, *examined.findings)), counts


def _import_problem(world: object, size: int) -> str | None:
    """Why a document is not even checked by an import; None when it is."""
    if not isinstance(world, dict):
        return None  # the kernel says so
    try:
        if size > MAX_DOCUMENT_BYTES:
            raise PayloadTooLarge("the world is larger than 12 MiB")
        validation.encode(world)
    except AppError as error:
        return f"cannot be imported: {error}."
    return None


def read_findings(name: str) -> Found:
    """What an import of a file would find; ends the program when it cannot be read."""
    try:
        return _findings_of_file(name)
    except (OSError, MalformedRequest) as error:
        fail(_cannot_be_read(name, error))


def read_world(name: str) -> object:
    """The JSON of a file, `-` for standard input; ends the program when it cannot be read."""
    try:
        return jsondoc.loads(_read(name))
    except (OSError, MalformedRequest) as error:
        fail(_cannot_be_read(name, error))


def _read(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def _cannot_be_read(name: str, error: OSError | MalformedRequest) -> str:
    return f"{name}: {error.strerror if isinstance(error, OSError) else error}"
