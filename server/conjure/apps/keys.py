"""API keys: made, listed, revoked, verified (CONTRACT 0.1, 1).

Only the SHA-256 of a key is stored; with 256 random bits it needs no salt and no slow hash. The key itself is
shown once. Verified keys are cached per process for as long as the security epoch is fresh, so that a
revoked key stops working within a second everywhere.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import orjson
import structlog

from conjure.apps.key_store import PerhapsFull
from conjure.apps.model import KINDS, SCOPES, ApiKey, name_problem
from conjure.apps.sealing import seal, unseal
from conjure.core import metrics
from conjure.core.caller import MODES, ApiCaller, Tenant
from conjure.core.errors import (
    AppError,
    InvalidCredential,
    InvalidField,
    NotFound,
    OutcomeUnknown,
    StoreUnavailable,
)
from conjure.core.ids import canonical_uuid, new_id
from conjure.core.lru import LruCache
from conjure.usage.idempotency import FirstAnswer, Idempotency

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.apps.key_store import KeyStore, Listed
    from conjure.apps.key_use import KeyUse
    from conjure.store import epoch

log = structlog.get_logger(__name__)

ROUTE: Final = "keys"
"""The route that Idempotency-Keys of new keys are scoped to (CONTRACT 0)."""

_HIT, _MISS = metrics.cache("api_key")
_ALPHABET: Final = string.digits + string.ascii_letters  # base62
_KEY: Final = re.compile(r"(?:pk|sk)_(?:test|live)_[0-9A-Za-z]{43}")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key with its plaintext. `replayed`: the first response to an Idempotency-Key, again."""

    key: ApiKey
    plaintext: str
    replayed: bool = False


class ApiKeys:
    """The API keys of all apps. Whoever asks for those of an app has seen to it that it is his."""

    def __init__(
        self, store: KeyStore, security: epoch.SecurityEpoch, use: KeyUse, *, cache_entries: int
    ) -> None:
        self._store = store
        self._security = security
        self._seen = use.seen
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
            self._seen[caller.key_id] = caller.tenant.app, time.time()
            return caller
        _MISS.add()
        generation = self._generation
        key = await self._store.read(digest)
        if key is None or key.revoked_ms is not None:
            self._cache.drop(digest)
            raise InvalidCredential
        caller = ApiCaller(Tenant(key.app, key.mode), key.id, frozenset(key.scopes))
        # A revocation that was announced while the answer was on its way must not be overwritten.
        if generation == self._generation:
            self._cache.put(digest, caller)
        self._seen[key.id] = key.app, time.time()
        return caller

    def knows(self, credential: str) -> bool:
        """Whether this process has seen `credential` work and would not have to ask the store."""
        return self._security.is_fresh and _digest(credential) in self._cache

    async def create(
        self, app_id: str, *, kind: str, mode: str, name: str | None = None
    ) -> tuple[ApiKey, str]:
        """Makes a key; returns it with its plaintext, which nobody can ask for again.

        Raises InvalidField, NotFound (no such app), LimitReached, StoreUnavailable, OutcomeUnknown.
        """
        made = await self.create_once(app_id, kind=kind, mode=mode, name=name)
        return made.key, made.plaintext

    async def create_once(
        self,
        app_id: str,
        *,
        kind: str,
        mode: str,
        name: str | None = None,
        user_id: str = "",
        idempotency_key: str | None = None,
    ) -> NewKey:
        """Makes a key for a user, or answers as the first time.

        Raises InvalidField, NotFound (no such app), LimitReached, IdempotencyMismatch, StoreUnavailable,
        OutcomeUnknown.
        """
        _check(kind, mode, name)
        idempotency = Idempotency.of(ROUTE, idempotency_key, app_id, kind, mode, name)
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
            created_ms=0,  # the store says when
        )
        answer = b""
        if idempotency_key is not None:
            sealed = seal(plaintext, idempotency_key, user_id, app_id)
            answer = orjson.dumps({"id": key.id, "sealed": sealed})
        made = await self._make(key, _digest(plaintext), user_id, idempotency, answer)
        if not isinstance(made, FirstAnswer):
            key = replace(key, created_ms=made)
            await self._complete(key, _digest(plaintext))
            return NewKey(key, plaintext)
        plaintext = unseal(made.members["sealed"], idempotency_key or "", user_id, app_id)
        key = replace(key, id=made.members["id"], last4=plaintext[-4:], created_ms=int(made.rev))
        if not await self._store.is_complete(_digest(plaintext)):
            await self._complete(key, _digest(plaintext))  # whoever made it has died in the middle
        return NewKey(key, plaintext, replayed=True)

    async def list(self, app_id: str) -> list[ApiKey]:
        """Returns the keys of an app, newest first, with those revoked last. Raises StoreUnavailable."""
        listed = await self._store.list(app_id)
        try:
            await self._mend(app_id, listed)
        except AppError as error:  # the next one tries again
            log.warning("keys are listed and not complete", app=app_id, cause=error.reason)
        return [one.key for one in listed]

    async def revoke(self, app_id: str, key_id: str) -> str:
        """Ends a key and returns its id; it works nowhere a second later. Revoking again does nothing.

        Raises NotFound, StoreUnavailable, OutcomeUnknown.
        """
        canonical = canonical_uuid(key_id)
        if canonical is None:
            raise NotFound
        await self._store.revoke(app_id, canonical)
        return canonical

    async def _make(
        self,
        key: ApiKey,
        digest: str,
        user_id: str,
        idempotency: Idempotency | None,
        answer: bytes,
    ) -> int | FirstAnswer:
        try:
            return await self._store.create(key, digest, user_id, idempotency, answer)
        except PerhapsFull:  # somebody has died in the middle, or an older release has revoked one
            if not await self._mend(key.app, await self._store.list(key.app)):
                raise
        return await self._store.create(key, digest, user_id, idempotency, answer)

    async def _mend(self, app_id: str, listed: Sequence[Listed]) -> bool:
        """Does what was left undone of keys; says whether some count no more.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        for one in listed:
            if not one.is_complete:
                await self._store.complete(one.key, one.digest)
        revoked = {
            one.key.id: one.key.revoked_ms
            for one in listed
            if one.key.revoked_ms is not None and not one.is_noted
        }
        if revoked:
            await self._store.note_revoked(app_id, revoked)
        return bool(revoked)

    async def _complete(self, key: ApiKey, digest: str) -> None:
        """Writes the rest of a key that is made. Raises OutcomeUnknown."""
        try:
            await self._store.complete(key, digest)
        except StoreUnavailable as error:  # which says that nothing happened, and something has
            raise OutcomeUnknown from error

    def _forget(self) -> None:
        self._generation += 1
        self._cache.clear()


def _check(kind: str, mode: str, name: str | None) -> None:
    """Raises InvalidField."""
    problems = []
    if kind not in KINDS:
        problems.append("kind must be publishable or secret")
    if mode not in MODES:
        problems.append("mode must be test or live")
    if name is not None and (problem := name_problem(name)) is not None:
        problems.append(problem)
    if problems:
        raise InvalidField(*problems)


def _digest(credential: str) -> str:
    return hashlib.sha256(credential.encode()).hexdigest()
