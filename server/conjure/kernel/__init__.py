"""The kernel: what makes an SMWorld sound, as pure functions over plain JSON values.

No I/O beyond loading its own schema at import. CONTRACT sections 9 and 10 are its source.
"""

from __future__ import annotations

from conjure.kernel.check import Examined, check, examine
from conjure.kernel.diagnostics import (
    Diagnostic,
    Loc,
    Severity,
    advisories,
    errors,
    has_errors,
)
from conjure.kernel.lints import LINTS
from conjure.kernel.lints.lint import Lint
from conjure.kernel.lints.prose import PROMPT_BUDGET
from conjure.kernel.ops import NotThere, OpError, OpsInvalid, set_entrance
from conjure.kernel.render import render_findings
from conjure.kernel.resolve import resolve
from conjure.kernel.schema import SCHEMA_BYTES

__all__ = [
    "LINTS",
    "PROMPT_BUDGET",
    "SCHEMA_BYTES",
    "Diagnostic",
    "Examined",
    "Lint",
    "Loc",
    "NotThere",
    "OpError",
    "OpsInvalid",
    "Severity",
    "advisories",
    "check",
    "errors",
    "examine",
    "has_errors",
    "render_findings",
    "resolve",
    "set_entrance",
]
