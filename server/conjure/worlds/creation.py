"""Making worlds: from a premise, by import, by fork (CONTRACT 2.1, 2.2)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
import structlog

from conjure.core import jsondoc
from conjure.core.errors import (
    AuthorUnavailable,
    KernelRefused,
    StoreUnavailable,
    UnprocessableCreation,
)
from conjure.core.ids import checked_id, new_id
from conjure.kernel import unstored
from conjure.kernel.names import with_suffix, world_name_problem
from conjure.providers.author import AuthorError, AuthorRequest
from conjure.providers.pictures import cover_svg
from conjure.usage.idempotency import Idempotency, Refused
from conjure.worlds import validation
from conjure.worlds.model import Summary

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conjure.core.caller import ApiCaller, Tenant
    from conjure.providers.author import Author
    from conjure.usage.idempotency import FirstAnswer
    from conjure.usage.metering import Hold, Metering
    from conjure.worlds.service import WorldService
    from conjure.worlds.store import WorldStore
    from conjure.worlds.validation import ValidDocument

log = structlog.get_logger(__name__)

GENERATION: Final = "generation"
"""The unit of usage that a creation costs (CONTRACT 7)."""

ROUTE: Final = "worlds"
"""The route that Idempotency-Keys of creations are scoped to (CONTRACT 0)."""

FORK_ROUTE: Final = "forks"
"""The same of forks."""

_NOT_IN_SLUGS: Final = re.compile(r"[^a-z0-9]+")
_MAX_PREMISE: Final = 8_000  # characters
_DEFAULT_POV: Final = "third_person_shoulder"  # CONTRACT 2.1


@dataclass(frozen=True, slots=True)
class NewWorld:
    """What to create: from `premise`, or by importing `document` (JSON text)."""

    premise: str | None = None
    name: str | None = None
    pov: str | None = None
    document: bytes | None = None
    frame: bool = False
    run_async: bool = False


@dataclass(frozen=True, slots=True)
class CreatedWorld:
    """What a creation answers. `replayed`: the first response to an Idempotency-Key, again."""

    world_id: str
    slug: str | None
    ok: bool
    cover: str
    rev: str
    replayed: bool = False


class WorldCreation:
    """Makes worlds; one `generation` is held first, spent with the world, else given back."""

    def __init__(
        self, store: WorldStore, worlds: WorldService, metering: Metering, author: Author
    ) -> None:
        self._store = store
        self._worlds = worlds
        self._metering = metering
        self._author = author

    async def create(
        self, tenant: Tenant, new: NewWorld, *, idempotency_key: str | None = None
    ) -> CreatedWorld:
        """Makes a world from a premise, or imports one.

        Raises InvalidField, UnprocessableCreation, KernelRefused, QuotaExceeded,
        IdempotencyInProgress, IdempotencyMismatch, AuthorUnavailable, StoreUnavailable,
        OutcomeUnknown.
        """
        imported = _validated(new)
        idempotency = Idempotency.of(
            ROUTE, idempotency_key, new.premise, new.name, new.pov, imported
        )

        async def write() -> ValidDocument:
            document = imported if imported is not None else await self._generate(new)
            document = _completed(document, new_id(), new.name)
            try:
                return validation.validated(document)
            except KernelRefused as refused:
                if imported is not None:
                    raise
                found = len(refused.diagnostics)
                log.error("the author made a world that the kernel refuses", findings=found)
                raise AuthorUnavailable from refused

        given = imported.get("cover") if imported is not None else None
        return await self._create(tenant, write, idempotency, given_cover=given)

    async def fork(
        self, caller: ApiCaller, world_id: str, *, idempotency_key: str | None = None
    ) -> CreatedWorld:
        """Copies what `caller` sees of a world as a private one of its own; counts one `generation`.

        Raises InvalidField, NotFound, QuotaExceeded, KernelRefused, IdempotencyInProgress,
        IdempotencyMismatch, StoreUnavailable, OutcomeUnknown.
        """
        idempotency = Idempotency.of(FORK_ROUTE, idempotency_key, checked_id(world_id))

        async def write() -> ValidDocument:
            info, seen = await self._worlds.read(caller, world_id)
            source: dict[str, Any] = jsondoc.load_stored(seen.text, seen.key)
            document = _completed(source, new_id(), with_suffix(info.name, " (fork)"))
            return validation.validated(document)

        return await self._create(caller.tenant, write, idempotency)

    async def _create(
        self,
        tenant: Tenant,
        write: Callable[[], Awaitable[ValidDocument]],
        idempotency: Idempotency | None,
        *,
        given_cover: Any = None,
    ) -> CreatedWorld:
        """Holds a `generation`, writes a document and stores it; or answers as the first time."""
        try:
            async with self._metering.held(tenant, GENERATION, idempotency) as hold:
                if hold.first is not None:
                    return _replayed(hold.first, given_cover)
                return await self._store_new(tenant, await write(), hold, given_cover)
        except Refused:
            try:
                made = await write()
            except KernelRefused as refused:
                refused.is_replayed = True
                raise
        # The rules have changed since the first time: it passes now.
        async with self._metering.held(tenant, GENERATION, idempotency, again=True) as hold:
            if hold.first is not None:
                return _replayed(hold.first, given_cover)
            return await self._store_new(tenant, made, hold, given_cover)

    async def _store_new(
        self, tenant: Tenant, made: ValidDocument, hold: Hold, given_cover: Any
    ) -> CreatedWorld:
        world_id: str = made.value["id"]
        summary = Summary.of(made.value)
        answer: dict[str, Any] = {"world_id": world_id, "ok": True}
        if summary.cover != given_cover:  # else a retry brings it along again
            answer["cover"] = summary.cover
        stored = await self._store.create(
            tenant, world_id, made.text, summary,
            hold=hold, answer=orjson.dumps(answer), slug=slug_of(summary.name),
        )  # fmt: skip
        if stored is None:  # the author outlived the hold: fail closed rather than create unmetered
            raise StoreUnavailable("the creation took too long; nothing was created or charged")
        rev, slug = stored
        self._store.remember(tenant, world_id, rev, made.text, made.value, made.examined)
        return CreatedWorld(world_id, slug=slug, ok=True, cover=summary.cover, rev=rev)

    async def _generate(self, new: NewWorld) -> dict[str, Any]:
        assert new.premise is not None  # noqa: S101 - _validated saw to it
        request = AuthorRequest(
            premise=new.premise.strip(), name=new.name, pov=new.pov or _DEFAULT_POV
        )
        try:
            return (await self._author.create_world(request)).document
        except AuthorError as error:
            log.warning("the author failed", error=str(error))
            raise AuthorUnavailable from error


def _validated(new: NewWorld) -> dict[str, Any] | None:
    """Checks the fields; returns the document to import, if that is what is asked for."""
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
    if new.run_async:
        problems.append("async is not available on this server: leave it out")
    if problems:
        raise UnprocessableCreation(*problems)
    document: dict[str, Any] | None = imported
    return document


def _completed(document: dict[str, Any], world_id: str, name: str | None) -> dict[str, Any]:
    """The document as it is stored: under a new id, by the name that the caller gave, with a cover."""
    named = {} if name is None else {"name": name.strip()}

    def draw(title: str) -> str:
        return cover_svg(f"{title}:{world_id}", title=title)

    return unstored.completed(document | {"id": world_id} | named, world_id, draw)


def slug_of(name: str) -> str:
    """A name for addresses: `The Lost Letters` → `the-lost-letters`; empty when no letter is left."""
    apart = unicodedata.normalize("NFKD", name).lower()
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _NOT_IN_SLUGS.sub("-", plain).strip("-")[:60].strip("-")


def _replayed(first: FirstAnswer, given_cover: Any) -> CreatedWorld:
    """The first answer again; a cover that the request carries was not remembered."""
    members = {"cover": given_cover, **first.members}
    return CreatedWorld(**members, slug=first.slug, rev=first.rev, replayed=True)
