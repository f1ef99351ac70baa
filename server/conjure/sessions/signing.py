"""The keys that sign session tokens, and their rotation with overlap (CONTRACT 6.1).

Keys live in the store, so that every server signs and verifies alike. A new key is published at once and
signs only after `PUBLISH_AHEAD_S`: by then every server and everybody who caches the JWK set knows it. Its
predecessor stays published until the last token it can have signed has expired, and is kept for another day,
as such a token may still end its session (CONTRACT 6.3).
"""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
from nacl.signing import SigningKey as PrivateKey

from conjure.core import jsondoc
from conjure.core.errors import InvalidCredential
from conjure.core.ids import new_id
from conjure.sessions.ed25519 import NAME, Ed25519
from conjure.settings import LATE_END_S
from conjure.store import epoch, keyspace

if TYPE_CHECKING:
    from nacl.signing import VerifyKey

    from conjure.store.client import Store

PUBLISH_AHEAD_S: Final = 600
_FIRST: Final = "first"  # the field of the very first key, the oldest of all
LONGEST_TOKEN_S: Final = 3600 + 60
"""How long a key stays published after its successor took over: the longest token and some slack."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key. It signs from `signs_from_s` (Unix seconds) until the next one does."""

    kid: str
    private: PrivateKey
    public: VerifyKey
    created_s: int
    signs_from_s: int

    def public_jwk(self) -> dict[str, Any]:
        """The key as a JWK (RFC 8037), without its private part."""
        jwk: dict[str, Any] = Ed25519.to_jwk(self.public, as_dict=True)
        return jwk | {"kid": self.kid, "use": "sig", "alg": NAME}


class SigningKeys:
    """The key ring of a deployment."""

    def __init__(self, store: Store, security: epoch.SecurityEpoch) -> None:
        self._store = store
        self._ring: tuple[SigningKey, ...] = ()
        # Each key with the time (Unix seconds) at which it stops being published.
        self._by_kid: dict[str, tuple[SigningKey, float]] = {}
        self._stale = True
        self._lock = asyncio.Lock()
        security.on_change(self._forget)

    async def current(self) -> SigningKey:
        """Returns the key that signs now; makes the first one. Raises StoreUnavailable."""
        return await self.at(time.time())

    async def at(self, time_s: float) -> SigningKey:
        """Returns the key that signs at a time (Unix seconds): for each time one. Raises StoreUnavailable."""
        ring = await self._loaded()
        for key in reversed(ring):
            if key.signs_from_s <= time_s:
                return key
        return ring[0]

    async def kid_at(self, time_s: float) -> str:
        """Returns the id of the key that signs at a time (Unix seconds). Raises StoreUnavailable."""
        return (await self.at(time_s)).kid

    async def find(self, kid: str, *, late_s: int = 0) -> SigningKey:
        """Returns a published key, or one that was until `late_s` seconds ago.

        Raises InvalidCredential, StoreUnavailable.
        """
        await self._loaded()
        key, until_s = self._by_kid.get(kid, (None, 0.0))
        if key is None or until_s + late_s <= time.time():
            raise InvalidCredential
        return key

    async def jwks(self) -> dict[str, Any]:
        """Returns the JWK set (RFC 7517, 5). Raises StoreUnavailable."""
        published = self._published(await self._loaded())
        return {"keys": [key.public_jwk() for key in reversed(published)]}

    async def list(self) -> list[SigningKey]:
        """Returns the ring, oldest first. Raises StoreUnavailable."""
        return list(await self._loaded())

    async def rotate(self, *, ahead_s: int = PUBLISH_AHEAD_S) -> SigningKey:
        """Adds a key that signs `ahead_s` seconds from now, and drops those nobody needs any more.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        ring = await self._loaded()
        kept = self._published(ring, late_s=LATE_END_S)
        for key in ring:
            if key not in kept:
                await self._store.write("HDEL", keyspace.signing_keys(), key.kid, _FIRST)
        signs_from_s = int(time.time()) + ahead_s
        while any(key.signs_from_s == signs_from_s for key in ring):
            signs_from_s += 1  # which of two keys comes first must never be a matter of luck
        async with epoch.changing(self._store):
            made = await self._add(signs_from_s)
        self._forget()
        return made

    async def _loaded(self) -> tuple[SigningKey, ...]:
        if self._ring and not self._stale:
            return self._ring
        async with self._lock:
            if self._ring and not self._stale:
                return self._ring
            self._stale = False  # before reading: a change during it must not be lost
            try:
                ring = await self._read()
                if not ring:
                    await self._add_first()
                    ring = await self._read()
            except BaseException:  # whatever ended the reading, the ring was not read
                self._stale = True
                raise
            self._ring = ring
            self._by_kid = {key.kid: (key, until_s) for key, until_s in _until(ring)}
            return ring

    async def _read(self) -> tuple[SigningKey, ...]:
        values = await self._store.read("HVALS", keyspace.signing_keys())
        keys = [_stored_key(value) for value in values]
        return tuple(sorted(keys, key=lambda key: (key.signs_from_s, key.created_s, key.kid)))

    async def _add_first(self) -> None:
        # Several servers may start at once on an empty store: they agree on one fixed field.
        key = PrivateKey.generate()
        record = _to_json(new_id(), key, int(time.time()), int(time.time()))
        await self._store.write("HSETNX", keyspace.signing_keys(), _FIRST, record)

    async def _add(self, signs_from_s: int) -> SigningKey:
        kid = new_id()
        record = _to_json(kid, PrivateKey.generate(), int(time.time()), signs_from_s)
        await self._store.write("HSET", keyspace.signing_keys(), kid, record)
        return _from_json(orjson.loads(record))

    @staticmethod
    def _published(ring: tuple[SigningKey, ...], *, late_s: int = 0) -> tuple[SigningKey, ...]:
        """The keys that sign, will sign, or signed tokens that were valid `late_s` seconds ago or later."""
        now = time.time()
        return tuple(key for key, until_s in _until(ring) if until_s + late_s > now)

    def _forget(self) -> None:
        self._stale = True


def _until(ring: tuple[SigningKey, ...]) -> list[tuple[SigningKey, float]]:
    """Each key with the time (Unix seconds) at which the last token that it signed has expired."""
    return [
        (key, successor.signs_from_s + LONGEST_TOKEN_S if successor else math.inf)
        for key, successor in zip(ring, (*ring[1:], None), strict=True)
    ]


def _to_json(kid: str, key: PrivateKey, created_s: int, signs_from_s: int) -> bytes:
    jwk: dict[str, Any] = Ed25519.to_jwk(key, as_dict=True)
    return orjson.dumps(
        {"kid": kid, "jwk": jwk, "created_s": created_s, "signs_from_s": signs_from_s}
    )


def _stored_key(value: bytes) -> SigningKey:
    record = jsondoc.load_stored(value, keyspace.signing_keys())
    try:
        return _from_json(record)
    except (KeyError, TypeError, ValueError) as error:
        raise jsondoc.unreadable(keyspace.signing_keys(), "it is no signing key") from error


def _from_json(record: dict[str, Any]) -> SigningKey:
    private = Ed25519.from_jwk(record["jwk"])
    assert isinstance(private, PrivateKey)  # noqa: S101 - only we write these
    return SigningKey(
        kid=record["kid"],
        private=private,
        public=private.verify_key,
        created_s=record["created_s"],
        signs_from_s=record["signs_from_s"],
    )
