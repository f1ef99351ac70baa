"""The keys of a store, whatever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conjure.store.client import Store


async def key_names(store: Store, pattern: str = "*") -> list[str]:
    """The names of all keys that match, on each server of a cluster."""
    wiring: Any = store._wiring
    await store.ping()  # a cluster's servers are known then
    found: list[str] = []
    for server in set(getattr(wiring, "_owners", [wiring])):
        cursor = b"0"
        while True:
            command = ("SCAN", cursor, "MATCH", pattern, "COUNT", 1000)
            cursor, some = await server.call(command, None, False)
            found += [name.decode() for name in some]
            if cursor == b"0":
                break
    return found
