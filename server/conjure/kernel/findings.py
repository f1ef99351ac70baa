"""What lints find in one world, bounded however much there is to find.

A megabyte of JSON holds two hundred thousand short strings, and each may break a rule. A list of that
many sentences helps nobody, takes fifty times the bytes of the world, and anybody with a publishable
key may ask for it. So a list ends at a limit, and its last finding says how many more there are.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from conjure.kernel.diagnostics import Severity, ordered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.kernel.diagnostics import Diagnostic

MOST_KEPT: Final = 1_000
"""Findings of each severity that are remembered: the first ones that the lints come upon.

More than anybody mends before the next check. Putting one into words costs as much as checking 250 bytes
of an ordinary world, so it is also what bounds the cost of a small world made to break rules.
"""

MOST_BYTES: Final = 2**20
"""JSON of the findings of a world: with a world of 3 MiB it is what a gRPC client takes at once."""

_MOST_OF_ONE: Final = 8 * 2**10
"""Bytes of JSON that one finding cannot have, by the limits in `diagnostics`."""

_FRAME: Final = len('{"lint":"","severity":"","path":"","message":""},')
_LOC_FRAME: Final = len(',"loc":{"field":"","template":"","slot":"","fill":""}')


_ROOM: Final = dict.fromkeys(Severity, MOST_KEPT)


class Findings:
    """What lints add their findings to: all are counted, the first of each severity are kept.

    Each severity has room of its own, so that no number of warnings displaces an error: whether there
    are errors is always exact.
    """

    __slots__ = ("_room", "kept", "omitted")

    def __init__(self) -> None:
        self.kept: list[Diagnostic] = []
        self.omitted: Counter[Severity] = Counter()
        self._room = _ROOM.copy()

    def append(self, finding: Diagnostic) -> None:
        """Adds a finding."""
        if not self.omits(finding.severity):
            self._room[finding.severity] -= 1
            self.kept.append(finding)

    def omits(self, severity: Severity) -> bool:
        """Whether there is no room for a finding of that severity; then it is counted.

        Asked before a finding is put into words, where one list of a world may hold a million.
        """
        if self._room[severity]:
            return False
        self.omitted[severity] += 1
        return True

    def is_full(self, severity: Severity) -> bool:
        """Whether there is no room for a finding of that severity. Who asks counts it with `omit`."""
        return not self._room[severity]

    def omit(self, severity: Severity, number: int) -> None:
        """Counts findings that there is no room for."""
        if number:
            self.omitted[severity] += number

    def has(self, severity: Severity) -> bool:
        """Whether there is a finding of that severity."""
        return self._room[severity] < MOST_KEPT or bool(self.omitted[severity])

    @property
    def total(self) -> int:
        """How many there are, kept or not."""
        return len(self.kept) + self.omitted.total()

    def extend(self, findings: Iterable[Diagnostic]) -> None:
        """Adds findings in their order."""
        for finding in findings:
            self.append(finding)

    def include(self, other: Findings) -> None:
        """Adds what was found elsewhere, and what was left out there."""
        if other.kept:
            self.extend(other.kept)
        if other.omitted:
            self.omitted.update(other.omitted)


class Listed:
    """The findings of a world as they are listed, and how many there are of each severity.

    `items` is in order (`ordered`), and as much of it as `MOST_BYTES` allow; `counts` is of all that
    there are, listed or not.
    """

    __slots__ = ("counts", "items", "omitted")

    def __init__(self, found: Findings) -> None:
        kept = ordered(found.kept)
        fitting = _that_fit(kept)
        self.items = kept[:fitting]
        self.omitted: Counter[Severity] = found.omitted.copy()
        for item in kept[fitting:]:
            self.omitted[item.severity] += 1
        self.counts: Counter[Severity] = found.omitted.copy()
        for item in kept:
            self.counts[item.severity] += 1


def _that_fit(findings: tuple[Diagnostic, ...]) -> int:
    """How many of the first findings come to no more than `MOST_BYTES`."""
    if len(findings) * _MOST_OF_ONE <= MOST_BYTES:
        return len(findings)
    left = MOST_BYTES - _MOST_OF_ONE  # room for the one that says how many more there are
    for at, finding in enumerate(findings):
        left -= json_bytes(finding)
        if left < 0:
            return at
    return len(findings)


def json_bytes(finding: Diagnostic) -> int:
    """How many bytes of compact JSON a finding takes; never fewer than it does."""
    size = _FRAME + len(finding.lint) + len(finding.severity)
    size += _text_bytes(finding.path) + _text_bytes(finding.message)
    if finding.loc is not None:
        size += _LOC_FRAME
        size += sum(map(_text_bytes, finding.loc.to_json().values()))
    return size


def _text_bytes(text: str) -> int:
    escapes = text.count('"') + text.count("\\")
    if not text.isprintable():
        escapes += 5 * len(text)  # \\u0000; a few characters at most, so an upper bound will do
    return escapes + (len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass")))
