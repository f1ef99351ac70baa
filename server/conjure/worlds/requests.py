"""What a caller asks a creation for, and what a document is made into before it is stored (CONTRACT 2.1)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from conjure.core import jsondoc
from conjure.core.errors import UnprocessableCreation
from conjure.core.urls import UrlRefused, http_url
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
class KeptFrame:
    """A frame that is kept as an asset: what a job remembers of it."""

    sha256: str
    extension: str
    width: int
    height: int

    @property
    def members(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "sha256": self.sha256,
            "extension": self.extension,
            "width": self.width,
            "height": self.height,
        }


@dataclass(frozen=True, slots=True)
class NewWorld:
    """What to create: from a premise, a frame or both, or by importing `document` (JSON text).

    `kept_frame` is for jobs, whose frame was read when they were accepted.
    """

    premise: str | None = None
    name: str | None = None
    pov: str | None = None
    document: bytes | None = None
    frame_b64: str | None = None
    frame_url: str | None = None
    kept_frame: KeptFrame | None = None

    @property
    def has_frame(self) -> bool:
        """Whether a frame has to be read for it: an import uses none."""
        return self.document is None and (self.frame_b64 is not None or self.frame_url is not None)

    @property
    def frame_said(self) -> tuple[Any, ...]:
        """What its Idempotency-Key is bound to of a frame; nothing without one, as in every release."""
        if self.frame_b64 is None and self.frame_url is None:
            return ()
        sent = self.frame_b64
        return ({"frame_b64": None if sent is None else digest(sent), "frame_url": self.frame_url},)


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

    Neither premise nor frame is used then. Whether a frame is a picture is seen when it is read (`Frames`).
    Raises UnprocessableCreation, MalformedRequest.
    """
    problems = []
    imported: Any = None
    if new.document is not None:
        imported = jsondoc.loads(new.document)
        if not isinstance(imported, dict):
            problems.append("world must be an object: a complete SMWorld")
    elif new.has_frame:
        problems += _problems_of_frame(new)
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


def digest(text: str) -> str:
    """What stands for a picture where two requests are compared."""
    return hashlib.sha256(text.encode()).hexdigest()


def _problems_of_frame(new: NewWorld) -> list[str]:
    if new.frame_url is None:
        return []
    if new.frame_b64 is not None:
        return [
            "frame_b64 must not be given together with frame_url",
            "frame_url must not be given together with frame_b64",
        ]
    try:
        http_url(new.frame_url)
    except UrlRefused as refused:
        return [f"frame_url {refused}"]
    return []


def slug_of(name: str) -> str:
    """A name for addresses: `The Lost Letters` → `the-lost-letters`; empty when no letter is left."""
    apart = unicodedata.normalize("NFKD", name).lower()
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _NOT_IN_SLUGS.sub("-", plain).strip("-")[:60].strip("-")
