"""What operators use without a server: the command line's way to the store.

Apart from the composition root of a server (`conjure.app`), which also begins with it: a command that makes
a key has no use for the kernel and gRPC, and should not wait for them.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjure.apps.keys import ApiKeys
from conjure.apps.service import Apps
from conjure.sessions.signing import SigningKeys
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
    signing_keys: SigningKeys
    security: SecurityEpoch


@contextlib.asynccontextmanager
async def administration(
    store_settings: StoreSettings, auth: AuthSettings, *, watch: bool = False
) -> AsyncIterator[Administration]:
    """Opens the administrative services; a server, which caches keys, also watches the epoch."""
    async with contextlib.AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store(store_settings))
        security = SecurityEpoch(
            store, poll_s=auth.revocation_poll_s, limit_s=auth.revocation_limit_s
        )
        admin = Administration(
            store=store,
            apps=Apps(store),
            keys=ApiKeys(store, security, cache_entries=auth.key_cache_entries),
            signing_keys=SigningKeys(store, security),
            security=security,
        )
        if watch:
            await stack.enter_async_context(security)
        yield admin
