"""Lists of characters in the store: a page with its documents is one round trip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.core import jsondoc
from conjure.core.errors import TooHeavy
from conjure.core.paging import id_of_member
from conjure.core.weights import MOST_BYTES_OF_WEIGHT, is_heavier
from conjure.store import keyspace
from conjure.store.client import Script
from conjure.worlds.model import CHARACTER, Snapshot, WorldInfo, check_stored
from conjure.worlds.stored_text import unpacked, unpacked_bytes

if TYPE_CHECKING:
    from conjure.core.caller import Tenant
    from conjure.store.client import Store

_LIST: Final = Script("conjure.characters", "list", reads_only=True)
_PAGE_BYTES: Final = 1_000_000
"""Of documents in a page, which ends early: to parse them and to write the answer takes some 10 ms then.

A page also ends before a document that is too heavy for this process; one that begins with such a document is
left to others.
"""


class CharacterStore:
    """Lists characters. `most_weight`: what a document may weigh in this process (`core.weights`)."""

    def __init__(self, store: Store, *, most_weight: int | None = None) -> None:
        self._store = store
        self._most_weight = most_weight

    async def list(
        self, tenant: Tenant, *, after: str, limit: int
    ) -> tuple[list[tuple[WorldInfo, Snapshot]], str | None]:
        """Returns up to `limit` characters, newest first, and where the next page starts.

        Raises TooHeavy, StoreUnavailable.
        """
        prefix, most = keyspace.world(tenant, ""), self._most_weight
        more, *rows = await self._store.query(
            _LIST,
            [keyspace.worlds(tenant, CHARACTER)],
            [
                after,
                limit,
                prefix,
                _PAGE_BYTES,
                "" if most is None else MOST_BYTES_OF_WEIGHT * most,
            ],
        )
        page: list[tuple[WorldInfo, Snapshot]] = []
        size, last = 0, ""
        for member, rev, text, *row in rows:
            found = self._document(tenant, id_of_member(member.decode()), text)
            size += 0 if found is None else len(found[0])
            if page and (found is None or size > _PAGE_BYTES):
                return page, last
            if found is None:
                raise TooHeavy
            last, world_id = member.decode(), id_of_member(member.decode())
            snapshot = Snapshot(rev.decode(), *found, key=keyspace.world(tenant, world_id))
            page.append((WorldInfo.of(world_id, row), snapshot))
        return page, last if more else None

    def _document(
        self, tenant: Tenant, world_id: str, stored: bytes | None
    ) -> tuple[bytes, dict[str, Any]] | None:
        """A document as text and value; None when it is too heavy for this process.

        Raises StoredDataUnreadable.
        """
        key, most = keyspace.world(tenant, world_id), self._most_weight
        if stored is None:
            if most is None:
                raise jsondoc.unreadable(key, "there is no document")
            return None
        if most is not None and unpacked_bytes(stored) > MOST_BYTES_OF_WEIGHT * most:
            return None
        text = unpacked(stored, key)
        if most is not None and is_heavier(text, most):
            return None
        return text, check_stored(text, key)
