"""The alert rules as they are shipped, and the same with their time compressed."""

from __future__ import annotations

import copy
import os
import re
from pathlib import Path
from typing import Any, Final

import yaml

EDGE: Final = Path(__file__).parents[3] / "edge"
RULES: Final[dict[str, Any]] = yaml.safe_load((EDGE / "alerts.yaml").read_text())
NAMES: Final = tuple(rule["alert"] for group in RULES["groups"] for rule in group["rules"])

FACTOR: Final = float(os.environ.get("CHAOS_ALERTS_FACTOR", "60"))
"""A minute of a rule is a second here. On a machine that has other work, 20 is steadier."""

IS_BUSY: Final = os.environ.get("CHAOS_ALERTS_BUSY", "") == "1"
OF_BUSY_MACHINES: Final = {"ConjureConnectSlow", "ConjureLoopLags", "ConjureLoopHeld"}
"""What a machine whose cores have other work fires by itself, and rightly. With CHAOS_ALERTS_BUSY=1 they may fire
beside any fault, so that a developer can try the rest; a verdict is only what runs without it."""

IN_SECONDS: Final = {"ConjureWorkWaits": 120.0}
"""Thresholds that are how long something has lasted: compressed like `for`, else a test waits two minutes.

All others stay as they are: ratios, counts, and the time that a call or a wait takes. So a count (`> 10` in ten
minutes) is as many in ten seconds here: a fault has to do as much as it has to do to a real deployment, sooner.
"""

_UNITS_MS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000}
_DURATION: Final = re.compile(r"(\d+)([smh])")
_WINDOW: Final = re.compile(r"\[(\d+[smh])\]")


def compressed(rules: dict[str, Any] = RULES, factor: float = FACTOR) -> dict[str, Any]:
    """The same rules with every window and every `for` divided by `factor`, and `IN_SECONDS`."""
    made = copy.deepcopy(rules)
    for group in made["groups"]:
        for rule in group["rules"]:
            rule["expr"] = _WINDOW.sub(
                lambda found: f"[{_shorter(found[1], factor)}]", rule["expr"]
            )
            if "for" in rule:
                rule["for"] = _shorter(rule["for"], factor)
            threshold = IN_SECONDS.get(rule["alert"])
            if threshold is not None:
                said = f"> {threshold:g}"
                assert rule["expr"].endswith(said), f"{rule['alert']} is of another time now"
                rule["expr"] = rule["expr"].removesuffix(said) + f"> {threshold / factor:g}"
    return made


def _shorter(duration: str, factor: float) -> str:
    return f"{round(_ms(duration) / factor)}ms"


def _seconds(rule: dict[str, Any]) -> float:
    """How long a rule may need to fire: its longest window, then its `for`."""
    spans = [*_WINDOW.findall(rule["expr"]), *([rule["for"]] if "for" in rule else [])]
    windows = [_ms(span) for span in spans] or [0]
    return (max(windows) + (_ms(rule["for"]) if "for" in rule else 0)) / 1000


def _ms(duration: str) -> int:
    found = _DURATION.fullmatch(duration)
    assert found, f"{duration} is no simple duration"
    return int(found[1]) * _UNITS_MS[found[2]]


LONGEST_S: Final = max(_seconds(rule) for group in RULES["groups"] for rule in group["rules"])
"""Within this every alert has fired that has a reason to. Not compressed."""
