"""One row a fault: what was asked, what was answered, how soon it was well again, and what was violated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from support.chaos.ledger import LOST, Fate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from support.chaos.judgement import Judgement
    from support.chaos.ledger import Ledger

HEAD: Final = ("fault", "edge's calls", "requests", "acknowledged", "by the rules", "refused", "unknown", "first success, ms", "last failure, ms", "violations", "judged")  # fmt: skip


@dataclass(frozen=True)
class Row:
    """`healed`: the moments from which on nothing is broken any more, by the monotonic clock."""

    fault: str
    ledger: Ledger
    healed: Sequence[float]
    violations: int
    calls: str
    """How the edge made its unary calls."""
    judged: Judgement | None = None
    """What Porcupine says, where it was asked."""

    def cells(self) -> tuple[str, ...]:
        """The texts of the row, in the order of `HEAD`."""
        attempts = self.ledger.attempts
        failed = self.ledger.failures()
        refused = [a.status for a in failed if a.fate is Fate.REFUSED]
        unknown = [a.status for a in failed if a.fate is Fate.UNKNOWN]
        first, last = self.recovery_ms()
        return (
            self.fault,
            self.calls,
            f"{len(attempts):,}",
            f"{sum(a.fate is Fate.DONE for a in attempts):,}",
            f"{sum(a.fate is Fate.REFUSED for a in attempts) - len(refused):,}",
            _counts(refused),
            _counts(unknown),
            str(first),
            str(last) if failed else "none",
            str(self.violations),
            "" if self.judged is None else self.judged.cell(),
        )

    def recovery_ms(self) -> tuple[int, int]:
        """The longest, over all injections, until a write that began after it was acknowledged; and until the
        last call that failed had its answer."""
        first = last = 0.0
        ends = [*self.healed[1:], float("inf")]
        for begin, end in zip(self.healed, ends, strict=True):
            done = [a.ended for a in self.ledger.of("write", Fate.DONE) if begin <= a.begun < end]
            first = max(first, min(done, default=begin) - begin)
            failed = [a.ended for a in self.ledger.failures() if begin <= a.ended < end]
            last = max(last, max(failed, default=begin) - begin)
        return round(first * 1000), round(last * 1000)


ROWS: Final[list[Row]] = []
"""Of this run, in the order of the tests."""


STEPS_HEAD: Final = ("deed", "struck", "moment", "steps tried", "with violations")
STEPS: Final[list[tuple[str, str, str, int, int]]] = []
"""Of this run: the walks through all steps of a deed (`walk.py`)."""


ALERTS_HEAD: Final = ("fault", "fires", "fires as well", "after, s", "silent again after, s")


@dataclass(frozen=True)
class FiredAlert:
    """What a fault has fired (`test_alerts.py`): who had to, who did as well, and the longest wait for that.

    Seconds of compressed time. `gone_s` is from the moment that the fault was mended.
    """

    fault: str
    fires: Sequence[str]
    companions: Sequence[str]
    fired_s: float
    gone_s: float

    def cells(self) -> tuple[str, ...]:
        """The texts of the row, in the order of `ALERTS_HEAD`."""
        names = (", ".join(each).replace("Conjure", "") for each in (self.fires, self.companions))
        return (self.fault, *names, f"{self.fired_s:.1f}", f"{self.gone_s:.1f}")


ALERTS: Final[list[FiredAlert]] = []
"""Of this run, in the order of the faults."""


def alerts_table(rows: Iterable[FiredAlert]) -> str:
    """Alerts by their faults, as a Markdown table."""
    return _markdown(ALERTS_HEAD, [row.cells() for row in rows])


def table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table whose columns also stand in line on a terminal."""
    return _markdown(HEAD, [row.cells() for row in rows])


def steps_table(walks: Iterable[tuple[str, str, str, int, int]]) -> str:
    """The same of walks."""
    return _markdown(STEPS_HEAD, [tuple(map(str, walk)) for walk in walks])


def _markdown(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    cells = [head, *rows]
    widths = [max(len(line[n]) for line in cells) for n in range(len(head))]
    lines = [
        "| "
        + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        + " |"
        for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _counts(statuses: list[int]) -> str:
    """`503: 12, 504: 3`; a call without any answer is `lost`."""
    named = sorted(set(statuses))
    return ", ".join(f"{s if s != LOST else 'lost'}: {statuses.count(s):,}" for s in named) or "0"
