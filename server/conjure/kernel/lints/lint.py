"""One rule of the kernel, as its code and its documentation both know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conjure.kernel.diagnostics import Diagnostic, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjure.kernel.diagnostics import Loc

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


@dataclass(frozen=True, slots=True)
class Lint:
    """A rule of CONTRACT section 9.

    `rule` says in one line when it fires. `example` is a JSON merge patch (RFC 7396): laid over
    any sound world that has a state `atrium` and a state `cellar`, it makes the rule fire.
    """

    name: str
    severity: Severity
    rule: str
    example: Mapping[str, Any]

    def at(self, path: str, predicate: str, loc: Loc | None = None) -> Diagnostic:
        """A finding whose message is a sentence about the place it was found at."""
        return Diagnostic.about(self.name, self.severity, path, predicate, loc)
