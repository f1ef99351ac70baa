"""Which assets there are, and who needs them: the part of the store outside of tenants (README.md)."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.core.caller import Tenant
from conjure.store import keyspace
from conjure.store.client import Script

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from conjure.store.client import Store, Value

_KEEP: Final = Script("conjure.assets", "keep")
_STORED: Final = Script("conjure.assets", "stored")
_CLAIM: Final = Script("conjure.assets", "claim")
_CLAIMS: Final = Script("conjure.assets", "claims", reads_only=True)
_UNCLAIM: Final = Script("conjure.assets", "unclaim")
_DELETED: Final = Script("conjure.assets", "deleted")
_POSTPONE: Final = Script("conjure.assets", "postpone")
_NAMED: Final = Script("conjure.assets", "named")
ABANDONED_S: Final = 60.0
"""Who deletes an object is done after this, or has died: no call of an engine takes so long."""
_PAGE: Final = 200
_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody needs an asset: a world whose document names it, or for a while a tenant.

    `text` is how the store has it, with the time at which it was made.
    """

    text: bytes
    made_ms: int
    tenant: Tenant
    world_id: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """An asset, and some of the claims on it; `cursor` is where others are, None at the end."""

    now_ms: int
    extension: str
    bytes: int
    is_stored: bool
    claims: list[Claim]
    cursor: int | None


class AssetStore:
    """Reads and writes what is known of assets."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def keep(
        self, tenant: Tenant, sha256: str, extension: str, size: int, *, look_s: float
    ) -> str:
        """Begins to keep an asset: `there`, `store` (its object, then `stored`), or `deleting`.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        # First where to look: what nobody looks at would never go.
        await self._store.write("ZADD", keyspace.assets_due(), _after(look_s), sha256)
        args: list[Value] = [tenant.tag, extension, size, int(ABANDONED_S * 1000)]
        outcome: bytes = await self._store.effect(_KEEP, _keys(sha256), args)
        return outcome.decode()

    async def stored(self, sha256: str) -> bool:
        """Notes that the object is there; False when the asset has been given up meanwhile.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        return bool(await self._store.effect(_STORED, _keys(sha256)[:1], []))

    async def extension(self, sha256: str) -> str | None:
        """Returns the extension of an asset that there is, else None. Raises StoreUnavailable."""
        found, deleting = await self._store.read("HMGET", keyspace.asset(sha256), "ext", "deleting")
        return found.decode() if found is not None and deleting is None else None

    async def lost(self, sha256: str) -> None:
        """Notes that the object is not there, or not whole: it is stored when it is next kept.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        await self._store.write("HDEL", keyspace.asset(sha256), "stored")

    async def claim(self, tenant: Tenant, world_id: str, names: Iterable[str]) -> None:
        """Claims assets for a world whose document is about to name them; what is not there is passed by.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        args: list[Value] = [f"{tenant.tag}:{world_id}", tenant.tag]
        rest = list(names)
        while rest:  # a thousand at once would hold the loop up while they are sent
            some, rest = rest[:_AT_ONCE], rest[_AT_ONCE:]
            await asyncio.gather(*(self._store.effect(_CLAIM, _keys(name), args) for name in some))

    async def claims(self, sha256: str, cursor: int = 0) -> Page | None:
        """Returns an asset with a part of its claims. Raises StoreUnavailable."""
        found = await self._store.query(_CLAIMS, _keys(sha256), [cursor, _PAGE])
        if found is None:
            return None
        now, extension, size, stored, following, *flat = found
        claims = [_claim(*pair) for pair in zip(flat[::2], flat[1::2], strict=True)]
        cursor_after = int(following) or None
        return Page(
            int(now), extension.decode(), int(size), bool(int(stored)), claims, cursor_after
        )

    async def is_named(self, claim: Claim, sha256: str) -> bool:
        """Whether the world of a claim names the asset, or may. Raises StoreUnavailable, OutcomeUnknown."""
        assert claim.world_id is not None  # noqa: S101 - its caller asked
        keys = [
            keyspace.world(claim.tenant, claim.world_id),
            keyspace.version_counts(claim.tenant, claim.world_id),
            keyspace.asset_names(claim.tenant, claim.world_id),
            keyspace.asset_counts(claim.tenant, claim.world_id),
            keyspace.pictures(claim.tenant, claim.world_id),
        ]
        return await self._store.effect(_NAMED, keys, [sha256]) in (b"named", b"uncounted")

    async def unclaim(
        self, sha256: str, claims: Sequence[Claim], *, may_delete: bool
    ) -> str | None:
        """Takes claims back, unless they were made again.

        With `may_delete` and no claim left the asset is being deleted: returns what `deleted` needs.
        Raises StoreUnavailable, OutcomeUnknown.
        """
        args: list[Value] = ["1" if may_delete else "0"]
        for claim in claims:
            args += [claim.text, claim.made_ms]
        found = await self._store.effect(_UNCLAIM, _keys(sha256), args)
        return found[0].decode() if found else None

    async def deleted(self, sha256: str, since: str) -> bool:
        """Forgets an asset whose object is gone. Raises StoreUnavailable, OutcomeUnknown."""
        return bool(await self._store.effect(_DELETED, _keys(sha256)[:1], [since]))

    async def due(self, names: Iterable[str], *, after_s: float) -> None:
        """Has assets looked at no later than that. Raises StoreUnavailable, OutcomeUnknown."""
        command: list[Value] = ["ZADD", keyspace.assets_due(), "XX", "LT"]
        for name in names:
            command += [_after(after_s), name]
        await self._store.write(*command)

    async def take_due(self) -> list[tuple[str, int]]:
        """Returns some assets that are due, with what `postpone` needs. Raises StoreUnavailable."""
        found = await self._store.read(
            "ZRANGEBYSCORE", keyspace.assets_due(), "-inf", _after(0.0), "WITHSCORES", "LIMIT", 0, _AT_ONCE,
        )  # fmt: skip
        return [
            (name.decode(), int(score)) for name, score in zip(found[::2], found[1::2], strict=True)
        ]

    async def all(self) -> AsyncIterator[str]:
        """Yields every asset that there is meanwhile. Raises StoreUnavailable."""
        cursor = 0
        while True:
            following, page = await self._store.read(
                "ZSCAN", keyspace.assets_due(), cursor, "COUNT", _PAGE
            )
            for name in page[::2]:
                yield name.decode()
            cursor = int(following)
            if not cursor:
                return

    async def count(self) -> int:
        """How many assets there are. Raises StoreUnavailable."""
        return int(await self._store.read("ZCARD", keyspace.assets_due()))

    async def take_turn(self, name: str, held_ms: int) -> bool:
        """Takes the turn to collect, if nobody has it, or keeps it. Two that collect at once do no harm.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        key = keyspace.assets_collector()
        if await self._store.write("SET", key, name, "NX", "PX", held_ms) is not None:
            return True
        if await self._store.read("GET", key) != name.encode():
            return False
        await self._store.write("SET", key, name, "PX", held_ms)
        return True

    async def seize_turn(self, name: str, held_ms: int) -> None:
        """Takes the turn to collect, whoever has it, or keeps it: nobody collects then.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        await self._store.write("SET", keyspace.assets_collector(), name, "PX", held_ms)

    async def give_turn_back(self, name: str) -> None:
        """Ends a turn. Raises StoreUnavailable, OutcomeUnknown."""
        if await self._store.read("GET", keyspace.assets_collector()) == name.encode():
            await self._store.write("DEL", keyspace.assets_collector())

    async def postpone(self, sha256: str, seen: int, after_s: float | None) -> None:
        """Says when to look at an asset again; None: never. Raises StoreUnavailable, OutcomeUnknown."""
        args: list[Value] = [sha256, seen, -1 if after_s is None else _after(after_s)]
        await self._store.effect(_POSTPONE, [keyspace.assets_due()], args)


def _keys(sha256: str) -> list[str]:
    return [keyspace.asset(sha256), keyspace.asset_claims(sha256)]


def _claim(text: bytes, made: bytes) -> Claim:
    app, mode, *world = text.decode().split(":")
    return Claim(text, int(made), Tenant(app, mode), world[0] if world else None)


def _after(seconds: float) -> int:
    """Only says when to look; what is old enough to go, the store's clock decides."""
    return int((time.time() + seconds) * 1000)
