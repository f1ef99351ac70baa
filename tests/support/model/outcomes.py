"""What becomes of a call: a reply in the protocol's shape, or whatever else happens to bytes on a wire."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping

    from support.model.calls import Call

JSON: Final = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool that the model calls. Arguments that are a string are sent as they are."""

    name: str
    arguments: Any
    id: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A chat completion. `usage` None: it has none, -1: counted by the server. `change` gets the whole body last."""

    content: Any = None
    tool_calls: tuple[ToolUse, ...] = ()
    refusal: str | None = None
    finish_reason: str | None = None
    usage: tuple[int, int] | int | None = -1
    change: Callable[[dict[str, Any]], Any] | None = None

    @property
    def words(self) -> str:
        """What it says as text: the content, or the arguments of its first call."""
        if self.content is None and self.tool_calls:
            return _as_text(self.tool_calls[0].arguments)
        return "" if self.content is None else _as_text(self.content)

    def body(self, call: Call) -> Any:
        """The JSON that is sent."""
        message: dict[str, Any] = {
            "role": "assistant",
            "content": None if self.content is None else _as_text(self.content),
        }
        if self.refusal is not None:
            message["refusal"] = self.refusal
        if self.tool_calls:
            message["tool_calls"] = [
                {
                    "id": use.id or f"call_{number}",
                    "type": "function",
                    "function": {"name": use.name, "arguments": _as_text(use.arguments)},
                }
                for number, use in enumerate(self.tool_calls)
            ]
        usual = "tool_calls" if self.tool_calls else "stop"
        body: dict[str, Any] = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": call.body.get("model", "") if isinstance(call.body, dict) else "",
            "choices": [
                {"index": 0, "message": message, "finish_reason": self.finish_reason or usual}
            ],
        }
        if self.usage is not None:
            # Some four bytes a token, as models count.
            read, written = (
                self.usage
                if isinstance(self.usage, tuple)
                else (len(call.content) // 4, len(self.words) // 4 + 1)
            )
            body["usage"] = {
                "prompt_tokens": read,
                "completion_tokens": written,
                "total_tokens": read + written,
            }
        return body if self.change is None else self.change(body)


@dataclass(frozen=True, slots=True)
class Raw:
    """An HTTP response. A `content` that is no bytes is sent as JSON."""

    status: int = 200
    content: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def bytes(self) -> bytes:
        """Its body."""
        return (
            self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()
        )


@dataclass(frozen=True, slots=True)
class Slow:
    """Nothing for so many seconds, then an answer. None: the good one."""

    seconds: float
    then: Answer | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing until a test lets it go, then an answer. None: the good one."""

    event: threading.Event
    then: Answer | None = None


@dataclass(frozen=True, slots=True)
class Drip:
    """An answer, a few bytes at a time: no pause is long, the whole is."""

    every_s: float = 0.05
    size: int = 8
    then: Answer | None = None
    is_body_only: bool = True


@dataclass(frozen=True, slots=True)
class Paused:
    """An answer of which the rest comes when a test lets it come."""

    event: threading.Event
    first: bytes
    rest: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cut:
    """An answer that ends early: after this part of its head, or of its body."""

    part: float = 0.5
    in_head: bool = False
    is_chunked: bool = False
    """The body has no length that says how much is missing."""
    then: Answer | None = None


@dataclass(frozen=True, slots=True)
class Endless:
    """A good head, then JSON that never ends."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no HTTP, then the end."""

    sent: bytes = b"\x16\x03\x01\x00\xff this is not HTTP \x00\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer, and the connection stays."""


Outcome = Reply | Raw | Slow | Held | Paused | Drip | Cut | Endless | Garbage | Hang
if TYPE_CHECKING:
    Answer = Outcome | Callable[[Call], Outcome]


def text(content: str, **rest: Any) -> Reply:
    """A reply in words."""
    return Reply(content, **rest)


def using(name: str, arguments: Any, **rest: Any) -> Reply:
    """A reply that calls one tool."""
    return Reply(tool_calls=(ToolUse(name, arguments),), **rest)


def structured(value: Any, call: Call, **rest: Any) -> Reply:
    """A value in the form that the call asks for: the forced tool's arguments, or JSON as content."""
    if call.format is None and call.forced_tool is not None:
        return using(call.forced_tool, value, **rest)
    return Reply(value, **rest)


def failure(status: int, message: str, **headers: str) -> Raw:
    """An error in the API's shape; `retry_after="1"` is a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return Raw(status, {"error": error}, JSON | named)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
