"""API keys in the store.

A key is in two places, which on a cluster are on two servers: among the keys of its app (where it counts,
is listed, and has the row that it is made from), and by its SHA-256, where calls look it up. The first is
written first: a key that works and cannot be found could not be revoked. It is revoked in the second first:
what does not work any more and still counts does no harm. Each begins with a note in the first place that a
step is open, and whoever lists the keys and finds one does what was left undone. So a list is one round
trip as a rule.

A record that a slow or repeated creation writes must not bring a revoked key back: `revoked` is a field of
its own that nothing removes, and the record of a forgotten key stays for longer than any call or
Idempotency-Key lasts.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import orjson

from conjure.apps.model import ApiKey
from conjure.core import jsondoc
from conjure.core.errors import LimitReached, NotFound
from conjure.store import epoch, keyspace
from conjure.store.client import Script
from conjure.usage.idempotency import first_answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjure.store.client import Store, Value
    from conjure.usage.idempotency import FirstAnswer, Idempotency

_CREATE: Final = Script("conjure.apps", "create_key", includes=["usage.idempotency"])
_LIST: Final = Script("conjure.apps", "list_keys", reads_only=True)
_REVOKE: Final = Script("conjure.apps", "revoke_key")
_NOTE_REVOKED: Final = Script("conjure.apps", "note_revoked")
_NOTE_USE: Final = Script("conjure.apps", "note_use")
_MAKING: Final = (1, 3)  # open steps, as list_keys.lua has them
_AT_ONCE: Final = 500  # reads in flight for a list


@dataclass(frozen=True, slots=True)
class Listed:
    """A key of an app, with what of it has to be mended.

    `is_complete`: calls find it. `is_noted`: it counts as revoked if it is.
    """

    key: ApiKey
    digest: str
    is_complete: bool
    is_noted: bool


class PerhapsFull(LimitReached):
    """As many keys as an app may have, unless some are revoked and that is not noted."""


class KeyStore:
    """Reads and writes API keys.

    `per_app`: how many working keys an app may have; `per_day`: how many it may make in a UTC day;
    `revoked`: how many of its others are remembered.
    """

    def __init__(
        self, store: Store, *, per_app: int, per_day: int, revoked: int, idempotency_s: int
    ) -> None:
        self._store = store
        self._per_app = per_app
        self._per_day = per_day
        self._revoked = revoked
        self._idempotency_ms = idempotency_s * 1000
        # Nothing that was begun is still under way then, and no Idempotency-Key of it is remembered.
        self._forget_ms = self._idempotency_ms + 86_400_000

    async def read(self, digest: str) -> ApiKey | None:
        """Returns a key by its SHA-256, or None. Raises StoreUnavailable."""
        flat = await self._store.read("HGETALL", keyspace.api_key(digest))
        return _from_fields(dict(zip(flat[::2], flat[1::2], strict=True))) if flat else None

    async def create(
        self, key: ApiKey, digest: str, user_id: str, idempotency: Idempotency | None, answer: bytes
    ) -> int | FirstAnswer:
        """Makes a key; returns when (ms). `complete` must follow. Idempotent under its id.

        The first answer instead when the Idempotency-Key has one. Raises NotFound (no such app),
        LimitReached, IdempotencyMismatch, StoreUnavailable, OutcomeUnknown.
        """
        keys = [
            keyspace.app(key.app),
            keyspace.app_keys(key.app),
            keyspace.app_key_rows(key.app),
            keyspace.app_revoked_keys(key.app),
            keyspace.app_key_steps(key.app),
            keyspace.app_keys_made(key.app),
        ]
        args: list[Value] = [key.id, digest, _to_row(key), self._per_app, self._per_day]
        if idempotency is not None:
            keys.append(idempotency.key(keyspace.app_of_user(key.app, user_id)))
            args += [idempotency.body_hash, answer, self._idempotency_ms]
        outcome, *rest = await self._store.effect(_CREATE, keys, args)
        if outcome == b"made":
            return int(rest[0])
        if outcome == b"gone":
            raise NotFound
        if outcome == b"today":
            raise LimitReached(
                f"an app may make {self._per_day} keys a day, and this one has made as many"
            )
        if outcome in {b"full", b"unsure"}:
            detail = f"an app may have {self._per_app} keys that work, and this one has as many: revoke one"
            raise (LimitReached if outcome == b"full" else PerhapsFull)(detail)
        return first_answer(outcome, rest, keys[-1])

    async def complete(self, key: ApiKey, digest: str) -> None:
        """Writes what calls look a key up by. Repeating it does no harm.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        await self._store.write("HSET", keyspace.api_key(digest), *_to_fields(key))
        await self._store.write("HDEL", keyspace.app_key_steps(key.app), f"made:{key.id}")

    async def is_complete(self, digest: str) -> bool:
        """Whether calls find a key. Raises StoreUnavailable."""
        return bool(await self._store.read("HEXISTS", keyspace.api_key(digest), "id"))

    async def list(self, app_id: str) -> list[Listed]:
        """Returns the keys of an app, newest first. Raises StoreUnavailable."""
        rows = await self._store.query(_LIST, _keys_of(app_id), [])
        listed: list[Listed] = []
        unsure: list[list[Any]] = []
        for row in rows:
            if row[2] and not row[5]:
                listed.append(_listed(app_id, row, None))
            else:  # there is no row, or a step is open
                unsure.append(row)
        for start in range(0, len(unsure), _AT_ONCE):
            some = unsure[start : start + _AT_ONCE]
            records = await asyncio.gather(*(self.read(row[1].decode()) for row in some))
            listed += [
                _listed(app_id, row, record)
                for row, record in zip(some, records, strict=True)
                if row[2] or record is not None  # else an older release died in the middle of it
            ]
        return sorted(listed, key=lambda one: (one.key.created_ms, one.key.id), reverse=True)

    async def revoke(self, app_id: str, key_id: str) -> None:
        """Ends a key; it works nowhere a second later. Revoking again does nothing.

        Raises NotFound, StoreUnavailable, OutcomeUnknown.
        """
        keys = [
            keyspace.app_keys(app_id),
            keyspace.app_revoked_keys(app_id),
            keyspace.app_key_steps(app_id),
        ]
        found = await self._store.effect(_REVOKE, keys, [key_id])
        if found is None:
            raise NotFound
        digest, is_noted = found
        # Who repeats it costs nobody his cache, unless the first one has died in the middle.
        if is_noted and await epoch.is_settled(self._store):
            return
        record = keyspace.api_key(digest.decode())
        async with epoch.changing(self._store):
            await self._store.write("HSETNX", record, "revoked", int(time.time() * 1000))
        revoked = await self._store.read("HGET", record, "revoked")
        await self.note_revoked(app_id, {key_id: int(revoked)})

    async def note_revoked(self, app_id: str, revoked: Mapping[str, int]) -> None:
        """Notes that keys do not count any more, each with the ms at which it was revoked.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        args: list[Value] = [self._revoked, *(part for pair in revoked.items() for part in pair)]
        forgotten = await self._store.effect(_NOTE_REVOKED, _keys_of(app_id), args)
        for digest in forgotten:
            key = keyspace.api_key(digest.decode())
            await self._store.write("PEXPIRE", key, self._forget_ms)

    async def note_use(self, app_id: str, used: Sequence[tuple[str, int]]) -> None:
        """Notes when keys of an app were last used (ms); a time never goes back.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        keys = [keyspace.app_keys(app_id), keyspace.app_key_use(app_id)]
        await self._store.effect(_NOTE_USE, keys, [part for pair in used for part in pair])


def _keys_of(app_id: str) -> list[str]:
    return [
        keyspace.app_keys(app_id),
        keyspace.app_key_rows(app_id),
        keyspace.app_revoked_keys(app_id),
        keyspace.app_key_use(app_id),
        keyspace.app_key_steps(app_id),
    ]


def _listed(app_id: str, found: list[Any], record: ApiKey | None) -> Listed:
    """A key as list_keys.lua has found it; its `record` where that was looked at."""
    key_id, digest, row, used, revoked, steps = found
    key = record or _from_row(app_id, key_id.decode(), row)
    known = replace(
        key,
        last_used_ms=int(used) if used else None,
        revoked_ms=int(revoked) if revoked else key.revoked_ms,
    )
    is_complete = steps not in _MAKING and (record is not None or not steps)
    return Listed(known, digest.decode(), is_complete, bool(revoked))


_IN_ROW: Final = ("kind", "mode", "prefix", "last4", "name", "scopes")


def _to_row(key: ApiKey) -> bytes:
    return orjson.dumps({name: getattr(key, name) for name in _IN_ROW})


def _from_row(app_id: str, key_id: str, row: bytes) -> ApiKey:
    created, _, text = row.partition(b":")
    members = jsondoc.load_stored(text, keyspace.app_key_rows(app_id))
    members["scopes"] = tuple(members["scopes"])
    return ApiKey(id=key_id, app=app_id, created_ms=int(created), **members)


def _to_fields(key: ApiKey) -> tuple[str, ...]:
    fields = {
        "id": key.id,
        "app": key.app,
        "kind": key.kind,
        "mode": key.mode,
        "prefix": key.prefix,
        "last4": key.last4,
        "scopes": " ".join(key.scopes),
        "created": str(key.created_ms),
    }
    if key.name is not None:
        fields["name"] = key.name
    return tuple(text for pair in fields.items() for text in pair)


def _from_fields(raw: dict[bytes, bytes]) -> ApiKey | None:
    values = {name.decode(): value.decode() for name, value in raw.items()}
    if "id" not in values:
        return None  # revoked while it was being made: a lone `revoked` field
    return ApiKey(
        id=values["id"],
        app=values["app"],
        kind=values["kind"],
        mode=values["mode"],
        prefix=values["prefix"],
        last4=values["last4"],
        name=values.get("name"),
        scopes=tuple(values["scopes"].split()),
        created_ms=int(values["created"]),
        revoked_ms=int(values["revoked"]) if "revoked" in values else None,
    )
