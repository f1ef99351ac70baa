"""The format of a store: what of it which releases can read.

A release writes one format (`FORMAT`) and serves a store of that one or of the one before, so that two
releases that follow each other run side by side. The store says its own in one hash. A store with data that
says none is of format 1: releases up to 0.2 know nothing of formats. An empty store gets the newest at the
first start.

Nothing raises it but `conjure store upgrade` (`store.upgrade`): a server that raised it by itself would shut
out servers of the release before that still run.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure import __version__
from conjure.core.errors import Internal
from conjure.settings import SettingsError
from conjure.store import keyspace
from conjure.store.client import Script

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjure.store.client import Store

FORMAT: Final = 2
"""What this release writes into an empty store, and `conjure store upgrade` into any."""

RELEASES: Final[Mapping[int, str]] = {1: "0.2", 2: "0.3"}
"""The last series of releases that writes each format: the way to a newer one leads through all of them."""

_FIRST: Final = 1
"""What a store with data has that says nothing."""

_BEGIN: Final = Script("conjure.store", "begin_format")
_MOST_DIGITS: Final = 6


class FormatRefused(SettingsError):
    """A store that this release must not use; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a store says of itself. `format` 0: nothing is in it, not even this."""

    format: int
    release: str = ""  # that wrote the format; empty where it is not said
    upgrading: int = 0  # the format that an upgrade is on its way to; 0: there is none
    restoring: str = ""  # what is being restored into it, for people; empty: nothing


async def read_format(store: Store) -> int:
    """Returns the format of a store, 0 of an empty one. Raises FormatRefused, StoreUnavailable."""
    return (await read_stamp(store)).format


async def read_stamp(store: Store) -> Stamp:
    """Returns what a store says of itself.

    Raises FormatRefused (it says what no release writes), StoreUnavailable.
    """
    found = await said(store)
    rest = (
        found.get("release", ""),
        _number(found.get("upgrading", "0")),
        found.get("restoring", ""),
    )
    if (text := found.get("format")) is not None:
        return Stamp(_number(text, least=1), *rest)
    return Stamp(_FIRST if await _has_data(store) else 0, *rest)


async def begin_format(store: Store) -> Stamp:
    """Gives an empty store the newest format; returns what the store says then. Any number may do it at once.

    Raises FormatRefused, StoreUnavailable, OutcomeUnknown.
    """
    stamp = await read_stamp(store)
    if stamp.format or stamp.restoring:
        return stamp
    await store.effect(_BEGIN, [keyspace.store_format()], [FORMAT, __version__])
    return await read_stamp(store)


def refusal(
    stamp: Stamp, *, known: int = FORMAT, releases: Mapping[int, str] = RELEASES
) -> str | None:
    """Returns why a release that writes format `known` must not use a store, and what to do; or None."""
    if stamp.restoring:
        return (
            f"the store is being restored ({stamp.restoring[:200]}): wait until `conjure restore` is"
            " done; one that was broken off is begun again, into an empty store"
        )
    if stamp.format > known:
        who = f"release {stamp.release[:40]}" if stamp.release else "a newer release"
        return (
            f"the store has format {stamp.format}, made by {who}; release {__version__} knows formats"
            f" up to {known}. Run that release or a newer one; the way back is a backup of before its"
            " upgrade, restored into another store"
        )
    if stamp.upgrading > known:
        return (
            f"the store is being upgraded to format {stamp.upgrading}; release {__version__} knows"
            f" formats up to {known}. Run the release that upgrades it, and let"
            " `conjure store upgrade` of that one finish"
        )
    if stamp.format and stamp.format < known - 1:
        through = releases[stamp.format + 1]
        return (
            f"the store has format {stamp.format}; release {__version__} reads {known - 1} and {known}."
            f" Go through release {through}: let it serve, then run its `conjure store upgrade`"
        )
    return None


def advice(
    stamp: Stamp, *, known: int = FORMAT, releases: Mapping[int, str] = RELEASES
) -> str | None:
    """Returns what is left to do about a store that this release may use; None: nothing."""
    if not stamp.format or stamp.format >= known:
        return None
    return (
        f"the store has format {stamp.format}, this release writes {known}: once no server of"
        f" {releases[stamp.format]} or before runs, `conjure store upgrade`"
    )


async def said(store: Store) -> dict[str, str]:
    """Returns all that a store says of itself, as it stands there.

    Raises FormatRefused (it is nothing of ours at all), StoreUnavailable.
    """
    key = keyspace.store_format()
    try:
        flat = await store.read("HGETALL", key)
    except Internal as error:
        if not str(error.__cause__).startswith("WRONGTYPE"):
            raise
        raise FormatRefused(
            f"the store's {key!r} is no hash, which no release writes: something else uses this store,"
            " and that name"
        ) from error
    return {
        name.decode(errors="replace"): value.decode(errors="replace")
        for name, value in zip(flat[::2], flat[1::2], strict=True)
    }


async def require_format(store: Store) -> Stamp:
    """Returns what a store says of itself if this release may use it; begins an empty one.

    Raises FormatRefused, StoreUnavailable, OutcomeUnknown.
    """
    stamp = await begin_format(store)
    why = refusal(stamp)
    if why is not None:
        raise FormatRefused(why)
    return stamp


async def _has_data(store: Store) -> bool:
    """Whether any release has used it: who serves makes a signing key, all else is of an app."""
    keys = (keyspace.apps(), keyspace.signing_keys(), keyspace.security_epoch())
    found = await asyncio.gather(*(store.read("EXISTS", key) for key in keys))
    return any(found)


def _number(text: str, *, least: int = 0) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    if not is_number or int(text) < least:
        raise FormatRefused(
            f"the store's format is {text[:40]!r}, which no release writes: something else has written"
            f" {keyspace.store_format()!r}. `conjure store status` shows what stands there"
        )
    return int(text)
