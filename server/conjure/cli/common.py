"""What commands share."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conjure.settings import Settings

if TYPE_CHECKING:
    from conjure.settings import StoreSettings

DEV_FILE = Path(".conjure/dev.json")


def fail(message: str) -> NoReturn:
    """Ends the program with one line on standard error."""
    print(f"conjure: {message}", file=sys.stderr)
    sys.exit(2)


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


def print_table(*columns: str, rows: list[tuple[Any, ...]]) -> None:
    """Prints rows for people."""
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))  # names may look like markup
    Console(soft_wrap=True).print(table)
