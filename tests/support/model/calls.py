"""A call of the model's API as it came, and what it asks for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from support.model.outcomes import Reply


@dataclass(slots=True)
class Call:
    """A request. `body` is its JSON, or None when it is none."""

    method: str
    path: str
    headers: Mapping[str, str]
    """By lower-case names."""
    content: bytes
    arrived: float
    """By the monotonic clock."""
    good: Callable[[], Reply] = field(repr=False)
    """What the server's good model answers to it."""
    body: Any = None
    answered: bool = False
    """Whether all of an answer was handed to the connection."""
    left: bool = False
    """Whether the caller hung up before it was."""

    def __post_init__(self) -> None:
        try:
            self.body = json.loads(self.content)
        except ValueError:
            self.body = None

    @property
    def messages(self) -> list[dict[str, Any]]:
        return self.body.get("messages", []) if isinstance(self.body, dict) else []

    @property
    def texts(self) -> list[str]:
        """The texts of all messages, in order."""
        return [part for message in self.messages for part in _texts(message.get("content"))]

    @property
    def text(self) -> str:
        """All that the model reads."""
        return "\n".join(self.texts)

    @property
    def images(self) -> list[str]:
        """The URLs (data URLs mostly) of the pictures in its messages."""
        return [
            part["image_url"]["url"]
            for message in self.messages
            if isinstance(message.get("content"), list)
            for part in message["content"]
            if part.get("type") == "image_url"
        ]

    @property
    def format(self) -> str | None:
        """The type of its response_format."""
        wanted = self.body.get("response_format") if isinstance(self.body, dict) else None
        return None if wanted is None else wanted["type"]

    @property
    def tools(self) -> dict[str, Any]:
        """The parameters of each tool, by its name."""
        listed = self.body.get("tools") or [] if isinstance(self.body, dict) else []
        return {tool["function"]["name"]: tool["function"].get("parameters", {}) for tool in listed}

    @property
    def forced_tool(self) -> str | None:
        """The tool that has to be called."""
        choice = self.body.get("tool_choice") if isinstance(self.body, dict) else None
        if isinstance(choice, dict):
            return choice["function"]["name"]
        return next(iter(self.tools), None) if choice == "required" else None

    @property
    def streams(self) -> bool:
        """Whether its answer is wanted piece by piece."""
        return isinstance(self.body, dict) and self.body.get("stream") is True

    @property
    def schema(self) -> Any:
        """The JSON Schema that its answer has to satisfy: the format's, the forced tool's, else the last one
        that stands in its messages. None when there is none."""
        if self.format == "json_schema":
            return self.body["response_format"]["json_schema"]["schema"]
        if self.forced_tool is not None:
            return self.tools[self.forced_tool]
        return next(reversed([found for text in self.texts for found in _schemas(text)]), None)


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        yield from (part["text"] for part in content if part.get("type") == "text")


def _schemas(text: str) -> Iterator[Any]:
    """The JSON Schemas of objects that stand in a text."""
    decoder = json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        try:
            found, end = decoder.raw_decode(text, at)
        except ValueError:
            end = at + 1
        else:
            if isinstance(found.get("properties"), dict):
                yield found
        at = text.find("{", end)
