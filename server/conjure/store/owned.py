"""Names of keys, read: which are Conjure's, what each is, and which of them a restore makes itself.

A store may have other users. A snapshot of it holds their keys too; they are neither restored nor removed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from conjure.core.caller import MODES, Tenant
from conjure.store import keyspace

_ID: Final = ""
_TENANT: Final = Tenant("app", "test")


def _before_tag(key: str) -> bytes:
    return (key.partition("{")[0] + "{").encode()


_TENANTS: Final = _before_tag(keyspace.usage(_TENANT))
_TAG_ENDS: Final = tuple(f":{mode}}}:".encode() for mode in MODES)
_DIRECTORIES: Final = (
    keyspace.public_world(_ID).encode(),
    _before_tag(keyspace.public_world_step(_ID)),
    keyspace.queue_directory(_ID).encode(),
    keyspace.queue_graves(_ID).encode(),
)
_FENCES: Final = keyspace.fence(_ID, _ID).partition(":")[0].encode() + b":"
_REBUILT: Final = frozenset(
    key.encode()
    for key in (
        keyspace.places(),
        keyspace.apps(),
        keyspace.assets_due(),
        keyspace.assets_collector(),
        keyspace.security_epoch(),
        keyspace.restoring_turn(),
    )
)
_SHA256: Final = rb"([0-9a-f]{64})"
_OTHERS: Final = re.compile(
    b"|".join(
        re.escape(before) + of
        for before, of in (
            (keyspace.user_rate(_ID).encode(), rb".*"),
            (keyspace.api_key(_ID).encode(), rb"[0-9a-f]{64}"),
            (_before_tag(keyspace.user_apps(_ID)), rb"[0-9a-f]{64}\}.*"),
            (_before_tag(keyspace.app(_ID)), rb"[^{}]+\}.*"),
            (_before_tag(keyspace.asset(_ID)), rb"[0-9a-f]{64}\}.*"),
        )
    ),
    re.DOTALL,
)
_SINGLE: Final = (keyspace.signing_keys().encode(), keyspace.store_format().encode())


def is_owned(key: bytes) -> bool:
    """Whether a key has a name that Conjure gives (store/keyspace.py)."""
    if not _is_text(key):
        return False
    if key.startswith(_TENANTS):
        return key[len(_TENANTS) :].partition(b"}")[1] != b"" and any(
            end in key for end in _TAG_ENDS
        )
    return _OTHERS.fullmatch(key) is not None or key in _SINGLE or is_rebuilt(key)


def _is_text(key: bytes) -> bool:
    try:
        key.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_fence(key: bytes) -> bool:
    """Whether it is what a connection has for seconds, while it waits for replicas (store/replicated.py)."""
    return key.startswith(_FENCES)


def is_rebuilt(key: bytes) -> bool:
    """Whether a restore makes this key anew instead of copying it.

    These are directories, which say where to look in tenants, and turns that somebody has for seconds. On a
    cluster a directory's copy is of another moment than the tenants'; made from them it agrees with them.
    """
    return key in _REBUILT or key.startswith((*_DIRECTORIES, _FENCES))


@dataclass(frozen=True, slots=True)
class Name:
    """What a key is: `kind` as `keyspace` spells it, of which thing ("" where there is only one), whose."""

    kind: str
    id: str = ""
    tenant: Tenant | None = None


_OF_TENANT: Final = re.compile(rb"\{([^{}:]+:(?:test|live))\}:([a-z-]+):?(.*)", re.DOTALL)
_OF_OTHERS: Final = tuple(
    (kind, re.compile(re.escape(before.encode()) + of + re.escape(after.encode())))
    for kind, before, of, after in (
        ("key", keyspace.api_key(""), _SHA256, ""),
        ("asset", "asset:{", _SHA256, "}"),
        ("user-app-rows", "user:{", _SHA256, "}:app-rows"),
        ("app", "app:{", rb"([^{}]+)", "}"),
        ("app-keys", "app:{", rb"([^{}]+)", "}:keys"),
        ("app-revoked-keys", "app:{", rb"([^{}]+)", "}:revoked-keys"),
    )
)


TYPES: Final = {
    "world": "hash", "leases": "zset", "queue-lanes": "set", "asset-counts": "hash", "key": "hash",
    "asset": "hash", "user-app-rows": "hash", "app": "hash", "app-keys": "hash",
    "app-revoked-keys": "zset",
}  # fmt: skip
"""Of kinds that a restore looks into: what the server calls their type."""


def name_of(key: bytes) -> Name | None:
    """What a key is, where a restore has to do with it."""
    if key.startswith(_TENANTS):
        found = _OF_TENANT.fullmatch(key[len(_TENANTS) - 1 :])
        if found is None:
            return None
        return Name(found[2].decode(), found[3].decode(), Tenant.of_tag(found[1].decode()))
    for kind, pattern in _OF_OTHERS:
        if (match := pattern.fullmatch(key)) is not None:
            return Name(kind, match[1].decode())
    return None


def app_steps_of(user_hash: str) -> str:
    """The `keyspace.user_app_steps` of a user of whom only the hash is known."""
    return f"user:{{{user_hash}}}:app-steps"
