"""That a list of findings is not all there is to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.kernel.diagnostics import Severity
from conjure.kernel.findings import MOST_BYTES, MOST_KEPT
from conjure.kernel.lints.lint import INFO, Lint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjure.kernel.diagnostics import Diagnostic

MORE_FINDINGS = Lint(
    "more-findings",
    INFO,
    f"there are more findings than are listed, which is at most {MOST_KEPT:,} of each severity and "
    f"{MOST_BYTES:,} bytes of JSON in all; errors are listed first",
    {"scene": {"states": {"atrium": {"ambient": ["no"] * (MOST_KEPT + 1)}}}},
)
LINTS = (MORE_FINDINGS,)


def more_findings(omitted: Mapping[Severity, int]) -> Diagnostic:
    """The finding that ends a list which is not complete."""
    numbers = [
        f"{omitted[severity]:,} {severity.value}{'s' if omitted[severity] > 1 else ''}"
        for severity in Severity
        if omitted.get(severity)
    ]
    return MORE_FINDINGS.at(
        "world",
        f"has more findings than these: {', '.join(numbers)}. Fix some of them, then check again.",
    )
