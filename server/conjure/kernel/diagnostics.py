"""What the kernel says about a world: `KernelDiagnostic` of CONTRACT section 9."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.wording import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(StrEnum):
    """How much a finding weighs: an error blocks the write, the others only advise."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


MOST_IN_PATH: Final = 200
"""Characters of a path; what is longer keeps its head and its tail."""

MOST_IN_MESSAGE: Final = 500
"""Characters of a message, of which the path is the beginning."""

_MOST_IN_LOC: Final = 256  # characters of a template's name, a slot's, or a fill: ids have no more

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Loc:
    """Where inside factored prose a finding lies; only what applies is set."""

    field: str | None = None
    template: str | None = None
    slot: str | None = None
    fill: str | None = None

    def shortened(self) -> Loc:
        """The same place, no member longer than names are: a fill may be as long as the world."""
        return Loc(
            **{name: shortened(value, _MOST_IN_LOC) for name, value in self.to_json().items()}
        )

    def to_json(self) -> dict[str, str]:
        """The members that are set."""
        members = (
            ("field", self.field),
            ("template", self.template),
            ("slot", self.slot),
            ("fill", self.fill),
        )
        return {name: value for name, value in members if value is not None}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `path` is for people; `message` says what is wrong and how to fix it."""

    lint: str
    severity: Severity
    path: str
    message: str
    loc: Loc | None = None

    @classmethod
    def about(
        cls, lint: str, severity: Severity, path: str, predicate: str, loc: Loc | None = None
    ) -> Diagnostic:
        """A finding whose message is a sentence about its path; all of it within the limits."""
        path = shortened(path, MOST_IN_PATH)
        message = shortened(f"{path} {predicate}", MOST_IN_MESSAGE)
        return cls(lint, severity, path, message, loc and loc.shortened())

    def to_json(self) -> dict[str, Any]:
        """The wire form; `loc` is left out when there is none."""
        members: dict[str, Any] = {
            "lint": self.lint,
            "severity": self.severity.value,
            "path": self.path,
            "message": self.message,
        }
        if self.loc is not None:
            members["loc"] = self.loc.to_json()
        return members


def ordered(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Errors first, then by path, then by lint; one finding per field and lint."""
    by_place = sorted(found, key=lambda d: (_RANK[d.severity], d.path, d.lint))
    # Shortened names and hostile ids can give two fields one path: only the first finding is kept.
    return tuple({(d.path, d.lint): d for d in reversed(by_place)}.values())[::-1]


def errors(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings that block a write."""
    return tuple(d for d in diagnostics if d.severity is Severity.ERROR)


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether the gate refuses the world."""
    return any(d.severity is Severity.ERROR for d in diagnostics)


def advisories(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The warnings and infos, which a successful write returns."""
    return tuple(d for d in diagnostics if d.severity is not Severity.ERROR)
