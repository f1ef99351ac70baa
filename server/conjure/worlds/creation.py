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
from conjure.core.ids import new_id
from conjure.providers.author import AuthorError, AuthorRequest
from conjure.providers.pictures import cover_svg
from conjure.usage.idempotency import Idempotency
from conjure.worlds import access, validation
from conjure.worlds.model import MAX_NAME, Summary

if TYPE_CHECKING:
    from conjure.core.caller import Tenant
    from conjure.providers.author import Author
    from conjure.usage.metering import Hold, Metering
    from conjure.worlds.service import WorldService
    from conjure.worlds.store import WorldStore
    from conjure.worlds.validation import ValidDocument

log = structlog.get_logger(__name__)

GENERATION: Final = "generation"
"""The unit of usage that a creation costs (CONTRACT 7)."""

ROUTE: Final = "worlds"
"""The route that Idempotency-Keys of creations are scoped to (CONTRACT 0)."""

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
        imported = await _validated(new)
        idempotency = None
        if idempotency_key is not None:
            body = _fingerprint(new, imported)
            idempotency = Idempotency.of(ROUTE, idempotency_key, body)
        async with self._metering.held(tenant, GENERATION, idempotency) as hold:
            if hold.first is not None:
                return CreatedWorld(**orjson.loads(hold.first), replayed=True)
            return await self._create_held(tenant, new, imported, hold)

    async def fork(self, tenant: Tenant, world_id: str) -> CreatedWorld:
        """Copies a readable world as a private one of `tenant`; counts one `generation`.

        Raises NotFound, QuotaExceeded, KernelRefused, StoreUnavailable, OutcomeUnknown.
        """
        owner, info, snapshot = await self._worlds.read(tenant, world_id)
        text = snapshot.text if owner == tenant else access.without_secrets(snapshot)
        source = await validation.off_loop(jsondoc.loads, text, size=len(text))
        fork_id = new_id()
        document = _completed(source, fork_id, f"{info.name} (fork)")
        async with self._metering.held(tenant, GENERATION) as hold:
            made = await validation.validated(document, size=len(text))
            return await self._store_new(tenant, fork_id, made, hold)

    async def _create_held(
        self, tenant: Tenant, new: NewWorld, imported: dict[str, Any] | None, hold: Hold
    ) -> CreatedWorld:
        document = imported if imported is not None else await self._generate(new)
        world_id = new_id()
        document = _completed(document, world_id, new.name)
        try:
            made = await validation.validated(document, size=len(new.document or b""))
        except KernelRefused as refused:
            if imported is not None:
                raise
            found = len(refused.diagnostics)
            log.error("the author made a world that the kernel refuses", findings=found)
            raise AuthorUnavailable from refused
        return await self._store_new(tenant, world_id, made, hold)

    async def _store_new(
        self, tenant: Tenant, world_id: str, made: ValidDocument, hold: Hold
    ) -> CreatedWorld:
        summary = Summary.of(made.value)
        # The slug is first, so that the store finds its place before any text of a stranger.
        answer = {"slug": "@slug@", "world_id": world_id, "ok": True, "cover": summary.cover}
        stored = await self._store.create(
            tenant, world_id, made.text, summary,
            hold=hold, response=orjson.dumps(answer | {"rev": "1"}), slug=slug_of(summary.name),
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


async def _validated(new: NewWorld) -> dict[str, Any] | None:
    """Checks the fields; returns the document to import, if that is what is asked for."""
    problems = []
    imported: Any = None
    if new.document is not None:
        imported = await validation.off_loop(jsondoc.loads, new.document, size=len(new.document))
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
    if new.name is not None and not 1 <= len(new.name.strip()) <= MAX_NAME:
        problems.append(f"name must have 1 to {MAX_NAME} characters")
    if new.pov is not None and not 1 <= len(new.pov) <= 64:
        problems.append("pov must have 1 to 64 characters")
    if new.run_async:
        problems.append("async is not available on this server: leave it out")
    if problems:
        raise UnprocessableCreation(*problems)
    document: dict[str, Any] | None = imported
    return document


def _completed(document: dict[str, Any], world_id: str, name: str | None) -> dict[str, Any]:
    """Fills in what the server owns: the id, a cover, the seed picture (CONTRACT 2.1, 10).

    An imported document keeps everything else; one of a wrong shape is left for the gate to name.
    """
    completed = document | {"id": world_id}
    # It says of which version a body is, not something about the world; every answer adds it.
    completed.pop("schemaVersion", None)
    if name is not None:
        completed["name"] = name.strip()
    cover = completed.get("cover")
    if cover is None or cover == "":
        named = completed.get("name")
        title = named if isinstance(named, str) else ""
        cover = completed["cover"] = cover_svg(f"{title}:{world_id}", title=title)
    entrance = completed.get("entrance")
    if isinstance(entrance, dict) and isinstance(cover, str):
        image = entrance.get("image")
        if image is None:
            completed["entrance"] = entrance | {"image": {"src": cover}}
        elif isinstance(image, dict) and image.get("src") is None:
            completed["entrance"] = entrance | {"image": image | {"src": cover}}
    return completed


def slug_of(name: str) -> str:
    """A name for addresses: `The Lost Letters` → `the-lost-letters`; empty when no letter is left."""
    apart = unicodedata.normalize("NFKD", name).lower()
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _NOT_IN_SLUGS.sub("-", plain).strip("-")[:60].strip("-")


def _fingerprint(new: NewWorld, imported: dict[str, Any] | None) -> bytes:
    """The body that an Idempotency-Key stands for; spacing and key order do not count."""
    return jsondoc.canonical([new.premise, new.name, new.pov, imported])
