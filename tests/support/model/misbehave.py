"""What models and their servers do wrong, each as an answer for a script: `server.answers = [misbehave.fenced]`.

`WORDS` are those whose HTTP is in order: what the model said is wrong. `TRANSPORT` are those of the wire, and
of the statuses. By name, for tests that go through all of them.
"""

from __future__ import annotations

import email.utils
import json
import time
from typing import TYPE_CHECKING, Any, Final

from support.model.outcomes import (
    JSON,
    Cut,
    Drip,
    Endless,
    Garbage,
    Raw,
    Reply,
    Slow,
    ToolUse,
    failure,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.model.calls import Call
    from support.model.server import Answer

TRICKS: Final = "\ud800 a\x00b \u202ereversed\u202c zero\u200b\u200dwidth \ufeff\ufffe\U000e0041 \x1b[31mred\x07"
"""Lone surrogate, NUL, bidi override, zero width, a BOM, a noncharacter, a tag character, an escape sequence."""


# What the model says.


def fenced(call: Call) -> Reply:
    """Good JSON in a code fence."""
    return text(f"```json\n{call.good().words}\n```")


def in_prose(call: Call) -> Reply:
    """Good JSON with a model's chatter around it."""
    return text(
        f"Sure! Here is {{the}} JSON you asked for:\n\n{call.good().words}\n\nLet me know [if] it fits!"
    )


def after_thoughts(call: Call) -> Reply:
    """As reasoning models answer when nobody takes their thoughts out."""
    return text(f'<think>They want JSON. {{}} or {{"a": 1}}?</think>\n{call.good().words}')


def cut_json(call: Call) -> Reply:
    """Half of it, and the model says that its tokens ran out."""
    words = call.good().words
    return text(words[: len(words) // 2], finish_reason="length")


def other_json(call: Call) -> Reply:
    """JSON, but of another schema."""
    return text('{"answer": 42, "steps": ["one", "two"]}')


def not_an_object(call: Call) -> Reply:
    return text("[1, 2, 3]")


def not_json(call: Call) -> Reply:
    return text("{'name': 'single quotes', trailing: comma,}")


def prose(call: Call) -> Reply:
    """No JSON at all."""
    return text("I would love to tell you a story about a lighthouse.")


def refused(call: Call) -> Reply:
    """As models of OpenAI decline."""
    return Reply(None, refusal="I'm sorry, I can't help with that.")


def filtered(call: Call) -> Reply:
    return text("", finish_reason="content_filter")


def no_content(call: Call) -> Reply:
    return Reply(None)


def no_choices(call: Call) -> Reply:
    return Reply(change=lambda body: {**body, "choices": []})


def strange_body(call: Call) -> Reply:
    """Members of wrong types where the protocol has objects and numbers."""
    return Reply(change=lambda _: {"choices": {"0": "message"}, "usage": "many"})


def negative_usage(call: Call) -> Reply:
    """A usage that would give tokens back."""
    good = call.good()
    return Reply(good.content, good.tool_calls, usage=(-1_000_000, -5))


def no_usage(call: Call) -> Reply:
    good = call.good()
    return Reply(good.content, good.tool_calls, usage=None)


def twice_json(call: Call) -> Reply:
    """The same object two times."""
    words = call.good().words
    return text(f"{words}\n{words}")


def duplicate_members(call: Call) -> Reply:
    words = call.good().words
    return text(words.replace("{", '{"name": "first", "name": "second", ', 1))


def deep(call: Call) -> Reply:
    """JSON that is deeper than stacks."""
    return text('{"a":' * 50_000 + "1" + "}" * 50_000)


def big_numbers(call: Call) -> Reply:
    return text('{"name": 1e999, "count": ' + "9" * 5_000 + ', "nan": NaN}')


def huge(call: Call) -> Reply:
    """Some 20 MB in one string."""
    return text('{"name": "' + "a" * 20_000_000 + '"}')


def tricks(call: Call) -> Any:
    """A good value, with unicode tricks in each of its texts."""
    good = call.good()
    if good.tool_calls:
        used = tuple(ToolUse(one.name, _tricked(one.arguments), one.id) for one in good.tool_calls)
        return Reply(tool_calls=used)
    return Reply(_escaped(_tricked(good.content)))


def unknown_tool(call: Call) -> Reply:
    return Reply(tool_calls=(ToolUse("run_shell", {"command": "ls /"}),))


def bad_arguments(call: Call) -> Reply:
    """A tool call whose arguments are no JSON."""
    name = next(iter(call.tools), "some_tool")
    return Reply(tool_calls=(ToolUse(name, '{"name": "unfinished'),))


def list_arguments(call: Call) -> Reply:
    name = next(iter(call.tools), "some_tool")
    return Reply(tool_calls=(ToolUse(name, [1, 2]),))


def two_tools(call: Call) -> Reply:
    """Two calls in one turn, with one id."""
    good = call.good()
    name = next(iter(call.tools), "some_tool")
    one = good.tool_calls[0] if good.tool_calls else ToolUse(name, good.content or {})
    return Reply(
        tool_calls=(
            ToolUse(one.name, one.arguments, "same"),
            ToolUse(one.name, one.arguments, "same"),
        )
    )


def odd_tool_calls(call: Call) -> Reply:
    """Tool calls of shapes that the protocol does not have."""

    def change(body: dict[str, Any]) -> dict[str, Any]:
        body["choices"][0]["message"]["tool_calls"] = [
            None, "call", {"id": 7, "function": None}, {"function": {"name": None, "arguments": None}},
        ]  # fmt: skip
        return body

    return Reply(change=change)


# What the wire and the statuses are.


def too_many(call: Call) -> Raw:
    """Come back in a second."""
    return failure(429, "Rate limit reached for a-model", retry_after="1")


def too_many_by_date(call: Call) -> Raw:
    """The same as a date of HTTP."""
    return failure(
        429, "Rate limit reached", retry_after=email.utils.formatdate(time.time() + 1, usegmt=True)
    )


def too_many_for_long(call: Call) -> Raw:
    """Come back tomorrow."""
    return failure(429, "You exceeded your current quota", retry_after="86400")


def too_many_oddly(call: Call) -> Raw:
    return failure(429, "Slow down", retry_after="-nan, soon")


def overloaded(call: Call) -> Raw:
    return failure(503, "The model is overloaded", retry_after="1")


def broken(call: Call) -> Raw:
    """An HTML page of a proxy, with 500."""
    return Raw(
        500,
        b"<html><body><h1>500 Internal Server Error</h1></body></html>",
        {"content-type": "text/html"},
    )


def bad_gateway(call: Call) -> Raw:
    return Raw(
        502, b"<html><body><h1>502 Bad Gateway</h1></body></html>", {"content-type": "text/html"}
    )


def page(call: Call) -> Raw:
    """HTML with 200: a login page."""
    return Raw(200, b"<!doctype html><title>Sign in</title>", {"content-type": "text/html"})


def empty(call: Call) -> Raw:
    return Raw(200, b"", JSON)


def half_body(call: Call) -> Raw:
    """A whole HTTP answer whose JSON ends in the middle."""
    return Raw(200, b'{"choices": [{"index": 0, "message": {"content": "{\\"na', JSON)


def not_utf8(call: Call) -> Raw:
    return Raw(200, b'{"choices": [{"message": {"content": "\xff\xfe\xc3"}}]}', JSON)


def echoing(call: Call) -> Raw:
    """A refusal that repeats the prompt and the key, as some proxies do."""
    return Raw(
        400,
        {"error": {"message": f"bad request: {call.text} {call.headers.get('authorization')}"}},
        JSON,
    )


def redirected(call: Call) -> Raw:
    return Raw(307, b"", {"location": "http://169.254.169.254/latest/meta-data/"})


WORDS: Final[Mapping[str, Answer]] = {
    one.__name__: one
    for one in (
        fenced, in_prose, after_thoughts, cut_json, other_json, not_an_object, not_json, prose, refused,
        filtered, no_content, no_choices, strange_body, negative_usage, no_usage, twice_json,
        duplicate_members, deep, big_numbers, huge, tricks, unknown_tool, bad_arguments, list_arguments,
        two_tools, odd_tool_calls,
    )
}  # fmt: skip

TRANSPORT: Final[Mapping[str, Answer]] = {
    **{
        one.__name__: one
        for one in (
            too_many, too_many_by_date, too_many_for_long, too_many_oddly, overloaded, broken, bad_gateway,
            page, empty, half_body, not_utf8, echoing, redirected,
        )
    },
    "slow": Slow(0.3),
    "dripping": Drip(every_s=0.002, size=64),
    "cut_in_head": Cut(in_head=True),
    "cut_in_body": Cut(),
    "cut_in_chunks": Cut(is_chunked=True),
    "cut_at_once": Cut(part=0.0, in_head=True),
    "endless": Endless(),
    "garbage": Garbage(),
}  # fmt: skip


def _tricked(value: Any) -> Any:
    match value:
        case str():
            return f"{value}{TRICKS}"
        case list():
            return [_tricked(one) for one in value]
        case dict():
            return {name: _tricked(one) for name, one in value.items()}
    return value


def _escaped(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
