"""YAML read in a tenth of the time, and Envoy's configuration as a file that it starts from in half the time."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from pathlib import Path

_LONG: Final = 400
_MEMBER: Final = re.compile(r"(\s*(?:- )?(?:\w+: )?)([\[{].*)")
_PLACE: Final = "value {} of a long line"


def parsed(text: str) -> Any:
    """What a YAML document says; some of its long lines may be JSON, as Envoy's thousand routes are.

    Its parser in C takes a tenth of the time of that in Python, and that of JSON a hundredth of the first.
    """
    values: dict[str, Any] = {}

    def shortened(line: str) -> str:
        if len(line) < _LONG or (member := _MEMBER.fullmatch(line)) is None:
            return line
        place = _PLACE.format(len(values))
        try:
            values[place] = json.loads(member[2])
        except ValueError:
            return line
        return f"{member[1]}{place}"

    def filled(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: filled(value) for name, value in part.items()}
        if isinstance(part, list):
            return [filled(item) for item in part]
        return values.get(part, part) if isinstance(part, str) else part

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return filled(yaml.load("\n".join(map(shortened, text.split("\n"))), Loader=loader))


def written(directory: Path, config: str) -> Path:
    """Writes a rendered configuration for Envoy, as JSON that says the same: its YAML takes it longer than all else.

    Production's is YAML: `conjure edge`, `conjure dev` and the image of the edge are tried with it.
    """
    path = directory / "envoy.json"
    path.write_text(json.dumps(parsed(config)))
    return path
