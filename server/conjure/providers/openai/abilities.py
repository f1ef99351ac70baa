"""What an endpoint can do for a model: found out by asking, once in a process, and again when it fails.

Endpoints speak the same protocol and mean different things by it. None says what it can do, so a request is
made as the best of them take it, and what is refused with 400 is left out of the next one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

_MOST_REFUSALS: Final = 8  # of one call
# Answers in a row that pay no heed to the schema.
_MOST_MISSES: Final = 2
_MOST_MISSES_OF_A_MODEL: Final = 8


class Mode(StrEnum):
    """How JSON of a schema is asked for, the best first."""

    SCHEMA = "schema"
    """`response_format` json_schema: most endpoints then let the model write nothing else."""
    TOOL = "tool"
    """A call of a tool that takes such JSON, which the model has to make."""
    PLAIN = "plain"
    """In words."""


_MODES: Final = tuple(Mode)

# What the text of a refusal speaks of. It only says what is tried first: all is tried that could help.
_SPEAKS_OF_LIMIT: Final = ("max_tokens", "max_completion_tokens")
_SPEAKS_OF_TEMPERATURE: Final = ("temperature",)
_SPEAKS_OF_BOUNDS: Final = ("length", "minitems", "maxitems", "minimum", "maximum", "pattern")
_SPEAKS_OF_SYSTEM: Final = ("system role", "system message", "system prompt")
_SPEAKS_OF_STREAMS: Final = ("stream",)
_SPEAKS_OF_IMAGES: Final = ("image", "vision", "multimodal", "mmproj")
_SPEAKS_OF_LENGTH: Final = ("context length", "context size", "context window", "context_length")


@dataclass(frozen=True, slots=True)
class Traits:
    """How a request is made.

    `limit` is the member that bounds the answer. `has_system_role`: instructions have a message of their own.
    `has_bounds`: schemas bound the lengths of texts and lists, and numbers. `has_streams`: answers come piece
    by piece when that is asked for; `has_stream_usage`: and at the end what they cost.
    """

    mode: Mode = Mode.SCHEMA
    has_native_tools: bool = True
    limit: str = "max_tokens"
    has_temperature: bool = True
    has_system_role: bool = True
    has_bounds: bool = True
    has_streams: bool = True
    has_stream_usage: bool = True


class Abilities:
    """What is known of one model at one endpoint."""

    __slots__ = ("_heeds", "_misses", "has_called", "traits")

    def __init__(self) -> None:
        self.traits = Traits()
        self.has_called = False  # a tool: those that are sent reach the model
        self._heeds = False
        self._misses = 0

    def worked(self, traits: Traits) -> None:
        """The endpoint took a request of these traits."""
        if traits.mode is not self.traits.mode:
            self._heeds, self._misses = False, 0
        self.traits = traits

    def lacks_tools(self) -> None:
        """The endpoint takes tools, and tells the model of none."""
        self.traits = replace(self.traits, has_native_tools=False)

    def heeded(self) -> None:
        """An answer was as the schema wants it."""
        self._heeds, self._misses = True, 0

    def missed(self, traits: Traits, *, is_json: bool) -> None:
        """An answer was complete, and not as the schema wants it.

        Endpoints that do not know `response_format` pay no heed to it. Where JSON is asked for in words, or
        the schema was heeded before, the model itself is to blame, unless it goes on: the endpoint may be
        another one.
        """
        if traits.mode is not self.traits.mode:
            return
        self._misses += 1
        patient = self._heeds or traits.mode is Mode.PLAIN
        if self._misses < (_MOST_MISSES_OF_A_MODEL if patient else _MOST_MISSES if is_json else 1):
            return
        mode = Mode.SCHEMA if traits.mode is Mode.PLAIN else _MODES[_MODES.index(traits.mode) + 1]
        self.traits, self._heeds, self._misses = replace(self.traits, mode=mode), False, 0


class Negotiation:
    """The requests of one call: the next one has other traits when the last one was refused."""

    __slots__ = ("_known", "_tried", "_wants_stream", "_wants_tools", "traits")

    def __init__(
        self, abilities: Abilities, *, wants_tools: bool, wants_stream: bool = False
    ) -> None:
        self._known = abilities.traits
        self._wants_tools = wants_tools
        self._wants_stream = wants_stream
        self._tried: set[Traits] = set()
        self.traits = abilities.traits

    def refused(self, text: str) -> bool:
        """The request was refused, with this text. Whether there is another one to try."""
        self._tried.add(self.traits)
        if len(self._tried) > _MOST_REFUSALS:
            return False
        text = text.lower()
        for traits in self._others(text):
            if traits not in self._tried:
                self.traits = traits
                return True
        return False

    def _others(self, text: str) -> list[Traits]:
        now = self.traits
        limit = "max_tokens" if now.limit != "max_tokens" else "max_completion_tokens"
        of_limit = replace(now, limit=limit)
        of_temperature = replace(now, has_temperature=False)
        of_bounds = replace(now, has_bounds=False)
        of_system = replace(now, has_system_role=False)
        if self._wants_tools and now.has_native_tools:
            of_mode = [replace(now, has_native_tools=False)]
        elif self._wants_tools:
            of_mode = [replace(now, mode=Mode.PLAIN)]
        else:
            of_mode = [replace(now, mode=mode) for mode in _MODES[_MODES.index(now.mode) + 1 :]]
        of_stream: list[Traits] = []
        if self._wants_stream and now.has_streams:
            of_stream = [replace(now, has_stream_usage=False), replace(now, has_streams=False)]
        others: list[Traits] = []
        if any(word in text for word in _SPEAKS_OF_STREAMS):
            others += of_stream
        if any(word in text for word in _SPEAKS_OF_LIMIT):
            others.append(of_limit)
        if any(word in text for word in _SPEAKS_OF_TEMPERATURE):
            others.append(of_temperature)
        if any(word in text for word in _SPEAKS_OF_SYSTEM):
            others.append(of_system)
        if not self._wants_tools and any(word in text for word in _SPEAKS_OF_BOUNDS):
            others.append(of_bounds)
        # What is known may no longer hold: the endpoint was updated, or is another one.
        others += [Traits(), *of_mode, of_temperature, of_limit, of_system, of_bounds, *of_stream]
        return others


def speaks_of_images(text: str) -> bool:
    """Whether a refusal is about pictures."""
    return any(word in text.lower() for word in _SPEAKS_OF_IMAGES)


def speaks_of_length(text: str) -> bool:
    """Whether a refusal is about too much text: no other way of asking helps."""
    return any(word in text.lower() for word in _SPEAKS_OF_LENGTH)
