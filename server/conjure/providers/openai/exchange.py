"""One request of chat completions and its answer, whatever an endpoint makes of the protocol."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conjure.core import metrics
from conjure.providers.http import Answer, OutboundError
from conjure.providers.openai.abilities import speaks_of_images, speaks_of_length
from conjure.providers.openai.failures import (
    ImagesRefused,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from conjure.providers.openai.filters import speaks_of_filter
from conjure.providers.openai.messages import tokens_of
from conjure.providers.openai.patience import wait_s
from conjure.providers.openai.plain_json import clean, loads
from conjure.providers.openai.streaming import Transcript

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conjure.providers.answers import StreamedAnswer
    from conjure.providers.http import OutboundClient

    Heard = Callable[[str], Awaitable[None]]
    from conjure.providers.openai.spending import Spending

_MOST_TOKENS: Final = 10_000_000  # of one answer: what says more does not count, or lies
_MOST_CALLS: Final = 32  # tool calls of one turn that are read
_MOST_NAME: Final = 128  # characters of a tool's name, and of a call's id
_MOST_REFUSAL: Final = 4_096  # bytes of a refusal that are looked at

# An endpoint that does not know what it is asked for says so with one of these.
_REFUSALS: Final = frozenset({400, 415, 422, 501})
# Some say it with these, which have another meaning too (llama.cpp: 500).
_MAYBE_REFUSALS: Final = frozenset({404, 500})
_SPEAKS_OF_REQUEST: Final = (
    "tools",
    "tool use",
    "tool_choice",
    "response_format",
    "grammar",
    "schema",
)
# How long the end of a stream is waited for, so that its connection can be kept.
_END_S: Final = 0.2


class RequestRefused(ModelError):
    """The endpoint does not take the request; `text` is what it said, for nobody's eyes."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"the endpoint answered {status}")
        self.text = text


@dataclass(frozen=True, slots=True)
class WantedCall:
    """A tool call as it was written; the arguments are text that may be anything."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model said. `is_cut`: it had more to say than it may."""

    text: str
    calls: tuple[WantedCall, ...]
    is_cut: bool


class Exchange:
    """Sends requests to one endpoint, and counts what they cost."""

    def __init__(self, client: OutboundClient, *, url: str, label: str) -> None:
        self._client = client
        self._url = f"{url}/chat/completions"
        self._read = metrics.MODEL_TOKENS.at(label, "read")
        self._written = metrics.MODEL_TOKENS.at(label, "written")

    async def complete(
        self,
        body: dict[str, Any],
        *,
        limit: str,
        reads: int,
        writes: int,
        has_images: bool,
        spending: Spending,
        heard: Heard | None = None,
    ) -> Completion:
        """Sends a request, several times while the endpoint is busy, and reads its answer.

        `limit` is the member that says how much may be written; `reads` is about how many tokens it will
        read. With `heard` the body asks for a stream; it is told each piece of what the model says, unless
        the endpoint answers in one. Raises RequestRefused, the errors of failures.py and what `heard` raises.
        """
        tries = 0
        while True:
            tries += 1
            with spending.call(reads=reads, writes=writes) as room:
                asked = {**body, limit: room}
                answer = (
                    await self._sent(asked)
                    if heard is None
                    else await self._streamed(asked, room, reads, spending, heard)
                )
                if isinstance(answer, Completion):
                    return answer
                if answer.status == 200:
                    said = _object(answer.body)
                    self._count(said.get("usage"), answer.body, reads, spending)
                    return _completion(said)
            if answer.status not in {429, 503}:
                raise _failure(answer, has_images=has_images)
            wait = wait_s(tries, answer.retry_after, is_limit=answer.status == 429)
            if wait is None or wait >= spending.seconds_left:
                raise ModelUnavailable(f"the endpoint answered {answer.status}, {tries} times")
            await asyncio.sleep(wait)

    async def _sent(self, body: dict[str, Any]) -> Answer:
        try:
            return await self._client.post_json(self._url, body)
        except OutboundError as error:
            raise ModelUnavailable(str(error)) from error

    async def _streamed(
        self, body: dict[str, Any], room: int, reads: int, spending: Spending, heard: Heard
    ) -> Answer | Completion:
        """Listens to an answer; returns one that came in one piece, or is a refusal, as it is."""
        transcript = Transcript(most_tokens=room)
        is_counted = False
        try:
            async with self._client.stream(
                self._url, body, first_s=spending.seconds_left
            ) as answer:
                if answer.refusal is not None:
                    return answer.refusal
                async for chunk in answer:
                    for piece in transcript.feed(chunk):
                        await heard(piece)
                    if transcript.is_done:
                        await _ended(answer)
                        break
            if transcript.whole is not None:
                is_counted = True
                return Answer(answer.status, transcript.whole)
            transcript.end()
            said = transcript.completion()
            is_counted = True
            self._count(said["usage"], transcript.text.encode("utf-8", "replace"), reads, spending)
            return _completion(said)
        except OutboundError as error:
            raise ModelUnavailable(str(error)) from error
        finally:
            if not is_counted and (
                text := transcript.text
            ):  # what was said costs, though it broke off
                self._count(None, text.encode("utf-8", "replace"), reads, spending)

    def _count(self, usage: Any, body: bytes, reads: int, spending: Spending) -> None:
        usage = usage if isinstance(usage, dict) else {}
        read = _tokens(usage.get("prompt_tokens"))
        written = _tokens(usage.get("completion_tokens"))
        read = reads if read is None else read
        written = tokens_of(body.decode("utf-8", "replace")) if written is None else written
        self._read.add(read)
        self._written.add(written)
        spending.used(read=read, written=written)


async def _ended(answer: StreamedAnswer) -> None:
    """Reads what follows the last event, which is nothing: else the connection could not be kept."""
    try:
        async with asyncio.timeout(_END_S):
            async for _ in answer:
                return
    except (TimeoutError, OutboundError):
        answer.broke = None  # all of the answer is there


def _tokens(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _MOST_TOKENS else None


def has_failed(answer: Answer) -> bool:
    """Whether an answer says that the endpoint fails, and not that it does not take this one request.

    Some say that with 500, too: then whoever sends such requests would have the circuit opened for everybody.
    """
    if answer.status < 500 or answer.status in _REFUSALS:
        return False
    return answer.status not in _MAYBE_REFUSALS or not _speaks_of_request(_text_of(answer))


def _text_of(answer: Answer) -> str:
    return answer.body[:_MOST_REFUSAL].decode("utf-8", "replace")


def _speaks_of_request(text: str) -> bool:
    folded = text.lower()
    said = any(word in folded for word in _SPEAKS_OF_REQUEST) or speaks_of_filter(folded)
    return said or speaks_of_images(folded) or speaks_of_length(folded)


def _failure(answer: Answer, *, has_images: bool) -> ModelError:
    text = _text_of(answer)
    folded = text.lower()
    if answer.status in _REFUSALS or answer.status in _MAYBE_REFUSALS:
        if speaks_of_filter(folded):
            return ModelRefused("a content filter refused the request")
        if has_images and speaks_of_images(text):
            return ImagesRefused(f"the endpoint answered {answer.status} to a picture")
    if answer.status in _REFUSALS or (
        answer.status in _MAYBE_REFUSALS and any(word in folded for word in _SPEAKS_OF_REQUEST)
    ):
        return RequestRefused(answer.status, text)
    if answer.status == 413:
        return ModelError("the endpoint answered 413")
    return ModelUnavailable(f"the endpoint answered {answer.status}")


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = loads(body)
    except ValueError as error:
        raise ModelUnavailable("the endpoint did not answer with JSON") from error
    if not isinstance(said, dict):
        raise ModelUnavailable("the endpoint did not answer with an object")
    return said


def _completion(said: dict[str, Any]) -> Completion:
    choices = said.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise ModelUnavailable("the endpoint answered without a choice")  # some fail with 200
    finish = choice.get("finish_reason")
    refusal = message.get("refusal")
    if finish == "content_filter" or (isinstance(refusal, str) and refusal.strip()):
        raise ModelRefused("the model declined" if refusal else "a content filter cut the answer")
    return Completion(
        text=clean(_text(message.get("content"))),
        calls=tuple(_calls(message.get("tool_calls"))),
        is_cut=finish == "length",
    )


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str))
    return ""


def _calls(calls: Any) -> list[WantedCall]:
    wanted = []
    for at, call in enumerate(calls[:_MOST_CALLS] if isinstance(calls, list) else ()):
        function = call.get("function") if isinstance(call, dict) else None
        name = function.get("name") if isinstance(function, dict) else None
        if not isinstance(function, dict) or not isinstance(name, str):
            continue
        arguments = function.get("arguments")
        if isinstance(arguments, dict):  # Ollama's own way
            arguments = json.dumps(arguments)
        given = call.get("id")
        wanted.append(
            WantedCall(
                id=clean(given)[:_MOST_NAME] if isinstance(given, str) and given else f"call_{at}",
                name=clean(name)[:_MOST_NAME],
                arguments=arguments if isinstance(arguments, str) else "",
            )
        )
    return wanted
