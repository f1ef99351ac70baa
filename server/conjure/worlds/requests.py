"""What a caller asks a creation for, and what a document is made into before it is stored (CONTRACT 2.1)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from conjure.core import jsondoc
from conjure.core.errors import UnprocessableCreation
from conjure.kernel.names import world_name_problem

if TYPE_CHECKING:
    from conjure.core.caller import Tenant

GENERATION: Final = "generation"
"""The unit of usage that a creation costs (CONTRACT 7)."""

ROUTE: Final = "worlds"
"""The route that Idempotency-Keys of creations are scoped to (CONTRACT 0)."""

_NOT_IN_SLUGS: Final = re.compile(r"[^a-z0-9]+")
_MAX_PREMISE: Final = 8_000  # characters


@dataclass(frozen=True, slots=True)
class NewWorld:
    """What to create: from `premise`, or by importing `document` (JSON text)."""

    premise: str | None = None
    name: str | None = None
    pov: str | None = None
    document: bytes | None = None
    frame: bool = False


@dataclass(frozen=True, slots=True)
class AcceptedJob:
    """A creation that is done later. `replayed`: the first response to an Idempotency-Key, again."""

    job_id: str
    replayed: bool = False


class Jobs(Protocol):
    """What makes worlds later (`conjure.jobs`)."""

    async def accept(
        self, tenant: Tenant, new: NewWorld, *, idempotency_key: str | None = None
    ) -> AcceptedJob:
        """Refuses what can be refused at once, and begins a job for the rest."""


def checked(new: NewWorld) -> dict[str, Any] | None:
    """Checks the fields; returns the document to import, if that is what is asked for.

    Raises UnprocessableCreation, MalformedRequest.
    """
    problems = []
    imported: Any = None
    if new.document is not None:
        imported = jsondoc.loads(new.document)
        if not isinstance(imported, dict):
            problems.append("world must be an object: a complete SMWorld")
    elif new.frame:
        problems.append(
            "frame_b64 and frame_url need an author that reads pictures, which this server does"
            " not have: send a premise"
        )
    elif new.premise is None or not new.premise.strip():
        problems.append("premise is required")
    if new.premise is not None and len(new.premise) > _MAX_PREMISE:
        problems.append(f"premise must have at most {_MAX_PREMISE} characters")
    if new.name is not None and (problem := world_name_problem(new.name)) is not None:
        problems.append(problem)
    if new.pov is not None and not 1 <= len(new.pov) <= 64:
        problems.append("pov must have 1 to 64 characters")
    if problems:
        raise UnprocessableCreation(*problems)
    document: dict[str, Any] | None = imported
    return document


def slug_of(name: str) -> str:
    """A name for addresses: `The Lost Letters` → `the-lost-letters`; empty when no letter is left."""
    apart = unicodedata.normalize("NFKD", name).lower()
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _NOT_IN_SLUGS.sub("-", plain).strip("-")[:60].strip("-")
