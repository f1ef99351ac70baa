"""Lists of characters in the store: a page with its documents is one round trip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.core import jsondoc
from conjure.core.errors import TooHeavy
from conjure.core.paging import id_of_member
from conjure.core.weights import MOST_BYTES_OF_WEIGHT, is_heavier
from conjure.store import keyspace
from conjure.store.client import Script
from conjure.worlds.model import CHARACTER, Snapshot, WorldInfo, check_stored
from conjure.worlds.stored_text import unpacked, unpacked_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.core.caller import Tenant
    from conjure.store.client import Store

_LIST: Final = Script("conjure.characters", "list", reads_only=True)
_PAGE_BYTES: Final = 1_000_000
"""Of documents in a page, which ends early: to parse them and to write the answer takes some 10 ms then."""


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
        page = [
            self._read(tenant, id_of_member(member.decode()), rev, text, row)
            for member, rev, text, *row in rows
            if rev is not None  # else it was removed by hand
        ]
        return page, rows[-1][0].decode() if more else None

    def _read(
        self,
        tenant: Tenant,
        world_id: str,
        rev: bytes,
        text: bytes | None,
        row: Sequence[bytes | None],
    ) -> tuple[WorldInfo, Snapshot]:
        key, most = keyspace.world(tenant, world_id), self._most_weight
        if text is None:
            if most is not None:
                raise TooHeavy
            raise jsondoc.unreadable(key, "there is no document")
        if most is not None and unpacked_bytes(text) > MOST_BYTES_OF_WEIGHT * most:
            raise TooHeavy
        text = unpacked(text, key)
        if most is not None and is_heavier(text, most):
            raise TooHeavy
        check_stored(text, key)
        return WorldInfo.of(world_id, row), Snapshot(rev.decode(), text, key=key)
