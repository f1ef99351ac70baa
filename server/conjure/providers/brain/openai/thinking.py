"""One piece of work of a brain: its model, what it may cost, and what is logged of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.providers.openai.abilities import speaks_of_length
from conjure.providers.openai.exchange import RequestRefused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from conjure.providers.openai.chat import ChatModel
    from conjure.providers.openai.messages import Message
    from conjure.providers.openai.spending import Spending

_MOST_TRIES: Final = 2
"""How often the same is asked, when what came is of no use."""
_LEAST_ROOM: Final = 1_000


class Room:
    """How many tokens of a prompt a model takes: less after it has said that it was too long."""

    __slots__ = ("tokens",)

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens

    def may_shrink(self, refused: int) -> bool:
        """Whether there is less than the tokens that were refused: halves it, unless another call has.

        It stays as it is where too little would be left to say who somebody is.
        """
        if self.tokens < refused:
            return True
        if self.tokens < 2 * _LEAST_ROOM:
            return False
        self.tokens //= 2
        return True


class Thinking:
    """A turn, or a summary."""

    def __init__(self, model: ChatModel, room: Room, spending: Spending) -> None:
        self._model = model
        self._room = room
        self.spending = spending
        self.tries = 1
        self.leaks = 0

    def may_try_again(self) -> bool:
        """Whether there is another try, which is then counted."""
        if self.tries >= _MOST_TRIES:
            return False
        self.tries += 1
        return True

    async def ask(
        self,
        made: Callable[[int], list[Message]],
        schema: Mapping[str, Any],
        *,
        name: str,
        most_tokens: int,
        temperature: float,
        accepted: Mapping[str, Any] | None = None,
        heard: Callable[[str], Awaitable[None]] | None = None,
    ) -> Any:
        """Asks the model, with messages of so many tokens. Raises ModelError, and what `heard` raises."""
        while True:
            room = self._room.tokens
            try:
                return await self._model.object(
                    made(room),
                    schema,
                    name=name,
                    most_tokens=most_tokens,
                    spending=self.spending,
                    temperature=temperature,
                    accepted=accepted,
                    heard=heard,
                )
            except RequestRefused as refused:
                if not speaks_of_length(refused.text) or not self._room.may_shrink(room):
                    raise
