"""A chat completion that comes piece by piece, as server-sent events, put together again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.providers.openai.failures import ModelRefused, ModelUnavailable
from conjure.providers.openai.filters import speaks_of_filter
from conjure.providers.openai.plain_json import loads

if TYPE_CHECKING:
    from conjure.providers.openai.failures import ModelError

_MOST_CALLS: Final = 32  # tool calls that are read
_MOST_ERROR: Final = 4_096  # characters of an error that are looked at
_DONE: Final = "[DONE]"
# How long a text may be by the tokens that it may have: an endpoint that does not count them would go on.
_CHARS_OF_A_TOKEN: Final = 16
_CHARS_AT_LEAST: Final = 1_024


class Transcript:
    """What came of a completion so far. Feed it with bytes in whatever pieces they come.

    Endpoints that do not know how to stream answer with the whole of it: then `whole` is that.
    """

    def __init__(self, *, most_tokens: int) -> None:
        self._most_chars = _CHARS_AT_LEAST + _CHARS_OF_A_TOKEN * most_tokens
        self._bytes = bytearray()
        self._seen = 0  # bytes in which no line ends
        self._data: list[str] = []
        self._content: list[str] = []
        self._refusal: list[str] = []
        self._calls: dict[int, dict[str, str]] = {}
        self._finish: str | None = None
        self._usage: Any = None
        self._failure: ModelError | None = None
        self._chars = 0
        self._is_whole: bool | None = None
        self.is_done = False
        """Whether nothing more is to be read."""

    @property
    def whole(self) -> bytes | None:
        """The answer of an endpoint that does not stream."""
        return bytes(self._bytes) if self._is_whole else None

    @property
    def text(self) -> str:
        """All that the model has said, in whatever way."""
        return "".join((*self._content, *(call["arguments"] for call in self._calls.values())))

    def feed(self, chunk: bytes) -> list[str]:
        """Takes the next bytes; returns what the model says in them: content, or arguments of its first call.

        Each event by itself, so that it does not matter how bytes travel.
        """
        self._bytes += chunk
        if self._is_whole is None:
            begin = self._bytes.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
            if not begin:
                return []
            self._is_whole = begin in b"{[<"
        if self._is_whole:
            return []
        told: list[str] = []
        while (line := self._line()) is not None and not self.is_done:
            if line.startswith("data:"):
                self._data.append(line[5:].removeprefix(" "))
            elif not line and self._data:
                told.append(self._event("\n".join(self._data)))
                self._data = []
        return [piece for piece in told if piece]

    def end(self) -> None:
        """Nothing more will come. Raises ModelUnavailable when something is missing, and ModelRefused."""
        if self._is_whole:
            return
        if self._data and not self.is_done:  # some leave out the last empty line
            self._event("\n".join(self._data))
        if self._failure is not None:
            raise self._failure
        if self._finish is None and not self.is_done:
            raise ModelUnavailable("the answer broke off")

    def completion(self) -> dict[str, Any]:
        """The whole in the form in which endpoints answer that do not stream."""
        message = {
            "content": "".join(self._content),
            "refusal": "".join(self._refusal),
            "tool_calls": [
                {"id": call["id"], "function": {"name": call["name"], "arguments": call["arguments"]}}
                for _, call in sorted(self._calls.items())
            ],
        }  # fmt: skip
        choice = {"message": message, "finish_reason": self._finish}
        return {"choices": [choice], "usage": self._usage}

    def _line(self) -> str | None:
        """The next line that has ended. None ends with CR alone: no endpoint does that."""
        at = self._seen
        end = self._bytes.find(b"\n", at)
        if end < 0:
            self._seen = max(at, len(self._bytes) - 1)
            return None
        line = self._bytes[:end]
        del self._bytes[: end + 1]
        self._seen = 0
        return line.removesuffix(b"\r").decode("utf-8", "replace")

    def _event(self, data: str) -> str:
        if data.strip() == _DONE:
            self.is_done = True
            return ""
        try:
            event = loads(data)
        except ValueError:
            return self._failed(ModelUnavailable("the endpoint streamed something that is no JSON"))
        if not isinstance(event, dict):
            return ""
        if event.get("error"):
            if speaks_of_filter(data[:_MOST_ERROR]):
                return self._failed(ModelRefused("a content filter cut the answer"))
            return self._failed(ModelUnavailable("the endpoint failed in the middle of an answer"))
        self._usage = event.get("usage") or self._usage
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict) or choice.get("index", 0) != 0:
            return ""
        if isinstance(finish := choice.get("finish_reason"), str):
            self._finish = finish
        delta = choice.get("delta")
        told = self._delta(delta) if isinstance(delta, dict) else ""
        self._chars += len(told)
        if self._chars > self._most_chars:
            self._finish, self.is_done = "length", True
        return told

    def _failed(self, failure: ModelError) -> str:
        self._failure, self.is_done = failure, True
        return ""

    def _delta(self, delta: dict[str, Any]) -> str:
        told = ""
        if isinstance(content := delta.get("content"), str):
            self._content.append(content)
            told = content
        if isinstance(refusal := delta.get("refusal"), str):
            self._refusal.append(refusal)
            self._chars += len(refusal)
        calls = delta.get("tool_calls")
        for at, part in enumerate(calls[:_MOST_CALLS] if isinstance(calls, list) else ()):
            if isinstance(part, dict):
                told += self._part(part, at)
        return told

    def _part(self, part: dict[str, Any], at: int) -> str:
        """A part of a tool call."""
        index = part.get("index", at)
        if not isinstance(index, int) or not 0 <= index < _MOST_CALLS:
            return ""
        call = self._calls.setdefault(index, {"id": "", "name": "", "arguments": ""})
        function = part.get("function")
        function = function if isinstance(function, dict) else {}
        for name, value in (("id", part.get("id")), ("name", function.get("name"))):
            if isinstance(value, str):
                call[name] = call[name] or value
        arguments = function.get("arguments")
        if not isinstance(arguments, str):
            return ""
        call["arguments"] += arguments
        if index:
            self._chars += len(arguments)
            return ""
        return arguments
