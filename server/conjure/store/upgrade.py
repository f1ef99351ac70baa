"""Raises a store's format: `conjure store upgrade`, once no server of the release before runs.

An upgrade is a list of steps, and a step is a row of bounded pieces, each of which does no harm when it is
done again, also beside another upgrade. The store keeps how far it has come, so one that was killed goes
on where it was. The number is raised when all steps to it are done; while they are on their way the store
names the format that it will have, and releases that do not know that one refuse it already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure import __version__
from conjure.store import keyspace
from conjure.store.client import Script
from conjure.store.format import FORMAT, require_format, said

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from conjure.store.client import Store

_NOTE: Final = Script("conjure.store", "note_upgrade")
_RAISE: Final = Script("conjure.store", "raise_format")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that has to change of what is stored.

    `run` does a piece, from where it is told ("" at the beginning), and returns where the next one begins;
    None when there is none. It raises StoreUnavailable, OutcomeUnknown.
    """

    format: int  # the one that it leads to
    name: str  # kept in the store while it is under way
    says: str  # what it does, for people
    run: Callable[[Store, str], Awaitable[str | None]]


def steps_to(steps: Sequence[Step], begun: int, known: int = FORMAT) -> list[Step]:
    """Returns the steps from one format to another, in their order."""
    return [step for step in steps if begun < step.format <= known]


async def upgrade(
    store: Store, steps: Sequence[Step], tell: Callable[[str], None] = lambda _: None
) -> int:
    """Raises the format to what this release writes; returns the format of before, which may be that one.

    `tell` is told what is done. Any number may do it at once. Raises FormatRefused, StoreUnavailable,
    OutcomeUnknown.
    """
    begun = now = (await require_format(store)).format
    while now < FORMAT:
        tell(f"format {now} to {now + 1}")
        if await _has_run(store, [step for step in steps if step.format == now + 1], now, tell):
            await store.effect(_RAISE, [keyspace.store_format()], [now, now + 1, __version__])
        now = (await require_format(store)).format
    return begun


async def _has_run(
    store: Store, steps: Sequence[Step], now: int, tell: Callable[[str], None]
) -> bool:
    """Runs the steps, from where the store says; False once somebody else has finished the upgrade."""
    found = await said(store)
    names = [step.name for step in steps]
    is_begun = found.get("step") in names
    at: str | None = found.get("at", "") if is_begun else ""
    if not await _is_noted(store, now, found["step"] if is_begun else "", at or ""):
        return False
    for step in steps[names.index(found["step"]) if is_begun else 0 :]:
        tell(step.says)
        while at is not None:
            if not await _is_noted(store, now, step.name, at):
                return False
            at = await step.run(store, at)
        at = ""
    return True


async def _is_noted(store: Store, now: int, step: str, at: str) -> bool:
    return bool(await store.effect(_NOTE, [keyspace.store_format()], [now, now + 1, step, at]))
