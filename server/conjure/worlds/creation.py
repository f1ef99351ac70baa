"""Making worlds: from a premise or a frame, by import, by fork (CONTRACT 2.1, 2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from conjure.core import jsondoc
from conjure.core.errors import KernelRefused, NotFound, StoreUnavailable
from conjure.core.ids import checked_id, new_id
from conjure.kernel.names import with_suffix
from conjure.usage.idempotency import Idempotency, Refused
from conjure.worlds.model import Summary
from conjure.worlds.requests import GENERATION, ROUTE, checked, slug_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conjure.assets.service import Assets
    from conjure.core.caller import ApiCaller, Tenant
    from conjure.usage.idempotency import FirstAnswer
    from conjure.usage.metering import Hold, Metering
    from conjure.worlds.frames import Frames
    from conjure.worlds.generation import Generation, Made
    from conjure.worlds.requests import NewWorld
    from conjure.worlds.service import WorldService
    from conjure.worlds.store import WorldStore

FORK_ROUTE: Final = "forks"
"""The route that Idempotency-Keys of forks are scoped to (CONTRACT 0)."""


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
        self,
        store: WorldStore,
        worlds: WorldService,
        metering: Metering,
        generation: Generation,
        assets: Assets,
        frames: Frames,
    ) -> None:
        self._store = store
        self._worlds = worlds
        self._metering = metering
        self._generation = generation
        self._assets = assets
        self._frames = frames

    async def create(
        self, tenant: Tenant, new: NewWorld, *, idempotency_key: str | None = None
    ) -> CreatedWorld:
        """Makes a world from a premise or a frame, or imports one.

        A frame is read, and fetched, once a unit is held: who has none left costs nothing.

        Raises InvalidField, UnprocessableCreation, KernelRefused, QuotaExceeded,
        IdempotencyInProgress, IdempotencyMismatch, AuthorUnavailable, AssetsUnavailable,
        StoreUnavailable, OutcomeUnknown.
        """
        imported = checked(new)
        idempotency = Idempotency.of(
            ROUTE, idempotency_key, new.premise, new.name, new.pov, imported, *new.frame_said
        )

        async def write() -> Made:
            if imported is None:
                frame = await self._frames.of(new)
                return await self._generation.world(new, new_id(), frame=frame)
            return self._generation.given(imported, new_id(), new.name)

        given = imported.get("cover") if imported is not None else None
        return await self.make(
            tenant, write, idempotency, given_cover=given, is_long=imported is None
        )

    async def fork(
        self,
        caller: ApiCaller,
        world_id: str,
        *,
        idempotency_key: str | None = None,
        route: str = FORK_ROUTE,
        kind: str | None = None,
    ) -> CreatedWorld:
        """Copies what `caller` sees of a world as a private one of its own; counts one `generation`.

        A world of another `kind` than is asked for is not there. `route`: what the key is scoped to.
        Raises InvalidField, NotFound, QuotaExceeded, KernelRefused, IdempotencyInProgress,
        IdempotencyMismatch, AssetsUnavailable, StoreUnavailable, OutcomeUnknown.
        """
        idempotency = Idempotency.of(route, idempotency_key, checked_id(world_id))

        async def write() -> Made:
            info, seen = await self._worlds.read(caller, world_id)
            source: dict[str, Any] = jsondoc.load_stored(seen.text, seen.key)
            if kind is not None and Summary.of(source).kind != kind:
                raise NotFound
            return self._generation.given(source, new_id(), with_suffix(info.name, " (fork)"))

        return await self.make(caller.tenant, write, idempotency)

    async def make(
        self,
        tenant: Tenant,
        write: Callable[[], Awaitable[Made]],
        idempotency: Idempotency | None,
        *,
        given_cover: Any = None,
        is_long: bool = False,
    ) -> CreatedWorld:
        """Holds a `generation`, has a document written and stores it; or answers as the first time.

        `given_cover`: the one that the request brings, and a retry brings again. `is_long`: `write` may take
        longer than a hold lasts.
        Raises what `write` does, QuotaExceeded, IdempotencyInProgress, IdempotencyMismatch,
        AssetsUnavailable, StoreUnavailable, OutcomeUnknown.
        """
        try:
            async with self._metering.held(
                tenant, GENERATION, idempotency, is_long=is_long
            ) as hold:
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
        self, tenant: Tenant, made: Made, hold: Hold, given_cover: Any
    ) -> CreatedWorld:
        document = made.document
        world_id: str = document.value["id"]
        summary = Summary.of(document.value)
        answer: dict[str, Any] = {"world_id": world_id, "ok": made.is_first}
        if summary.cover != given_cover:  # else a retry brings it along again
            answer["cover"] = summary.cover
        asset_names = document.written.asset_names
        await self._assets.prepare(tenant, world_id, asset_names, made.pictures)
        stored = await self._store.create(
            tenant, world_id, document.text, summary,
            asset_names=asset_names, hold=hold, answer=orjson.dumps(answer), slug=slug_of(summary.name),
        )  # fmt: skip
        if stored is None:  # the author outlived the hold: fail closed rather than create unmetered
            raise StoreUnavailable("the creation took too long; nothing was created or charged")
        rev, slug = stored
        self._store.remember(
            tenant, world_id, rev, document.text, document.value, document.examined
        )
        return CreatedWorld(world_id, slug=slug, ok=made.is_first, cover=summary.cover, rev=rev)


def _replayed(first: FirstAnswer, given_cover: Any) -> CreatedWorld:
    """The first answer again; a cover that the request carries was not remembered."""
    members = {"cover": given_cover, **first.members}
    return CreatedWorld(**members, slug=first.slug, rev=first.rev, replayed=True)
