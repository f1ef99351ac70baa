"""How events are triggered and how transitions land (CONTRACT section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.kernel.lints.lint import WARNING, Lint
from conjure.kernel.values import child, number, text
from conjure.kernel.wording import either, quoted

if TYPE_CHECKING:
    from conjure.kernel.document import World
    from conjure.kernel.findings import Findings
    from conjure.kernel.parts import Event


def _way(name: str, source: str, to: str, land_when: dict[str, object]) -> dict[str, object]:
    return {
        "name": name,
        "kind": "transition",
        "from": [source],
        "to": to,
        "landWhen": land_when,
    }


AUTO_NEEDS_PIXELS = Lint(
    "auto-needs-pixels",
    WARNING,
    "`landWhen.auto` stands without any of minLuminance, maxLuminance, minMotion, maxMotion",
    {"scene": {"events": [_way("Go down", "atrium", "cellar", {"auto": True})]}},
)
LUMINANCE_OVERLAP = Lint(
    "luminance-overlap",
    WARNING,
    "two transitions form a round trip, and one's landWhen.minLuminance is not above the other's "
    "landWhen.maxLuminance",
    {
        "scene": {
            "events": [
                _way("Go up", "cellar", "atrium", {"minLuminance": 0.4}),
                _way("Go down", "atrium", "cellar", {"maxLuminance": 0.5}),
            ]
        }
    },
)
SLIVER_EVIDENCE = Lint(
    "sliver-evidence",
    WARNING,
    "`anchor.label` stands without `anchor.minProximity`",
    {
        "scene": {
            "events": [
                {
                    "name": "Lift",
                    "kind": "override",
                    "from": ["atrium"],
                    "anchor": {"label": "lamp"},
                }
            ]
        }
    },
)
RESERVED_HOTKEY = Lint(
    "reserved-hotkey",
    WARNING,
    "a hotkey is w, a, s, d, an arrow, space or escape",
    {
        "scene": {
            "events": [{"name": "Wave", "kind": "override", "from": ["atrium"], "hotkey": "w"}]
        }
    },
)
LINTS = (AUTO_NEEDS_PIXELS, LUMINANCE_OVERLAP, SLIVER_EVIDENCE, RESERVED_HOTKEY)

_PIXELS = ("minLuminance", "maxLuminance", "minMotion", "maxMotion")

# By the names that browsers (`key` and `code`) and people write, without spaces, _ and -.
_RESERVED = frozenset(
    (
        *("w", "a", "s", "d"),
        *("keyw", "keya", "keys", "keyd"),
        *("arrow", "arrowup", "arrowdown", "arrowleft", "arrowright"),
        *("up", "down", "left", "right"),
        *("uparrow", "downarrow", "leftarrow", "rightarrow"),
        *("↑", "↓", "←", "→"),
        *("space", "spacebar", "escape", "esc"),
    )
)
_LONGEST_KEY = 24
_KEY_JOINS = str.maketrans("", "", " _-")


def check_event(event: Event, found: Findings) -> None:
    """Look at the trigger of an event."""
    raw = event.raw
    if "anchor" in raw:
        _anchor(event, found)
    if raw.get("hotkey"):
        _hotkey(event, found)
    if "landWhen" in raw:
        land = child(raw, "landWhen")
        if land.get("auto") is True and not any(pixel in land for pixel in _PIXELS):
            found.append(
                AUTO_NEEDS_PIXELS.at(
                    f"{event.path}.landWhen.auto",
                    f"has nothing to measure. Add {either(_PIXELS)}.",
                )
            )


def check(world: World, found: Findings) -> None:
    """Match ways there with ways back."""
    brighter: list[tuple[Event, float, str]] = []
    darkest: dict[tuple[str, str], tuple[float, Event]] = {}
    for event in world.events.with_landing:
        if event.kind != "transition" or event.to is None:
            continue
        arrival = world.lands(event.to)
        if arrival is None:
            continue
        land = child(event.raw, "landWhen")
        least, most = number(land, "minLuminance"), number(land, "maxLuminance")
        if least is not None:
            brighter.append((event, least, arrival))
        if most is not None:
            # Of all ways between two states the most permissive is the one that can overlap.
            for source in event.sources:
                known = darkest.get((source, arrival))
                if known is None or most > known[0]:
                    darkest[source, arrival] = (most, event)
    for event, least, arrival in brighter:
        _round_trip(event, least, arrival, darkest, found)


def _anchor(event: Event, found: Findings) -> None:
    anchor = child(event.raw, "anchor")
    if text(anchor, "label") is not None and "minProximity" not in anchor:
        found.append(
            SLIVER_EVIDENCE.at(
                f"{event.path}.anchor",
                "has a label but no minProximity, so a sliver of it at the edge of the picture is "
                "enough. Add minProximity.",
            )
        )


def _hotkey(event: Event, found: Findings) -> None:
    key = text(event.raw, "hotkey")
    if key is None or len(key) > _LONGEST_KEY:
        return
    if key.isspace() or key.lower().translate(_KEY_JOINS) in _RESERVED:
        found.append(
            RESERVED_HOTKEY.at(
                f"{event.path}.hotkey",
                f"is {quoted(key)}, which the player already uses to move or leave. Choose another "
                "key.",
            )
        )


def _round_trip(
    event: Event,
    least: float,
    arrival: str,
    darkest: dict[tuple[str, str], tuple[float, Event]],
    found: Findings,
) -> None:
    for source in event.sources:
        most, back = darkest.get((arrival, source), (None, None))
        # A way from a state to itself is no round trip.
        if most is not None and back is not None and source != arrival and least <= most:
            found.append(
                LUMINANCE_OVERLAP.at(
                    f"{event.path}.landWhen.minLuminance",
                    f"is not above the maxLuminance of the way back, {back.path}, so one picture "
                    "can land both. Raise this one or lower that one.",
                )
            )
            return
