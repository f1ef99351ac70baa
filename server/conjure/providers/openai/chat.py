"""Asking a model in words: for JSON that satisfies a schema, or for a turn with tools."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from typing import TYPE_CHECKING, Any, Final

import orjson
from jsonschema_rs import Draft202012Validator

from conjure.core import metrics
from conjure.providers.openai import endpoint, protocol
from conjure.providers.openai.abilities import Abilities, Mode, Negotiation, speaks_of_length
from conjure.providers.openai.exchange import Exchange, RequestRefused
from conjure.providers.openai.failures import (
    AnswerCut,
    AnswerUnfit,
    BudgetSpent,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from conjure.providers.openai.messages import (
    Message,
    Tool,
    ToolCall,
    Turn,
    tokens_of,
    tokens_of_messages,
    wire,
    wire_tool,
)
from conjure.providers.openai.plain_json import objects

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence

    from conjure.providers.http import OutboundClient
    from conjure.providers.openai.abilities import Traits
    from conjure.providers.openai.endpoint import ModelPort
    from conjure.providers.openai.exchange import Completion, Heard
    from conjure.providers.openai.spending import Spending
    from conjure.settings.models import OpenaiSettings

__all__ = ["ChatModel", "Message", "Tool", "ToolCall", "Turn", "chat_model", "chat_models"]

_MOST_HEADROOM: Final = 16
_OUTCOMES: Final = (
    (AnswerCut, "cut"),
    (ModelRefused, "refused"),
    (ModelUnavailable, "unavailable"),
    (BudgetSpent, "spent"),
)


_READY: Final = Tool(
    "ready", "Says that tools can be called.", {"type": "object", "properties": {}}
)
_TRIAL: Final = (Message("user", "Call the tool `ready`."),)
_TRIAL_TOKENS: Final = 64


class ChatModel:
    """A model at an endpoint; for any number of callers at the same time.

    What it finds out about the endpoint it remembers. `label` is its provider in metrics.
    """

    def __init__(self, client: OutboundClient, *, url: str, model: str, label: str) -> None:
        self._exchange = Exchange(client, url=url, label=label)
        self._model = model
        self._label = label
        self._abilities = Abilities()
        # Models that think before they answer do it within the limit of the answer: they need more of it.
        self._headroom = 1

    async def object(
        self,
        messages: Sequence[Message],
        schema: Mapping[str, Any],
        *,
        name: str,
        most_tokens: int,
        spending: Spending,
        temperature: float | None = None,
        accepted: Mapping[str, Any] | None = None,
        heard: Heard | None = None,
    ) -> Any:
        """Asks for a JSON object that satisfies a schema; returns one that does, its texts clean.

        `name` names it in requests: letters, digits and `_`. `accepted` is another schema, for a caller who
        takes more than it asks for. `heard` is told what the model writes while it does, as it came, where
        the endpoint can do that; what it raises ends the call. Raises the errors of failures.py: whether
        another try makes sense is for the caller to decide.
        """
        async with self._counted(spending):
            completion, traits = await self._ask(
                lambda traits: _for_object(messages, schema, name, traits),
                wants_tools=False,
                most_tokens=most_tokens,
                spending=spending,
                temperature=temperature,
                heard=heard,
            )
            is_json = False
            for found in _objects(completion):
                is_json = True
                if _validator(orjson.dumps(accepted or schema)).is_valid(found):
                    self._abilities.heeded()
                    return found
            if completion.is_cut:
                raise AnswerCut(f"the answer is longer than {most_tokens} tokens")
            self._abilities.missed(traits, is_json=is_json)
            raise AnswerUnfit(
                "the answer does not satisfy the schema" if is_json else "the answer has no JSON"
            )

    async def turn(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool],
        *,
        most_tokens: int,
        spending: Spending,
        temperature: float | None = None,
    ) -> Turn:
        """Lets a model take its turn: it says something, or wants tools called, or both.

        Names and arguments of calls are whatever the model wrote. Raises the errors of failures.py.
        """
        async with self._counted(spending):
            while True:
                completion, traits = await self._ask(
                    lambda traits: _for_turn(messages, tools, traits),
                    wants_tools=True,
                    most_tokens=most_tokens,
                    spending=spending,
                    temperature=temperature,
                )
                if not tools or not traits.has_native_tools or completion.calls:
                    self._abilities.has_called |= bool(completion.calls)
                    break
                if await self._tools_arrive(traits, spending):
                    break
                self._abilities.lacks_tools()
            if completion.is_cut:
                raise AnswerCut(f"the answer is longer than {most_tokens} tokens")
            if not traits.has_native_tools:
                return protocol.turn(completion.text)
            calls = tuple(
                ToolCall(call.id, call.name, next(objects(call.arguments or "{}"), None))
                for call in completion.calls
            )
            return Turn(completion.text, calls)

    async def _tools_arrive(self, traits: Traits, spending: Spending) -> bool:
        """Whether the model is told of tools.

        Where its prompt has no place for them some endpoints leave them out, and say nothing. So a model that
        has never called any is told to call one that does nothing.
        """
        if self._abilities.has_called:
            return True
        body = {
            "model": self._model,
            "messages": [wire(message) for message in _TRIAL],
            "tools": [wire_tool(_READY)],
            "tool_choice": {"type": "function", "function": {"name": _READY.name}},
        }
        try:
            completion = await self._exchange.complete(
                body,
                limit=traits.limit,
                reads=tokens_of_messages(_TRIAL) + tokens_of(orjson.dumps(body["tools"]).decode()),
                writes=_TRIAL_TOKENS * self._headroom,
                has_images=False,
                spending=spending,
            )
        except (RequestRefused, BudgetSpent):
            return True  # it cannot be told
        self._abilities.has_called = bool(completion.calls)
        return self._abilities.has_called

    @contextlib.asynccontextmanager
    async def _counted(self, spending: Spending) -> AsyncIterator[None]:
        """Counts the outcome, and ends what takes longer than the work may."""
        outcome = "abandoned"
        try:
            async with asyncio.timeout(spending.seconds_left):
                yield
            outcome = "answered"
        except TimeoutError as error:
            outcome = "spent"
            raise BudgetSpent(f"{spending.most_s} s have passed") from error
        except ModelError as error:
            outcome = next((word for kind, word in _OUTCOMES if isinstance(error, kind)), "unfit")
            raise
        finally:
            metrics.MODEL_CALLS.at(self._label, outcome).add()

    async def _ask(
        self,
        made: Callable[[Traits], tuple[Sequence[Message], dict[str, Any]]],
        *,
        wants_tools: bool,
        most_tokens: int,
        spending: Spending,
        temperature: float | None,
        heard: Heard | None = None,
    ) -> tuple[Completion, Traits]:
        negotiation = Negotiation(
            self._abilities, wants_tools=wants_tools, wants_stream=heard is not None
        )
        while True:
            traits = negotiation.traits
            sent, extra = made(traits)
            if not traits.has_system_role:
                sent = protocol.without_system_role(sent)
            body = {"model": self._model, "messages": [wire(message) for message in sent], **extra}
            if temperature is not None and traits.has_temperature:
                body["temperature"] = temperature
            is_streamed = heard is not None and traits.has_streams
            if is_streamed:
                body["stream"] = True
                if traits.has_stream_usage:
                    body["stream_options"] = {"include_usage": True}
            try:
                completion = await self._exchange.complete(
                    body,
                    limit=traits.limit,
                    reads=tokens_of_messages(sent) + tokens_of(orjson.dumps(extra).decode()),
                    writes=most_tokens * self._headroom,
                    has_images=any(message.images for message in sent),
                    spending=spending,
                    heard=heard if is_streamed else None,
                )
            except RequestRefused as refused:
                if speaks_of_length(refused.text) or not negotiation.refused(refused.text):
                    raise
                continue
            self._abilities.worked(traits)
            is_empty = not completion.text.strip() and not completion.calls
            if completion.is_cut and is_empty and self._headroom < _MOST_HEADROOM:
                self._headroom *= 4
                continue
            return completion, traits


def _for_object(
    messages: Sequence[Message], schema: Mapping[str, Any], name: str, traits: Traits
) -> tuple[Sequence[Message], dict[str, Any]]:
    """What is sent to ask for an object: the messages, and what stands beside them."""
    if not traits.has_bounds:
        schema = protocol.without_bounds(schema)
    if traits.mode is Mode.SCHEMA:
        wanted = {"name": name, "strict": True, "schema": schema}
        return messages, {"response_format": {"type": "json_schema", "json_schema": wanted}}
    if traits.mode is Mode.TOOL:
        tool = Tool(name, "Takes the answer.", schema)
        return messages, {
            "tools": [wire_tool(tool)],
            "tool_choice": {"type": "function", "function": {"name": name}},
        }
    return protocol.asking_for_object(messages, schema), {}


def _for_turn(
    messages: Sequence[Message], tools: Sequence[Tool], traits: Traits
) -> tuple[Sequence[Message], dict[str, Any]]:
    if traits.has_native_tools:
        return messages, {"tools": [wire_tool(tool) for tool in tools]} if tools else {}
    sent = protocol.asking_for_turn(messages, tools)
    if traits.mode is not Mode.SCHEMA or not tools:
        return sent, {}
    wanted = {"name": "turn", "strict": False, "schema": protocol.turn_schema(tools)}
    return sent, {"response_format": {"type": "json_schema", "json_schema": wanted}}


def _objects(completion: Completion) -> Iterator[dict[str, Any]]:
    for call in completion.calls:
        yield from objects(call.arguments)
    yield from objects(completion.text)


@functools.lru_cache(maxsize=256)
def _validator(schema: bytes) -> Draft202012Validator:
    return Draft202012Validator(orjson.loads(schema))


@contextlib.asynccontextmanager
async def chat_model(
    port: ModelPort, openai: OpenaiSettings, *, label: str
) -> AsyncIterator[ChatModel]:
    """The model of a port; leaving closes its connections."""
    async with chat_models(port, openai, (port.model,), label=label) as models:
        yield models[port.model]


@contextlib.asynccontextmanager
async def chat_models(
    port: ModelPort,
    openai: OpenaiSettings,
    names: Iterable[str],
    *,
    label: str,
    most_answer_bytes: int = endpoint.MOST_ANSWER_BYTES,
) -> AsyncIterator[dict[str, ChatModel]]:
    """Models of these names at the endpoint of a port, which share its connections; leaving closes them."""
    url = endpoint.address(port, openai)
    async with endpoint.client(
        port, openai, label=label, most_answer_bytes=most_answer_bytes
    ) as client:
        yield {name: ChatModel(client, url=url, model=name, label=label) for name in names}
