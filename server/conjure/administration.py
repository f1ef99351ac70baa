"""What operators use without a server: the command line's way to the store.

Apart from the composition root of a server (`conjure.app`), which also begins with it: a command that makes
a key has no use for the kernel and gRPC, and should not wait for them.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjure.apps.key_store import KeyStore
from conjure.apps.key_use import KeyUse
from conjure.apps.keys import ApiKeys
from conjure.apps.service import Apps
from conjure.apps.store import AppStore
from conjure.sessions.signing import SigningKeys
from conjure.settings import AppSettings, WorldSettings
from conjure.store.client import Store
from conjure.store.epoch import SecurityEpoch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.settings import AuthSettings, StoreSettings


@dataclass(frozen=True, slots=True)
class Administration:
    """What operators use without a server: the command line's way to the store."""

    store: Store
    apps: Apps
    keys: ApiKeys
    key_use: KeyUse
    signing_keys: SigningKeys
    security: SecurityEpoch


@contextlib.asynccontextmanager
async def administration(
    store_settings: StoreSettings,
    auth: AuthSettings,
    apps: AppSettings | None = None,
    *,
    idempotency_s: int | None = None,
    watch: bool = False,
) -> AsyncIterator[Administration]:
    """Opens the administrative services; a server, which caches keys, also watches the epoch.

    `idempotency_s`: how long an Idempotency-Key is remembered; it comes with calls alone.
    """
    apps = AppSettings() if apps is None else apps
    remembered_s = WorldSettings().idempotency_s if idempotency_s is None else idempotency_s
    async with contextlib.AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store(store_settings))
        security = SecurityEpoch(
            store, poll_s=auth.revocation_poll_s, limit_s=auth.revocation_limit_s
        )
        key_store = KeyStore(
            store,
            per_app=apps.keys_per_app,
            per_day=apps.keys_per_day,
            revoked=apps.revoked_keys,
            idempotency_s=remembered_s,
        )
        key_use = KeyUse(key_store, every_s=apps.key_use_s)
        admin = Administration(
            store=store,
            apps=Apps(AppStore(store, per_user=apps.per_user, idempotency_s=remembered_s)),
            keys=ApiKeys(key_store, security, key_use, cache_entries=auth.key_cache_entries),
            key_use=key_use,
            signing_keys=SigningKeys(store, security),
            security=security,
        )
        if watch:
            await stack.enter_async_context(security)
        yield admin
