"""Speech that another server makes: what its answers have in common, whatever they are asked with."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from typing import TYPE_CHECKING, Any, Final, Self

import orjson

from conjure.providers.http import OutboundError
from conjure.providers.openai.patience import wait_s
from conjure.providers.voice.port import VoiceError, VoiceUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from conjure.providers.http import Answer, OutboundClient, StreamedAnswer

MOST_SPEECH_BYTES: Final = 16 * 2**20

_LEAST_HEAD: Final = 3  # bytes that show what it is
_CODE: Final = re.compile(r"[a-z0-9_]{1,48}")
# What a server answers to a voice that it does not have; it may mean something else by it.
_UNKNOWN_VOICE: Final = frozenset({400, 404, 422})
_REMEMBERED_S: Final = 600.0
_MOST_REMEMBERED: Final = 1_000


class SpeechRefused(VoiceError):
    """The server does not take the request."""

    def __init__(self, answer: Answer) -> None:
        said = _code(answer.body)
        super().__init__(f"the voice answered {answer.status}{f' ({said})' if said else ''}")
        self.status = answer.status


class RemoteVoice:
    """Speaks with a server. `ask` makes of a voice the URL and the body of a request.

    A voice that the server refuses is spoken for by the usual one: tenants name voices freely, and the
    operator may have changed the provider.
    """

    def __init__(self, client: OutboundClient, *, usual: str, first_s: float) -> None:
        self._client = client
        self._usual = usual
        self._first_s = first_s
        self._unknown: dict[str, float] = {}

    @contextlib.asynccontextmanager
    async def speak(
        self, voice: str | None, ask: Callable[[str], tuple[str, dict[str, Any]]]
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Yields the pieces. Raises VoiceError."""
        deadline = asyncio.get_running_loop().time() + self._first_s
        wanted = self._usual if voice is None or self._is_unknown(voice) else voice
        async with contextlib.AsyncExitStack() as stack:
            try:
                pieces = await stack.enter_async_context(self._spoken(*ask(wanted), deadline))
            except SpeechRefused as refused:
                if wanted == self._usual or refused.status not in _UNKNOWN_VOICE:
                    raise
                pieces = await stack.enter_async_context(self._spoken(*ask(self._usual), deadline))
                self._forget_room()
                self._unknown[wanted] = time.monotonic() + _REMEMBERED_S
            yield pieces

    def _is_unknown(self, voice: str) -> bool:
        return self._unknown.get(voice, 0.0) > time.monotonic()

    def _forget_room(self) -> None:
        while len(self._unknown) >= _MOST_REMEMBERED:
            del self._unknown[next(iter(self._unknown))]

    @contextlib.asynccontextmanager
    async def _spoken(
        self, url: str, body: dict[str, Any], deadline: float
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Asks, again while the server is busy and says for how long; `deadline` is for the first piece."""
        tries = 0
        loop = asyncio.get_running_loop()
        while True:
            tries += 1
            try:
                async with self._client.stream(
                    url, body, first_s=max(0.0, deadline - loop.time())
                ) as answer:
                    refusal = answer.refusal
                    if refusal is None:
                        yield await _mp3(answer, deadline)
                        return
            except OutboundError as error:
                raise VoiceUnavailable(str(error)) from error
            wait = _wait_s(tries, refusal)
            if wait is None or loop.time() + wait >= deadline:
                raise _failure(refusal)
            await asyncio.sleep(wait)


def _wait_s(tries: int, refusal: Answer) -> float | None:
    if refusal.status not in {429, 503}:
        return None
    return wait_s(tries, refusal.retry_after, is_limit=refusal.status == 429)


def _failure(refusal: Answer) -> VoiceError:
    refused = SpeechRefused(refusal)
    if refusal.status == 429 or refusal.status >= 500:
        return VoiceUnavailable(str(refused))
    return refused


class _Pieces:
    """Those of an answer whose first ones were looked at."""

    def __init__(self, head: bytes, answer: StreamedAnswer) -> None:
        self._head = head
        self._answer = answer

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._head:
            head, self._head = self._head, b""
            return head
        try:
            return await anext(self._answer)
        except OutboundError as error:
            raise VoiceError(str(error)) from error


async def _mp3(answer: StreamedAnswer, deadline: float) -> _Pieces:
    head = b""
    try:
        async with asyncio.timeout_at(deadline):
            async for piece in answer:
                head += piece
                if len(head) >= _LEAST_HEAD:
                    break
    except TimeoutError as error:
        raise VoiceUnavailable("the speech did not begin in time") from error
    if not head:
        raise VoiceError("the voice said nothing")
    if not is_mp3(head):
        raise VoiceError("what the voice answered is no MP3")
    return _Pieces(head, answer)


def is_mp3(head: bytes) -> bool:
    """Whether something begins as an MP3: with a tag (ID3), or with a frame of layer III."""
    if head[:3] == b"ID3":
        return True
    return len(head) >= 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2


def _code(body: bytes) -> str | None:
    """The code word of an error, which is for the log: whatever else it says may be what was sent."""
    try:
        said = orjson.loads(body)
    except ValueError:
        return None
    for member in ("detail", "error"):
        inner = said.get(member) if isinstance(said, dict) else None
        for name in ("status", "code", "type"):
            code = inner.get(name) if isinstance(inner, dict) else None
            if isinstance(code, str) and _CODE.fullmatch(code):
                return code
    return None
