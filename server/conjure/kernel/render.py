"""Findings as plain text, the way a person reads a linter (`conjure lint FILE`)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from conjure.kernel.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.kernel.diagnostics import Diagnostic


def render_findings(diagnostics: Sequence[Diagnostic], *, file: str) -> str:
    """One line per finding, `file: severity: path message [lint]`, then a line that sums up."""
    lines = [_line(finding, file) for finding in diagnostics]
    return "\n".join([*lines, _summary(diagnostics, file)]) + "\n"


def _line(finding: Diagnostic, file: str) -> str:
    # A message is a sentence about its path; the path is not said twice.
    message = finding.message
    if not message.startswith(f"{finding.path} "):
        message = f"{finding.path}: {message}"
    return f"{file}: {finding.severity.value}: {message} [{finding.lint}]"


def _summary(diagnostics: Sequence[Diagnostic], file: str) -> str:
    if not diagnostics:
        return f"{file}: no findings"
    counts = Counter(finding.severity for finding in diagnostics)
    parts = [
        f"{counts[severity]} {severity.value}{'' if counts[severity] == 1 else 's'}"
        for severity in Severity
        if counts[severity]
    ]
    return f"{file}: {', '.join(parts)}"
