"""Output, settings and files that several commands need."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import orjson
import typer
from rich.cells import cell_len

from conjure.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.settings import StoreSettings

DEV_FILE = Path(".conjure/dev.json")

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def fail(message: str) -> NoReturn:
    """Ends the program with one line on standard error."""
    print(f"conjure: {message}", file=sys.stderr)
    sys.exit(2)


def whole_number(name: str, text: str, *, least: int, most: int) -> int:
    """Returns the number that a text is; ends the program when it is none from `least` to `most`."""
    # Longer than any that is taken: Python refuses to read thousands of digits.
    if not text.isdecimal() or len(text) > 20 or not least <= int(text) <= most:
        fail(f"{name} must be a whole number from {least} to {most}, not {text[:40]!r}")
    return int(text)


def read_dev_file(path: Path = DEV_FILE) -> dict[str, Any]:
    """Returns what `conjure dev` wrote in this folder; empty when it has not run here."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def admin_settings() -> Settings:
    """Settings for a command that goes to the store: the environment's, else those of `conjure dev`."""
    settings = Settings.from_environment()
    url = read_dev_file().get("storeUrl")
    if "CONJURE_STORE_URL" in os.environ or not isinstance(url, str):
        return settings
    store: StoreSettings = replace(settings.store, url=url)
    return replace(settings, store=store)


def print_table(*columns: str, rows: Sequence[Sequence[object]]) -> None:
    """Prints rows for people, the columns aligned; without a header when no column has a name.

    No cell is cut and no line is folded, however narrow the terminal is: what one command prints is what the
    next one needs. Control characters are escaped.
    """
    header = [columns] if any(columns) else []
    lines = [[_printable(str(cell)) for cell in row] for row in (*header, *rows)]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (
            cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)
        )
        print("  ".join(padded).rstrip())


def print_json(value: Any) -> None:
    """Prints one line of JSON, for scripts."""
    sys.stdout.buffer.write(orjson.dumps(value) + b"\n")
    sys.stdout.buffer.flush()


def _printable(text: str) -> str:
    """A name may hold anything, also what moves the cursor of a terminal."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )
