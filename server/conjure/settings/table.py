"""The table of settings in OPERATIONS.md, written from the code: `python -m conjure.settings.table`."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
import typing
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conjure.settings.bounds import bounds_of
from conjure.settings.model import Settings
from conjure.settings.variables import variable

if TYPE_CHECKING:
    from dataclasses import Field

PAGE: Final = Path(__file__).parents[2] / "OPERATIONS.md"
BEGIN: Final = "<!-- settings:begin -->"
END: Final = "<!-- settings:end -->"

_NOTE: Final = "<!-- Written by `python -m conjure.settings.table`. Do not edit. -->"
_UNITS: Final = (
    ("_per_s", "per second"),
    ("_s", "seconds"),
    ("_seconds", "seconds"),
    ("_bytes", "bytes"),
    ("bytes_per_world", "bytes"),
)
_TYPES: Final = {bool: "true/false", int: "number", float: "number", str: "text"}


def settings_table() -> str:
    """Returns the Markdown between the two marks: a table per section, a row per variable."""
    return "\n\n".join([_NOTE, *(_section(item) for item in fields(Settings))])


def page_with_table(page: str) -> str:
    """Returns a page with the table between its marks. Raises ValueError when it lacks them."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{settings_table()}\n{END}{after}"


def comments_of(section: type[Any]) -> dict[str, str]:
    """Returns what stands in the comment above each field of a section, as one line."""
    source = textwrap.dedent(inspect.getsource(section))
    lines = source.splitlines()
    found: dict[str, str] = {}
    statement = ast.parse(source).body[0]
    assert isinstance(statement, ast.ClassDef)  # noqa: S101 - the source of a class
    for node in statement.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = _comment_above(lines, node.lineno - 1)
    return found


def _comment_above(lines: list[str], at: int) -> str:
    first = at
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return " ".join(line.strip().removeprefix("#").strip() for line in lines[first:at])


def _section(item: Field[Any]) -> str:
    section = typing.get_type_hints(Settings)[item.name]
    hints, comments = typing.get_type_hints(section), comments_of(section)
    defaults = section()
    rows = [
        f"| `{variable(item.name, setting.name)}` | {_shown(getattr(defaults, setting.name))} |"
        f" {bounds_of(setting) or ''} |"
        f" {_unit(setting.name, hints[setting.name])} | {_cell(comments[setting.name])} |"
        for setting in fields(section)
    ]
    about = " ".join((section.__doc__ or "").split())
    head = "| Variable | Default | Bounds | Unit or type | Meaning |"
    return "\n".join([f"### `{item.name}`", "", about, "", head, "|---|---|---|---|---|", *rows])


def _shown(default: object) -> str:
    if default == "":
        return "(empty)"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _unit(name: str, kind: type) -> str:
    if kind in (int, float):
        for ending, unit in _UNITS:
            if name.endswith(ending):
                return unit
    return _TYPES[kind]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Writes the table into OPERATIONS.md of this checkout."""
    try:
        PAGE.write_text(page_with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    except (OSError, ValueError) as error:
        sys.exit(f"{PAGE}: {error}")


if __name__ == "__main__":
    main()
