"""How a revoked key stops working: whoever hears of it forgets the key, and who hears nothing trusts no key."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from conjure.apps.key_store import KeyStore
from conjure.apps.key_use import KeyUse
from conjure.apps.keys import ApiKeys
from conjure.core.errors import InvalidCredential, StoreUnavailable
from conjure.settings import AuthSettings
from conjure.store import keyspace
from conjure.store.epoch import SecurityEpoch, changing
from support.until import LIMIT_S, until

NEVER_S = 3600.0


@contextlib.asynccontextmanager
async def hearing(store, *, poll_s, limit_s):
    """The epoch, once it has been heard for the first time."""
    async with changing(store):
        pass  # so that there is something to be heard
    heard = asyncio.Event()
    epoch = SecurityEpoch(store, poll_s=poll_s, limit_s=limit_s)
    epoch.on_change(heard.set)
    async with epoch:
        await asyncio.wait_for(heard.wait(), LIMIT_S)
        yield epoch


def keys_that_hear(epoch, store):
    """The keys of the stack, as a process of its own caches them."""
    at_hand = KeyStore(store, per_app=10, per_day=10, revoked=10, idempotency_s=60)
    return ApiKeys(at_hand, epoch, KeyUse(at_hand, every_s=NEVER_S), cache_entries=10)


async def test_whoever_hears_that_the_epoch_moved_forgets_its_keys(stack, app):
    """Though it would trust them for another hour."""
    async with hearing(stack.admin.store, poll_s=0.05, limit_s=NEVER_S) as epoch:
        keys = keys_that_hear(epoch, stack.admin.store)
        await keys.verify(app.secret)
        assert keys.knows(app.secret)
        await stack.admin.keys.revoke(app.id, app.keys["secret"])
        await until(lambda: not keys.knows(app.secret))
        with pytest.raises(InvalidCredential):
            await keys.verify(app.secret)


async def test_whoever_hears_nothing_trusts_its_keys_no_longer_than_the_limit(stack, app):
    """It polls once and never again, as one whose store is out of reach."""
    async with hearing(stack.admin.store, poll_s=NEVER_S, limit_s=2.0) as epoch:
        keys = keys_that_hear(epoch, stack.admin.store)
        await keys.verify(app.secret)
        assert keys.knows(app.secret)
        await stack.admin.keys.revoke(app.id, app.keys["secret"])
        await until(lambda: not keys.knows(app.secret))
        with pytest.raises(InvalidCredential):
            await keys.verify(app.secret)


def test_the_limit_keeps_what_the_contract_promises():
    """CONTRACT 0.1: within a second. Several polls fit in, so that a lost one costs nothing."""
    auth = AuthSettings()
    assert auth.revocation_limit_s < 1.0
    assert auth.revocation_poll_s * 3 < auth.revocation_limit_s


async def test_of_two_changes_at_once_each_is_heard(stack, app):
    """The second is settled first: until the first one is, a key may be cached that it is about to revoke."""
    store = stack.admin.store
    async with hearing(store, poll_s=0.05, limit_s=NEVER_S) as epoch:
        keys = keys_that_hear(epoch, store)
        async with changing(store):
            async with changing(store):
                pass
            await until(lambda: epoch.is_fresh)
            await keys.verify(app.secret)
            await until(lambda: keys.knows(app.secret))
        await until(lambda: not keys.knows(app.secret))


async def test_a_change_that_was_not_made_costs_nobody_its_cache(stack):
    """The store was not reached: nothing is under way, and keys are trusted again at once."""
    store = stack.admin.store
    async with hearing(store, poll_s=0.05, limit_s=NEVER_S) as epoch:
        with pytest.raises(StoreUnavailable):
            async with changing(store):
                raise StoreUnavailable
        value = await store.read("GET", keyspace.security_epoch())
        assert not value.startswith(b"changing:")
        await until(lambda: epoch.is_fresh)
