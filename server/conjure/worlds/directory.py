"""The directory of public worlds: where readers of other apps learn whose a world is (CONTRACT 0.1).

It is outside of tenants, on a cluster on another server than the world, so that no script changes both.
Hence:

- **The world decides, the directory follows.** First the tenant's own script agrees to a change of
  visibility or to a deletion, under whatever is asserted; a refused one never gets here. Readers look at
  the world again.
- **Later steps win.** Each change has a number that grows in the tenant's order (visibility.lua). The
  directory remembers the last one that it took, longer than any call may last, and ignores earlier ones:
  of a publication and a deletion at once, whichever step comes last, the deletion stands.
- **What a crash leaves is repaired by reads.** A world notes the change that the directory has not
  confirmed yet; its owner's next read takes the step again. A reader who is led to a world that is private
  or gone does so too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from conjure.core.caller import Tenant
from conjure.core.errors import AppError
from conjure.store import keyspace
from conjure.store.client import Script
from conjure.worlds.access import READABLE

if TYPE_CHECKING:
    from conjure.store.client import Store

log = structlog.get_logger(__name__)

_DIRECT: Final = Script("conjure.worlds", "direct")
_CONFIRM: Final = Script("conjure.worlds", "confirm")
_GONE: Final = 2**53
"""The last step of a deleted world: no id is ever used again."""

_KEEP_MS: Final = 3_600_000
"""How long the directory remembers a step: far longer than any call lasts, so that none comes after it."""


class PublicDirectory:
    """Follows what tenants decide."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def publisher(self, world_id: str) -> Tenant | None:
        """Whose published world this may be, if it is one: ask the world. Raises StoreUnavailable."""
        tag = await self._store.read("GET", keyspace.public_world(world_id))
        return None if tag is None else Tenant.of_tag(tag.decode())

    async def follow(self, tenant: Tenant, world_id: str) -> None:
        """Brings the directory to what the world says now, and has the world note it.

        Raises StoreUnavailable, OutcomeUnknown; repeating it does no harm.
        """
        key = keyspace.world(tenant, world_id)
        visibility, seq = await self._store.read("HMGET", key, "visibility", "visibility_seq")
        if visibility is None:
            await self._step(world_id, _GONE, "")
            return
        tag = tenant.tag if visibility.decode() in READABLE else ""
        step = int(seq or 0)  # none was published by a release that did not count
        await self._step(world_id, step, tag)
        await self._store.effect(_CONFIRM, [key], [step])

    async def try_to_follow(self, tenant: Tenant, world_id: str) -> bool:
        """As `follow`, where the caller is served without it: says whether it went well.

        What went wrong is in the log; the next read tries again.
        """
        try:
            await self.follow(tenant, world_id)
        except AppError as error:
            log.warning(
                "the directory of public worlds is behind", world=world_id, cause=error.reason
            )
            return False
        return True

    async def _step(self, world_id: str, step: int, tag: str) -> None:
        keys = [keyspace.public_world(world_id), keyspace.public_world_step(world_id)]
        await self._store.effect(_DIRECT, keys, [step, tag, _KEEP_MS])
