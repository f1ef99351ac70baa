"""What can be told is what the contract lists, and what scripts tell."""

from __future__ import annotations

import re
from pathlib import Path

from conjure.webhooks.model import EVENT_TYPES

ROOT = Path(__file__).parents[3]
_TOLD = re.compile(r"\bqueue_event\([^)]*?'([a-z.]+)'", re.DOTALL)


def test_the_contract_lists_every_event():
    text = (ROOT / "protos/CONTRACT.md").read_text(encoding="utf-8")
    table = text[text.index("| event | data |") :].partition("\n\n")[0]
    assert tuple(re.findall(r"^\| `([a-z.]+)`", table, re.MULTILINE)) == EVENT_TYPES


def test_every_event_is_told_by_a_script_and_no_script_tells_another():
    """One that no webhook may ask for would be delivered to those alone that ask for everything."""
    told = [
        name
        for script in (ROOT / "server/conjure").rglob("*.lua")
        for name in _TOLD.findall(script.read_text(encoding="utf-8"))
    ]
    assert sorted(told) == sorted(EVENT_TYPES)
