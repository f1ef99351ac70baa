"""The player in the store: a look at its world, and the pictures that a world remembers of its states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.core.errors import InvalidCredential, NotFound, StoreUnavailable
from conjure.player.model import Entry
from conjure.store import keyspace
from conjure.store.client import EFFECT_MS, Script

if TYPE_CHECKING:
    from conjure.assets.model import StoredAsset
    from conjure.core.caller import SessionCaller, Tenant
    from conjure.store.client import Store, Value
    from conjure.usage.metering import Hold

_LOOK: Final = Script("conjure.player", "look", includes=["sessions.revoked"], reads_only=True)
_REMEMBER: Final = Script("conjure.player", "remember", includes=["assets.names", "usage.spend"])


@dataclass(frozen=True, slots=True)
class Found:
    """A session's world at a revision, and the picture that was asked for, if it is remembered.

    `doc` is empty when the caller has that revision already. `now_ms`: by the store's clock.
    """

    rev: str
    doc: bytes
    entry: Entry | None
    now_ms: int


@dataclass(frozen=True, slots=True)
class Remembered:
    """A picture that is remembered: this one, or one that was before it.

    `dropped`: assets that the world does not name any more.
    """

    entry: Entry
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Full:
    """A picture is not remembered, as there are as many as may be: their names, and when each was drawn."""

    pictures: tuple[tuple[str, int], ...]


class PlayerStore:
    """Reads and writes what a world remembers for those who play it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def look(self, session: SessionCaller, *, known_rev: str, picture: str = "") -> Found:
        """Returns the session's world, and what it has under the name of a picture.

        Raises NotFound, InvalidCredential (revoked), StoreUnavailable.
        """
        tenant, world_id = session.tenant, session.world_id
        keys = [
            keyspace.world(tenant, world_id),
            keyspace.lease(tenant, session.jti),
            keyspace.pictures(tenant, world_id),
        ]
        outcome, *rest = await self._store.query(_LOOK, keys, [known_rev, picture])
        if outcome == b"gone":
            raise NotFound
        if outcome == b"revoked":
            raise InvalidCredential
        rev, doc, entry, now_ms = rest
        return Found(rev.decode(), doc, Entry.of(entry), int(now_ms))

    async def remember(
        self,
        tenant: Tenant,
        world_id: str,
        picture: str,
        asset: StoredAsset,
        *,
        most: int,
        hold: Hold | None,
        effect_id: str,
        wait_ms: int = 0,
        leaving: tuple[str, ...] = (),
    ) -> Remembered | Full:
        """Remembers a picture, whose asset the world has claimed, and spends the hold of a model's.

        The hold is spent also where another picture was first, and where the world is gone.

        `wait_ms`: of a drawing of ours, for how long no model is asked. `leaving`: those that go for it where
        there are `most`. Idempotent under `effect_id`. Raises NotFound (the world is gone), StoreUnavailable
        (also when the hold has lapsed), OutcomeUnknown.
        """
        unit = "" if hold is None else hold.unit
        keys = [
            keyspace.world(tenant, world_id),
            keyspace.pictures(tenant, world_id),
            keyspace.asset_names(tenant, world_id),
            keyspace.asset_counts(tenant, world_id),
            keyspace.effect(tenant, effect_id),
            keyspace.usage(tenant),
            keyspace.holds(tenant, unit),
        ]
        args: list[Value] = [
            picture, asset.sha256, asset.extension, most, unit, "" if hold is None else hold.id,
            EFFECT_MS, wait_ms, *leaving,
        ]  # fmt: skip
        outcome, *rest = await self._store.effect(_REMEMBER, keys, args)
        if outcome == b"gone":
            raise NotFound
        if outcome == b"lapsed":
            raise StoreUnavailable("the work took too long; nothing was charged")
        if outcome == b"full":
            return _full(rest[0])
        entry = Entry.of(rest[0])
        assert entry is not None  # noqa: S101 - the script has read it, or written it
        dropped = tuple(name.decode() for name in rest[1:])
        return Remembered(entry, dropped)


def _full(flat: list[bytes]) -> Full:
    pairs = zip(flat[::2], flat[1::2], strict=True)
    return Full(
        tuple(
            (name.decode(), 0 if (entry := Entry.of(text)) is None else entry.made_ms)
            for name, text in pairs
        )
    )
