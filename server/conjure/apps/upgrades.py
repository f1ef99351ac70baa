"""What an upgrade of the store changes of apps (`conjure.migrations` lists it)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from conjure.core.caller import MODES, Tenant
from conjure.core.paging import id_of_member
from conjure.store import keyspace
from conjure.store.client import Script

if TYPE_CHECKING:
    from conjure.store.client import Store

_MEND_CAPS: Final = Script("conjure.apps", "mend_caps")
_APPS_AT_ONCE: Final = 100


async def caps_in_bounds(store: Store, at: str) -> str | None:
    """Brings the caps of the next apps within their bounds.

    `at` and the answer are members of the list of apps. Before 0.2 any text could be a cap. Raises
    StoreUnavailable, OutcomeUnknown.
    """
    start = f"({at}" if at else "-"
    found = await store.read("ZRANGEBYLEX", keyspace.apps(), start, "+", "LIMIT", 0, _APPS_AT_ONCE)
    members = [member.decode() for member in found]
    tenants = [Tenant(id_of_member(member), mode) for member in members for mode in MODES]
    await asyncio.gather(
        *(store.effect(_MEND_CAPS, [keyspace.caps(tenant)], []) for tenant in tenants)
    )
    return members[-1] if len(members) == _APPS_AT_ONCE else None
