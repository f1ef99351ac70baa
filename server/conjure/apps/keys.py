"""API keys: made, listed, revoked, verified (CONTRACT 0.1, 1).

Only the SHA-256 of a key is stored; with 256 random bits it needs no salt and no slow hash. The key itself is
shown once. Verified keys are cached per process for as long as the security epoch is fresh, so that a
revoked key stops working within a second everywhere.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import string
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.core import metrics
from conjure.core.caller import ApiCaller, Tenant
from conjure.core.errors import InvalidCredential, InvalidField, NotFound
from conjure.core.ids import new_id
from conjure.core.lru import LruCache
from conjure.store import epoch, keyspace

if TYPE_CHECKING:
    from conjure.store.client import Store

MODES: Final = ("test", "live")
KINDS: Final = {"publishable": "pk", "secret": "sk"}
SCOPES: Final = {
    "publishable": ("worlds:read",),
    "secret": ("worlds:read", "worlds:write", "sessions:mint", "usage:read"),
}
_HIT, _MISS = metrics.cache("api_key")
_AT_ONCE: Final = 500  # reads in flight for a list
_ALPHABET: Final = string.digits + string.ascii_letters  # base62
_KEY: Final = re.compile(r"(?:pk|sk)_(?:test|live)_[0-9A-Za-z]{43}")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key. Times in ms since 1970; `revoked_ms` is None while it works."""

    id: str
    app: str
    kind: str
    mode: str
    prefix: str
    last4: str
    name: str | None
    scopes: tuple[str, ...]
    created_ms: int
    revoked_ms: int | None


class ApiKeys:
    """The API keys of all apps."""

    def __init__(self, store: Store, security: epoch.SecurityEpoch, *, cache_entries: int) -> None:
        self._store = store
        self._security = security
        self._cache: LruCache[str, ApiCaller] = LruCache(cache_entries)
        self._generation = 0
        security.on_change(self._forget)

    async def verify(self, credential: str) -> ApiCaller:
        """Returns who holds `credential`. Raises InvalidCredential, StoreUnavailable."""
        if not _KEY.fullmatch(credential):
            raise InvalidCredential
        digest = _digest(credential)
        if self._security.is_fresh and (caller := self._cache.get(digest)) is not None:
            _HIT.add()
            return caller
        _MISS.add()
        generation = self._generation
        key = await self._read(digest)
        if key is None or key.revoked_ms is not None:
            self._cache.drop(digest)
            raise InvalidCredential
        caller = ApiCaller(Tenant(key.app, key.mode), key.id, frozenset(key.scopes))
        # A revocation that was announced while the answer was on its way must not be overwritten.
        if generation == self._generation:
            self._cache.put(digest, caller)
        return caller

    def knows(self, credential: str) -> bool:
        """Whether this process has seen `credential` work and would not have to ask the store."""
        return self._security.is_fresh and _digest(credential) in self._cache

    async def create(
        self, app_id: str, *, kind: str, mode: str, name: str | None = None
    ) -> tuple[ApiKey, str]:
        """Makes a key; returns it with its plaintext, which nobody can ask for again.

        Raises InvalidField, NotFound (no such app), StoreUnavailable, OutcomeUnknown.
        """
        if kind not in KINDS:
            raise InvalidField("kind must be publishable or secret")
        if mode not in MODES:
            raise InvalidField("mode must be test or live")
        if not await self._store.read("EXISTS", keyspace.app(app_id)):
            raise NotFound
        prefix = f"{KINDS[kind]}_{mode}_"
        plaintext = prefix + "".join(secrets.choice(_ALPHABET) for _ in range(43))
        key = ApiKey(
            id=new_id(),
            app=app_id,
            kind=kind,
            mode=mode,
            prefix=prefix,
            last4=plaintext[-4:],
            name=name,
            scopes=SCOPES[kind],
            created_ms=int(time.time() * 1000),
            revoked_ms=None,
        )
        digest = _digest(plaintext)
        # Listed first: a key that works and cannot be found could not be revoked.
        await self._store.write("HSET", keyspace.app_keys(app_id), key.id, digest)
        await self._store.write("HSET", keyspace.api_key(digest), *_to_fields(key))
        return key, plaintext

    async def list(self, app_id: str) -> list[ApiKey]:
        """Returns the keys of an app, newest first, revoked ones too. Raises StoreUnavailable."""
        digests = await self._store.read("HVALS", keyspace.app_keys(app_id))
        keys: list[ApiKey] = []
        for start in range(0, len(digests), _AT_ONCE):
            some = digests[start : start + _AT_ONCE]
            found = await asyncio.gather(*(self._read(digest.decode()) for digest in some))
            keys += [key for key in found if key is not None]
        return sorted(keys, key=lambda key: (key.created_ms, key.id), reverse=True)

    async def revoke(self, app_id: str, key_id: str) -> None:
        """Ends a key; it works nowhere a second later. Revoking again does nothing.

        Raises NotFound, StoreUnavailable, OutcomeUnknown.
        """
        digest = await self._store.read("HGET", keyspace.app_keys(app_id), key_id)
        if digest is None:
            raise NotFound
        async with epoch.changing(self._store):
            await self._store.write(
                "HSETNX", keyspace.api_key(digest.decode()), "revoked", int(time.time() * 1000)
            )

    async def _read(self, digest: str) -> ApiKey | None:
        flat = await self._store.read("HGETALL", keyspace.api_key(digest))
        return _from_fields(dict(zip(flat[::2], flat[1::2], strict=True))) if flat else None

    def _forget(self) -> None:
        self._generation += 1
        self._cache.clear()


def _digest(credential: str) -> str:
    return hashlib.sha256(credential.encode()).hexdigest()


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
