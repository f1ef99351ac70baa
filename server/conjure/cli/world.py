"""`conjure world`: worlds of a running server, for people and for scripts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
import typer

from conjure.cli import play as plays
from conjure.cli import words
from conjure.cli.common import JsonOption, fail, print_json, print_table
from conjure.cli.lint import read_findings
from conjure.cli.remote import CALL_S, KeyOption, TargetOption, as_json, remote, run_remote
from conjure.cli.subject import WorldOrFile, fetch_world, world_or_file
from conjure.core import jsondoc
from conjure.core.ids import canonical_uuid
from conjure.core.times import rfc3339
from conjure.kernel import (
    Diagnostic,
    Loc,
    Severity,
    check,
    has_errors,
    picture,
    render_findings,
    unstored,
)
from conjure.kernel.wording import shown
from conjure.settings import MANY
from conjure.v1 import document_pb2
from conjure.v1 import graph_service_pb2 as graph_pb
from conjure.v1 import world_service_pb2 as world_pb
from conjure.v1.graph_service_pb2_grpc import GraphServiceStub
from conjure.v1.world_service_pb2_grpc import WorldServiceStub
from conjure.versions.diff import compare

if TYPE_CHECKING:
    import grpc.aio
    from google.protobuf.timestamp_pb2 import Timestamp

    from conjure.cli.lint import Found
    from conjure.cli.remote import Remote
    from conjure.v1 import diagnostic_pb2, world_pb2

world = typer.Typer(no_args_is_help=True, help="Worlds of a running server.")

_PAGE: Final = 100


@world.command("list")
def list_worlds(
    *,
    limit: Annotated[
        int | None, typer.Option(help="How many at most; default: all.", min=1, max=MANY)
    ] = None,
    json: JsonOption = False,
    target: TargetOption = None,
    key: KeyOption = None,
) -> None:
    """List the worlds of the key's app and mode, newest first."""
    server = remote(target, key)

    async def pages(channel: grpc.aio.Channel) -> list[world_pb2.World]:
        stub: Any = WorldServiceStub(channel)
        found: list[world_pb2.World] = []
        cursor: str | None = None
        while limit is None or len(found) < limit:
            size = _PAGE if limit is None else min(_PAGE, limit - len(found))
            page = await stub.ListWorlds(
                world_pb.ListWorldsRequest(limit=size, cursor=cursor),
                metadata=server.metadata,
                timeout=CALL_S,
            )
            found += page.worlds
            if not page.HasField("next_cursor"):
                break
            cursor = page.next_cursor
        return found

    worlds = run_remote(server, pages)
    if json:
        print_json([orjson.Fragment(as_json(item)) for item in worlds])
        return
    rows = [
        (
            item.id,
            item.name,
            item.visibility,
            _moment(item.created_at),
            _moment(item.updated_at),
        )
        for item in worlds
    ]
    print_table("id", "name", "visibility", "created", "updated", rows=rows)


@world.command("get")
def get(
    world_id: Annotated[str, typer.Argument(metavar="WORLD")],
    *,
    json: JsonOption = False,
    target: TargetOption = None,
    key: KeyOption = None,
) -> None:
    """Show a world: what it is called, its revision, how large its graph is."""
    found = fetch_world(remote(target, key), world_id)
    value = jsondoc.loads(found.document.json)
    facts = {
        **orjson.loads(as_json(found.world)),
        "rev": found.rev,
        "entrance": value["entrance"]["state"],
        "states": len(value["scene"]["states"]),
        "events": len(value["scene"]["events"]),
        "bytes": len(found.document.json),
    }
    facts.pop("schemaVersion", None)
    if json:
        print_json(facts)
        return
    # A cover may be a picture of many kilobytes. A terminal gets its beginning, a pipe all of it.
    cut = shown if sys.stdout.isatty() else str
    rows = [(name, cut(str(item))) for name, item in facts.items() if item is not None]
    print_table("", "", rows=rows)


@world.command("export")
def export(
    world_id: Annotated[str, typer.Argument(metavar="WORLD")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Default: standard output.")
    ] = None,
    target: TargetOption = None,
    key: KeyOption = None,
) -> None:
    """Write a world's document, byte for byte as it is stored."""
    document = fetch_world(remote(target, key), world_id).document.json
    _write(document, output)


@world.command("import")
def import_world(
    file: Annotated[str, typer.Argument(metavar="FILE", help="a world; - for standard input")],
    name: Annotated[str | None, typer.Option(help="Replaces the name in the file.")] = None,
    target: TargetOption = None,
    key: KeyOption = None,
) -> None:
    """Make a world of a file; prints its id. It counts as one generation."""
    server = remote(target, key)
    request = world_pb.CreateWorldRequest(
        world=document_pb2.JsonDocument(json=_read_bytes(file)), name=name
    )

    async def create(channel: grpc.aio.Channel) -> str:
        stub: Any = WorldServiceStub(channel)
        made = await stub.CreateWorld(request, metadata=server.metadata, timeout=CALL_S)
        return str(made.world_id)

    print(run_remote(server, create))


@world.command("edit")
def edit(
    world_id: Annotated[str, typer.Argument(metavar="WORLD")],
    instruction: Annotated[str, typer.Argument(help="what to change, in words")],
    *,
    rev: Annotated[str | None, typer.Option(help="Only if this is its revision.")] = None,
    json: JsonOption = False,
    target: TargetOption = None,
    key: KeyOption = None,
) -> None:
    """Change a world as you say; prints the reply, which may be a question. It counts as one edit."""
    edited = words.edit(remote(target, key), world_id, instruction, rev)
    if json:
        print_json(orjson.Fragment(as_json(edited)))
        return
    print(edited.reply)


@world.command("lint")
def lint(
    subject: WorldOrFile,
    *,
    json: JsonOption = False,
    target: TargetOption = None,
    key: KeyOption = None,
) -> None:
    """Print the kernel's findings: a server's for its world, our own for a file; exit 1 on errors."""
    if canonical_uuid(subject) is None:
        found, counts = read_findings(subject)
    else:
        found, counts = _findings(remote(target, key), subject)
    if json:
        print_json([item.to_json() for item in found])
    else:
        print(render_findings(found, file=subject, counts=counts), end="")
    raise typer.Exit(1 if has_errors(found) else 0)


@world.command("draw")
def draw(
    subject: WorldOrFile,
    *,
    form: Annotated[picture.Format, typer.Option("--format", help="What to write.")] = "svg",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Default: standard output.")
    ] = None,
    target: TargetOption = None,
    key: KeyOption = None,
) -> None:
    """Draw the graph: the entrance, endings, locked events, dead ends, and what is out of reach.

    An SVG shows the states nearest to the entrance, as many as can be read; Mermaid and DOT have all.
    """
    _write(picture.draw(world_or_file(subject, target, key), form).encode(), output)


@world.command("play")
def play(subject: WorldOrFile, *, target: TargetOption = None, key: KeyOption = None) -> None:
    """Play a world here: choose events by number; back, map, flags, look, help, quit."""
    if subject == "-":
        fail("standard input is for what you type: name a file")
    found = world_or_file(subject, target, key)
    findings = check(unstored.completed(found))
    if has_errors(findings):
        fail(f"{subject} cannot be played: {findings[0].path}: {findings[0].message}")
    plays.play(found)


@world.command("diff")
def diff(
    a: WorldOrFile,
    b: WorldOrFile,
    *,
    json: JsonOption = False,
    target: TargetOption = None,
    key: KeyOption = None,
) -> None:
    """List the states and events that differ from A to B. Exit 1 if some do."""
    first, second = (world_or_file(item, target, key) for item in (a, b))
    parts = dict(zip(("states", "events"), compare(first, second), strict=True))
    differences = {
        kind: {how: getattr(changes, how) for how in ("added", "removed", "changed")}
        for kind, changes in parts.items()
    }
    if json:
        print_json({"a": a, "b": b, **differences})
    else:
        signs = {"added": "+", "removed": "-", "changed": "~"}
        rows = [
            (signs[how], kind.removesuffix("s"), name)
            for kind, changes in differences.items()
            for how, names in changes.items()
            for name in names
        ]
        if rows:
            print_table("", "", "name", rows=rows)
        else:
            print("no state and no event differs")
    differs = any(names for changes in differences.values() for names in changes.values())
    raise typer.Exit(1 if differs else 0)


def _findings(server: Remote, world_id: str) -> Found:
    async def read(channel: grpc.aio.Channel) -> Found:
        stub: Any = GraphServiceStub(channel)
        found = await stub.LintGraph(
            graph_pb.LintGraphRequest(id=world_id), metadata=server.metadata, timeout=CALL_S
        )
        counts = {severity: getattr(found.counts, severity.value) for severity in Severity}
        return tuple(_diagnostic(item) for item in found.diagnostics), counts

    return run_remote(server, read)


def _diagnostic(message: diagnostic_pb2.KernelDiagnostic) -> Diagnostic:
    loc = None
    if message.HasField("loc"):
        loc = Loc(**{field.name: value for field, value in message.loc.ListFields()})
    return Diagnostic(message.lint, Severity(message.severity), message.path, message.message, loc)


def _write(data: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(data)
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        fail(f"{output}: {error.strerror}")


def _read_bytes(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        fail(f"{name}: {error.strerror}")


def _moment(stamp: Timestamp) -> str:
    return rfc3339(stamp.seconds * 1000 + stamp.nanos // 1_000_000)
