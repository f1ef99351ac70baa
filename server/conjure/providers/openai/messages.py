"""What is said to a model and what it says, and how that stands in chat completions."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Role = Literal["system", "user", "assistant", "tool"]

_TOKENS_OF_A_PICTURE: Final = 1_000  # about; models count by its size, each in its own way


class Image(Protocol):
    """An encoded picture, such as `pictures.Picture`."""

    @property
    def content(self) -> bytes:
        """Its bytes."""
        ...

    @property
    def media_type(self) -> str:
        """What they are."""
        ...


@dataclass(frozen=True, slots=True)
class Tool:
    """What a model may call. `parameters` is a JSON Schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that a model wants made. `arguments` is None when it gave no JSON object.

    The name may be one that there is no tool of.
    """

    id: str
    name: str
    arguments: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    `tool_calls` are of an assistant's turn; `tool_call_id` says which of them a tool's result is of.
    """

    role: Role
    text: str
    images: tuple[Image, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What a model said in its turn, and the calls that it wants made."""

    text: str
    calls: tuple[ToolCall, ...] = ()

    def message(self) -> Message:
        """The turn as it stands in what is sent next."""
        return Message("assistant", self.text, tool_calls=self.calls)


def wire(message: Message) -> dict[str, Any]:
    """A message as chat completions have it."""
    text = message.text.encode(
        "utf-8", "replace"
    ).decode()  # halves of surrogate pairs are in no JSON
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.tool_call_id, "content": text}
    if message.tool_calls:
        return {
            "role": message.role,
            "content": text or None,
            "tool_calls": [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {
                        "name": call.name,
                        "arguments": orjson.dumps(call.arguments or {}).decode(),
                    },
                }
                for call in message.tool_calls
            ],
        }
    if not message.images:
        return {"role": message.role, "content": text}
    parts: list[dict[str, Any]] = [{"type": "text", "text": text}]
    parts += [
        {"type": "image_url", "image_url": {"url": _data_url(picture)}}
        for picture in message.images
    ]
    return {"role": message.role, "content": parts}


def _data_url(picture: Image) -> str:
    content = base64.b64encode(picture.content).decode()
    return f"data:{picture.media_type};base64,{content}"


def wire_tool(tool: Tool) -> dict[str, Any]:
    """A tool as chat completions have it."""
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.parameters,
        },
    }


def tokens_of(text: str) -> int:
    """About how many tokens a text is: four letters of Latin script are one, one of any other is one."""
    latin = len(text.encode("ascii", "ignore"))
    return (latin + 3) // 4 + len(text) - latin


def tokens_of_messages(messages: Sequence[Message]) -> int:
    """About how many tokens messages are, with what stands between them."""
    total = 0
    for message in messages:
        total += 8 + tokens_of(message.text) + _TOKENS_OF_A_PICTURE * len(message.images)
        for call in message.tool_calls:
            total += tokens_of(call.name) + tokens_of(orjson.dumps(call.arguments or {}).decode())
    return total
