"""A whole chat completion as the events of a stream: who asks for one gets the same, a few letters at a time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENTS: Final = {"content-type": "text/event-stream"}

_SIZE = 7  # letters of a piece


def stream(body: Any, *, has_usage: bool) -> bytes:
    """The events of a completion. What has not its shape is one event, as it is."""
    try:
        events = [*_events(body, has_usage=has_usage)]
    except (AttributeError, KeyError, IndexError, TypeError):
        events = [body]
    return b"".join(event(one) for one in events) + b"data: [DONE]\n\n"


def event(data: Any) -> bytes:
    """One event."""
    # ASCII: a lone surrogate travels as an escape, as servers send it.
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def _events(body: dict[str, Any], *, has_usage: bool) -> Iterator[dict[str, Any]]:
    choice = body["choices"][0]
    message = choice["message"]
    usual = {name: body[name] for name in ("id", "created", "model")}
    usual["object"] = "chat.completion.chunk"

    def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return usual | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    yield chunk({"role": "assistant", "content": ""})
    for name in ("content", "refusal"):
        for piece in _pieces(message.get(name) or ""):
            yield chunk({name: piece})
    for index, call in enumerate(message.get("tool_calls") or ()):
        if not isinstance(call, dict) or not isinstance(call.get("function"), dict):
            yield chunk({"tool_calls": [call]})
            continue
        function = call["function"]
        head = {"index": index, "id": call.get("id"), "type": "function"}
        yield chunk(
            {"tool_calls": [head | {"function": {"name": function["name"], "arguments": ""}}]}
        )
        for piece in _pieces(function["arguments"] or ""):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield chunk({}, choice["finish_reason"])
    if has_usage and "usage" in body:
        yield usual | {"choices": [], "usage": body["usage"]}


def _pieces(text: str) -> Iterator[str]:
    # A text of megabytes goes in fewer pieces.
    size = max(_SIZE, len(text) // 2_000)
    return (text[at : at + size] for at in range(0, len(text), size))
