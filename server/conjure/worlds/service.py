"""Creating, importing and reading worlds (CONTRACT 2)."""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
import structlog

from conjure.core import jsondoc
from conjure.core.errors import (
    AuthorUnavailable,
    IdempotencyInProgress,
    IdempotencyMismatch,
    InvalidCursor,
    InvalidField,
    KernelRefused,
    NotFound,
    QuotaExceeded,
    StoreUnavailable,
    UnprocessableCreation,
)
from conjure.core.ids import canonical_uuid, new_id
from conjure.providers.author import AuthorError, AuthorRequest
from conjure.providers.pictures import cover_svg
from conjure.usage.service import Idempotency
from conjure.worlds import gate
from conjure.worlds.model import Summary, without_secrets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.core.aftermath import Aftermath
    from conjure.core.caller import Tenant
    from conjure.kernel import Examined
    from conjure.providers.author import Author
    from conjure.usage.service import UsageService
    from conjure.worlds.model import Snapshot, WorldInfo
    from conjure.worlds.store import WorldStore

log = structlog.get_logger(__name__)

GENERATION: Final = "generation"
_NOTHING_HELD: Final = (QuotaExceeded, IdempotencyInProgress, IdempotencyMismatch)
ROUTE: Final = "worlds"
READABLE: Final = ("public", "unlisted")
"""Visibilities with which other apps may read and fork a world (CONTRACT 0.1)."""

_NOT_IN_SLUGS: Final = re.compile(r"[^a-z0-9]+")
_MAX_PREMISE: Final = 8_000
MAX_NAME: Final = 200  # characters
MAX_DESCRIPTION: Final = 8_000
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


@dataclass(frozen=True, slots=True)
class Made:
    """A document that may be stored: its value, its text, and what the kernel said about it."""

    document: dict[str, Any]
    text: bytes
    examined: Examined


class WorldService:
    """Rules of worlds."""

    def __init__(
        self, store: WorldStore, usage: UsageService, author: Author, aftermath: Aftermath
    ) -> None:
        self._aftermath = aftermath
        self._store = store
        self._usage = usage
        self._author = author

    async def create(
        self, tenant: Tenant, new: NewWorld, *, idempotency_key: str | None = None
    ) -> CreatedWorld:
        """Makes a world; one `generation` is reserved first, spent with the world, else given back.

        Raises InvalidField, UnprocessableCreation, KernelRefused, QuotaExceeded,
        IdempotencyInProgress, IdempotencyMismatch, AuthorUnavailable, StoreUnavailable,
        OutcomeUnknown.
        """
        imported = await _validated(new)
        idempotency = None
        if idempotency_key is not None:
            body = _fingerprint(new, imported)
            idempotency = Idempotency.of(ROUTE, idempotency_key, body)
        async with self._held(tenant, idempotency) as (hold_id, first):
            if first is not None and idempotency is not None:
                made = jsondoc.load_stored(first, idempotency.key(tenant))
                return CreatedWorld(**made, replayed=True)
            return await self._create_held(tenant, new, imported, hold_id, idempotency)

    @contextlib.asynccontextmanager
    async def _held(
        self, tenant: Tenant, idempotency: Idempotency | None = None
    ) -> AsyncIterator[tuple[str, bytes | None]]:
        """Holds one `generation` for a creation, and gives it back when that fails.

        Yields the hold, and the first response when the Idempotency-Key has one: nothing is held then.
        """
        hold_id = new_id()
        try:
            yield hold_id, await self._usage.reserve(tenant, GENERATION, hold_id, idempotency)
        except _NOTHING_HELD:
            raise
        except BaseException as error:
            # Also when the caller went away, even while the unit was being reserved.
            refused = isinstance(error, KernelRefused)
            await self._aftermath.see_to(
                self._usage.release(tenant, GENERATION, hold_id, idempotency, refused=refused)
            )
            raise

    async def _create_held(
        self,
        tenant: Tenant,
        new: NewWorld,
        imported: dict[str, Any] | None,
        hold_id: str,
        idempotency: Idempotency | None,
    ) -> CreatedWorld:
        document = imported if imported is not None else await self._generate(new)
        world_id = new_id()
        document = _completed(document, world_id, new.name)
        size = len(new.document or b"")
        text = await gate.off_loop(gate.written, document, size=size)
        try:
            examined = await gate.passed(document, len(text))
        except KernelRefused as refused:
            if imported is not None:
                raise
            log.error("the author made a world that the kernel refuses", findings=len(
                refused.diagnostics))  # fmt: skip
            raise AuthorUnavailable from refused
        made = Made(document, text, examined)
        return await self._store_new(tenant, world_id, made, hold_id, idempotency)

    async def _store_new(
        self,
        tenant: Tenant,
        world_id: str,
        made: Made,
        hold_id: str,
        idempotency: Idempotency | None,
    ) -> CreatedWorld:
        summary = Summary.of(made.document)
        # The slug is first, so that the store finds its place before any text of a stranger.
        answer = {"slug": "@slug@", "world_id": world_id, "ok": True, "cover": summary.cover}
        stored = await self._store.create(
            tenant, world_id, made.text, summary,
            unit=GENERATION, hold_id=hold_id, idempotency=idempotency,
            response=orjson.dumps(answer | {"rev": "1"}), slug=slug_of(summary.name),
        )  # fmt: skip
        if stored is None:  # the author outlived the hold: fail closed rather than create unmetered
            raise StoreUnavailable("the creation took too long; nothing was created or charged")
        rev, slug = stored
        self._store.remember(tenant, world_id, rev, made.text, made.document, made.examined)
        return CreatedWorld(world_id, slug=slug, ok=True, cover=summary.cover, rev=rev)

    async def fork(self, tenant: Tenant, world_id: str) -> CreatedWorld:
        """Copies a readable world as a private one of `tenant`; counts one `generation`.

        Raises NotFound, QuotaExceeded, KernelRefused, StoreUnavailable, OutcomeUnknown.
        """
        owner, info, snapshot = await self.read(tenant, world_id)
        text = snapshot.text if owner == tenant else without_secrets(snapshot)

        def work(text: bytes) -> dict[str, Any]:
            source: dict[str, Any] = jsondoc.load_stored(text, snapshot.key)
            return source

        source = await gate.off_loop(work, text, size=len(text))
        fork_id = new_id()
        document = _completed(source, fork_id, f"{info.name} (fork)")
        async with self._held(tenant) as (hold_id, _):
            text = await gate.off_loop(gate.written, document, size=len(text))
            made = Made(document, text, await gate.passed(document, len(text)))
            return await self._store_new(tenant, fork_id, made, hold_id, None)

    async def delete(self, tenant: Tenant, world_id: str) -> str:
        """Removes a world with all that belongs to it; returns its id.

        Raises NotFound, StoreUnavailable, OutcomeUnknown.
        """
        checked = checked_id(world_id)
        await self._store.delete(tenant, checked, new_id())
        return checked

    async def read(self, tenant: Tenant, world_id: str) -> tuple[Tenant, WorldInfo, Snapshot]:
        """Returns a world that `tenant` may read, and whose it is: one's own, or a published one.

        Modes are walls also here (CONTRACT 0.1). Raises NotFound, StoreUnavailable.
        """
        checked = checked_id(world_id)
        try:
            return tenant, *await self._store.get(tenant, checked)
        except NotFound:
            owner = await self._store.publisher(checked)
            if owner is None or owner == tenant or owner.mode != tenant.mode:
                raise
        info, snapshot = await self._store.get(owner, checked)
        if info.visibility not in READABLE:  # the directory is a hint, the world decides
            raise NotFound
        return owner, info, snapshot

    async def list(
        self, tenant: Tenant, *, limit: int | None, cursor: str | None
    ) -> tuple[list[WorldInfo], str | None]:
        """Returns a page, newest first, and the cursor of the next one.

        Raises InvalidField, InvalidCursor, StoreUnavailable.
        """
        after = _read_cursor(cursor) if cursor is not None else ""
        page, following = await self._store.list(tenant, after=after, limit=page_size(limit))
        return page, _write_cursor(following) if following is not None else None

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


def checked_id(world_id: str) -> str:
    """Returns a world id in its stored form. Raises NotFound for what is no UUID (CONTRACT 0)."""
    found = canonical_uuid(world_id)
    if found is None:
        raise NotFound
    return found


def page_size(limit: int | None) -> int:
    """Returns how many items a page has (CONTRACT 0). Raises InvalidField."""
    if limit is None:
        return 20
    if not 1 <= limit <= 100:
        raise InvalidField("limit must be from 1 to 100")
    return limit


async def _validated(new: NewWorld) -> dict[str, Any] | None:
    """Checks the fields; returns the document to import, if that is what is asked for."""
    problems = []
    imported: Any = None
    if new.document is not None:
        imported = await gate.off_loop(jsondoc.loads, new.document, size=len(new.document))
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


def _write_cursor(member: str) -> str:
    return base64.urlsafe_b64encode(member.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> str:
    try:
        member = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        text = member.decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor from error
    created, _, world_id = text.partition(":")
    if len(created) != 13 or not created.isdigit() or canonical_uuid(world_id) != world_id:
        raise InvalidCursor
    if _write_cursor(text) != cursor:  # one spelling: no padding, no bits left over
        raise InvalidCursor
    return text
