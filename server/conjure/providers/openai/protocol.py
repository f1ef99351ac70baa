"""What is asked for in words, of endpoints that have neither schemas nor tools."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import orjson

from conjure.providers.openai.messages import Message, ToolCall, Turn
from conjure.providers.openai.plain_json import objects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjure.providers.openai.messages import Tool

_MOST_CALLS: Final = 32
_MOST_NAME: Final = 128
_MOST_SAID: Final = 1_000  # characters
_MOST_ARGUMENT: Final = 400  # characters of each text: small models do not end one by themselves

OBJECT: Final = """\
Answer with one JSON object and nothing else: no prose, no code fence. It must satisfy this JSON Schema:
{schema}"""

_TURN: Final = """\
You can call these tools; `parameters` is the JSON Schema of a call's arguments:
{tools}
Answer with one JSON object and nothing else: no prose, no code fence. It has this form:
{{"say": "what you say", "calls": [{{"tool": "name of a tool", "arguments": {{}}}}]}}
When there is nothing to call, `calls` is empty."""


_BOUNDS: Final = frozenset(
    ("minLength", "maxLength", "pattern", "minItems", "maxItems", "minimum", "maximum")
)


def without_bounds(schema: Any) -> Any:
    """A schema of types, members and choices alone: all that some endpoints take."""
    if isinstance(schema, list):
        return [without_bounds(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: without_bounds(value) for name, value in schema.items() if name not in _BOUNDS}
    if isinstance(schema.get("properties"), dict):  # whose names are anybody's
        kept["properties"] = {
            name: without_bounds(value) for name, value in schema["properties"].items()
        }
    return kept


def asking_for_object(messages: Sequence[Message], schema: Mapping[str, Any]) -> list[Message]:
    """The messages, and that an object is wanted."""
    return _with(messages, OBJECT.format(schema=orjson.dumps(schema).decode()))


def asking_for_turn(messages: Sequence[Message], tools: Sequence[Tool]) -> list[Message]:
    """The messages without anything that is about tools, and how tools are called instead."""
    told = [
        {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
        for tool in tools
    ]
    plain = [_plain(message) for message in messages]
    return _with(plain, _TURN.format(tools=orjson.dumps(told).decode())) if tools else plain


def turn_schema(tools: Sequence[Tool]) -> dict[str, Any]:
    """What a turn looks like that is asked for in words."""
    calls = [
        {
            "type": "object",
            "properties": {"tool": {"enum": [tool.name]}, "arguments": _bounded(tool.parameters)},
            "required": ["tool", "arguments"],
        }
        for tool in tools
    ]
    return {
        "type": "object",
        "properties": {
            # Without a bound of their number: grammars write each of them out.
            "calls": {"type": "array", "items": {"anyOf": calls}},
            "say": {"type": "string", "maxLength": _MOST_SAID},
        },
        "required": ["calls", "say"],
    }


def _bounded(schema: Any) -> Any:
    """The schema, with a bound for each of its texts."""
    if isinstance(schema, list):
        return [_bounded(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    bounded = {key: _bounded(value) for key, value in schema.items()}
    kinds = schema.get("type")
    if "string" in (kinds if isinstance(kinds, list) else [kinds]):
        bounded.setdefault("maxLength", _MOST_ARGUMENT)
    return bounded


def without_system_role(messages: Sequence[Message]) -> list[Message]:
    """The messages with the instructions in front of the first one that is not of them."""
    told = [message.text for message in messages if message.role == "system"]
    first, *rest = (message for message in messages if message.role != "system")
    return [replace(first, text="\n\n".join([*told, first.text])), *rest]


def _with(messages: Sequence[Message], text: str) -> list[Message]:
    """In the first message, which is that of whoever asks: data stand in later ones."""
    first, *rest = messages
    if first.role == "system":
        return [replace(first, text=f"{first.text}\n\n{text}"), *rest]
    return [Message("system", text), *messages]


def _plain(message: Message) -> Message:
    if message.role == "tool":
        result = {"result_of": message.tool_call_id, "result": message.text}
        return Message("user", orjson.dumps(result).decode())
    if message.tool_calls:
        calls = [
            {"tool": call.name, "arguments": call.arguments or {}} for call in message.tool_calls
        ]
        return Message("assistant", orjson.dumps({"say": message.text, "calls": calls}).decode())
    return message


def turn(text: str) -> Turn:
    """Reads a turn; a text without JSON is what is said."""
    said = next((found for found in objects(text) if "calls" in found or "say" in found), None)
    if said is None:
        return Turn(text)
    words, wanted = said.get("say"), said.get("calls")
    calls = []
    for at, call in enumerate(wanted[:_MOST_CALLS] if isinstance(wanted, list) else ()):
        name = call.get("tool") if isinstance(call, dict) else None
        if isinstance(call, dict) and isinstance(name, str):
            arguments = call.get("arguments")
            calls.append(
                ToolCall(
                    f"call_{at}",
                    name[:_MOST_NAME],
                    arguments if isinstance(arguments, dict) else None,
                )
            )
    return Turn(words if isinstance(words, str) else "", tuple(calls))
