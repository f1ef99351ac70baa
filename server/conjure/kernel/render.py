"""Findings as plain text, the way a person reads a linter (`conjure lint FILE`)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from conjure.kernel.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjure.kernel.diagnostics import Diagnostic


def render_findings(
    diagnostics: Sequence[Diagnostic], *, file: str, counts: Mapping[Severity, int] | None = None
) -> str:
    """One line per finding, `file: severity: path message [lint]`, then a line that sums up.

    `counts` is how many there are of each severity, where that is more than are listed.
    """
    if counts is None:
        counts = Counter(finding.severity for finding in diagnostics)
    lines = [_line(finding, file) for finding in diagnostics]
    return "\n".join([*lines, _summary(counts, file)]) + "\n"


def _line(finding: Diagnostic, file: str) -> str:
    # A message is a sentence about its path; the path is not said twice.
    message = finding.message
    if not message.startswith(f"{finding.path} "):
        message = f"{finding.path}: {message}"
    return f"{file}: {finding.severity.value}: {message} [{finding.lint}]"


def _summary(counts: Mapping[Severity, int], file: str) -> str:
    parts = [
        f"{count:,} {severity.value}{'' if count == 1 else 's'}"
        for severity in Severity
        if (count := counts.get(severity, 0))
    ]
    return f"{file}: {', '.join(parts) or 'no findings'}"
