"""The demo of `conjure dev`: which world and character it is, and tokens to play them (CONTRACT 12)."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conjure.core import jsondoc
from conjure.core.caller import MODES, ApiCaller, Tenant
from conjure.core.errors import AppError, NotFound
from conjure.core.ids import checked_id
from conjure.core.urls import UrlRefused, http_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjure.sessions.service import SessionService

_MOST_BYTES: Final = 65_536
_TTL_S: Final = 3_600
_PLAYER: Final = "demo"
"""Who plays: always the same, so that the character remembers."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What the file says, as far as it is needed. The keys in it are not."""

    tenant: Tenant
    world_id: str
    character_id: str
    numbers: tuple[tuple[str, str], ...]
    """Where the numbers are, for Prometheus: URL and whose they are."""

    @property
    def reader(self) -> ApiCaller:
        """A caller that reads what a player may see of the demo."""
        return ApiCaller(self.tenant, "", frozenset({"worlds:read"}))


class DemoService:
    """Rules of the demo."""

    def __init__(self, file: str, sessions: SessionService) -> None:
        """`file` is read whenever the demo is asked for: `conjure dev` writes it when the server runs."""
        self._file = Path(file)
        self._sessions = sessions

    async def demo(self) -> Demo:
        """Returns what the file says. Raises NotFound when it is missing or says something else."""
        try:
            text = await asyncio.to_thread(self._read)
            return _demo_of(jsondoc.loads(text))
        except (OSError, AppError, KeyError, TypeError) as error:
            raise NotFound("there is no demo here") from error

    async def token(self, play: str) -> str:
        """Mints a token for `world` or `character`.

        Raises NotFound, QuotaExceeded, StoreUnavailable, OutcomeUnknown.
        """
        demo = await self.demo()
        minted = await self._sessions.mint(
            demo.tenant,
            world_id=demo.character_id if play == "character" else demo.world_id,
            player=_PLAYER,
            origin=None,
            ttl_s=_TTL_S,
        )
        return minted.token

    def _read(self) -> bytes:
        with self._file.open("rb") as file:
            return file.read(_MOST_BYTES)


def _demo_of(facts: Any) -> Demo:
    """Raises KeyError, TypeError, NotFound when it is something else."""
    mode = _text(facts, "mode")
    if mode not in MODES:
        raise KeyError("mode")
    return Demo(
        tenant=Tenant(checked_id(_text(facts, "appId")), mode),
        world_id=checked_id(_text(facts, "worldId")),
        character_id=checked_id(_text(facts, "characterId")),
        numbers=tuple(_numbers(facts)),
    )


def _text(facts: Any, name: str) -> str:
    text = facts[name]
    if not isinstance(text, str):
        raise TypeError(name)
    return text


def _numbers(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, whose in (("metricsUrl", "the server"), ("edgeMetricsUrl", "Envoy")):
        with contextlib.suppress(KeyError, TypeError, UrlRefused):
            yield http_url(_text(facts, name)).text, whose
