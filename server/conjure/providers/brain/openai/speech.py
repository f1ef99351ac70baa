"""What leaves of a reply while a model writes it: tidy, bounded, and nothing of the brain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.providers.plain import TidyLine

if TYPE_CHECKING:
    from conjure.providers.brain.leaks import Leaks
    from conjure.providers.brain.port import Tell

MOST_REPLY: Final = 2_000
"""Characters of a reply."""

_ENOUGH: Final = 1_700  # characters after which the next sentence that ends is the last
_ENDS: Final = frozenset(".!?…。！？")  # noqa: RUF001 - full width
_CUT: Final = "…"


class Speech:
    """A reply that is spoken to `tell`; without one, it is only kept."""

    def __init__(self, leaks: Leaks, tell: Tell | None) -> None:
        self._leaks = leaks
        self._tell = tell
        self.restart()

    def restart(self) -> None:
        """Forgets what was heard, of which nobody may have been told."""
        self._told: list[str] = []
        self._signs = (
            ""  # without a letter, which wait for one: else nothing could be asked for again
        )
        self._line = TidyLine()
        self._watched = self._leaks.watched()
        self._length = 0
        self.is_full = False
        """Whether it is as long as it may be: what follows is not told."""
        self.has_ended = False

    @property
    def is_told(self) -> bool:
        """Whether somebody listens."""
        return self._tell is not None

    @property
    def text(self) -> str:
        """All that may leave of it so far."""
        return "".join(self._told)

    @property
    def has_begun(self) -> bool:
        """Whether somebody was told something of it: that cannot be taken back."""
        return self.is_told and bool(self._told)

    @property
    def is_leak(self) -> bool:
        """Whether the brain would have been told: the rest is not."""
        return self._watched.is_leak

    async def hear(self, piece: str) -> None:
        """Takes the next piece of the reply, and tells what may be told."""
        await self._say(self._watched.feed(self._bounded(self._line.feed(piece))))

    async def end(self) -> None:
        """The reply has ended."""
        self.has_ended = True
        await self._say(self._watched.end())
        if self._signs and not self.is_leak:
            await self._tell_of(self._signs)

    async def add(self, text: str) -> None:
        """Tells something of ours behind what was told."""
        await self._say(f" {text}" if self._told else text)

    async def break_off(self) -> None:
        """Ends a reply in the middle."""
        await self.end()
        if not self.is_leak:
            await self._say(_CUT)

    async def _say(self, piece: str) -> None:
        if not self._told:
            self._signs = piece = self._signs + piece
            if not any(letter.isalpha() for letter in piece):
                return
            self._signs = ""
        if piece:
            await self._tell_of(piece)

    async def _tell_of(self, piece: str) -> None:
        self._told.append(piece)
        if self._tell is not None:
            await self._tell(piece)

    def _bounded(self, piece: str) -> str:
        if self.is_full:
            return ""
        begun, self._length = self._length, self._length + len(piece)
        for at in range(max(0, _ENOUGH - begun), len(piece)):
            if piece[at] in _ENDS:
                self.is_full = True
                return piece[: at + 1]
            if begun + at == MOST_REPLY - 2:
                self.is_full = True
                return piece[: at + 1] + _CUT
        return piece
