"""Names of keys: whose each is, so that a backup restores all of ours and nothing else."""

from __future__ import annotations

import inspect

import pytest

from conjure.core.caller import Tenant
from conjure.store import keyspace
from conjure.store.owned import is_fence, is_owned, is_rebuilt, name_of

TENANT = Tenant("app-1", "live")
SHA256 = "ab" * 32
_NOT_KEYS = {"hash_tag", "of_world"}


def every_key():
    """A key by each function of `keyspace`."""
    for name, function in inspect.getmembers(keyspace, inspect.isfunction):
        if name.startswith("_") or name in _NOT_KEYS or function.__module__ != keyspace.__name__:
            continue
        arguments = [
            TENANT if parameter in {"tenant", "scope"} else SHA256
            for parameter, of in inspect.signature(function).parameters.items()
            if of.default is inspect.Parameter.empty
        ]
        yield name, function(*arguments)


KEYS = dict(every_key())
# What keys begin with, and are none.
PREFIXES = {"user", "app_of_user"}


@pytest.mark.parametrize("name", sorted(KEYS.keys() - PREFIXES))
def test_every_key_is_ours(name):
    assert is_owned(KEYS[name].encode())


def test_keys_of_others_are_not():
    for key in (
        b"",
        b"session:1",
        b"apps:1",
        b"t:1",
        b"t:{app}:x",
        b"\xff\xfe",
        b"placeses",
        b"store",
        b"key:1",
        b"key:\xff",
        b"rate:user:\xff",
        b"user:{somebody}:apps",
        b"asset:{1}",
        b"app:1",
        b"t:{app:test}:world:\xff",
    ):
        assert not is_owned(key), key


def test_directories_and_turns_are_made_anew_and_nothing_else_is():
    rebuilt = {name for name, key in KEYS.items() if is_rebuilt(key.encode())}
    assert rebuilt == {
        "apps", "assets_collector", "assets_due", "fence", "places", "public_world",
        "public_world_step", "queue_directory", "queue_graves", "queue_sweeper", "restoring_turn",
        "security_epoch",
    }  # fmt: skip
    assert {name for name, key in KEYS.items() if is_fence(key.encode())} == {"fence"}


def test_a_name_says_what_and_whose_it_is():
    name = name_of(KEYS["world"].encode())
    assert (name.kind, name.tenant, name.id) == ("world", TENANT, SHA256)
    assert name_of(KEYS["leases"].encode()).kind == "leases"
    kinds = {
        "api_key": "key", "asset": "asset", "user_app_rows": "user-app-rows", "app": "app",
        "app_keys": "app-keys", "app_revoked_keys": "app-revoked-keys",
    }  # fmt: skip
    for function, kind in kinds.items():
        assert name_of(KEYS[function].encode()).kind == kind
    assert name_of(KEYS["app_key_rows"].encode()) is None
