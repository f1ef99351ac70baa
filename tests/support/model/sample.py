"""A value that satisfies a JSON Schema: what the plainest of good models answers."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS: Final = [
    "lamp",
    "stone",
    "door",
    "garden",
    "river",
    "tower",
    "bridge",
    "shore",
    "forest",
    "light",
]
_PATTERNED: Final = [
    "a",
    "lamp",
    "a_b",
    "a-b",
    "Lamp",
    "A",
    "1",
    "12",
    "a1",
    "#a0b1c2",
    "2026-01-01",
    "a lamp",
    "a.b",
]
_DEPTH: Final = 40


def sample(schema: Any, *, first: int = 1) -> Any:
    """A small value of a schema: all required members, as few items as may be; strings that differ from each
    other. Raises ValueError when none is found."""
    return _Sampler(schema, itertools.count(first)).value(schema, 0)


@dataclass
class _Sampler:
    root: Any
    numbers: Iterator[int]
    _texts: set[str] = field(default_factory=set)

    def value(self, schema: Any, depth: int) -> Any:
        if depth > _DEPTH:
            raise ValueError("the schema goes round in circles")
        if schema is True or schema == {}:
            return self._string({})
        if not isinstance(schema, dict):
            raise ValueError(f"nothing satisfies {schema!r}")  # noqa: TRY004 - a schema too
        schema = self._flat(schema, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for choice in ("anyOf", "oneOf"):
            if choice in schema:
                rest = {key: value for key, value in schema.items() if key != choice}
                return self._first(rest, schema[choice], depth)
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = kind[0]
        if kind is None:
            kind = (
                "object" if "properties" in schema else "array" if "items" in schema else "string"
            )
        match kind:
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, depth)
            case "string":
                return self._string(schema)
            case "integer" | "number":
                return _number(schema, is_whole=kind == "integer")
            case "boolean":
                return False
        return None

    def _flat(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        """Without references and allOf."""
        for _ in range(_DEPTH):
            if "$ref" not in schema:
                break
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**self._referred(schema["$ref"]), **rest}
        parts = schema.get("allOf")
        if parts is None:
            return schema
        merged = {key: value for key, value in schema.items() if key != "allOf"}
        for part in parts:
            merged = _merged(merged, self._flat(part, depth))
        return merged

    def _referred(self, pointer: str) -> dict[str, Any]:
        found = self.root
        for step in pointer.removeprefix("#").split("/")[1:]:
            found = found[step.replace("~1", "/").replace("~0", "~")]
        return found

    def _first(self, rest: dict[str, Any], choices: list[Any], depth: int) -> Any:
        for choice in choices:
            try:
                return self.value(_merged(rest, self._flat(choice, depth)), depth + 1)
            except ValueError:
                continue
        raise ValueError(f"no choice of {choices!r} works")

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        names = list(schema.get("required", []))
        others = [name for name in properties if name not in names]
        lacking = max(schema.get("minProperties", 0) - len(names), 0)
        names += others[:lacking]
        return {name: self.value(properties.get(name, True), depth + 1) for name in names}

    def _array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        first = schema.get("prefixItems", [])
        count = max(schema.get("minItems", 0), len(first))
        rest = schema.get("items", True)
        items = [self.value(one, depth + 1) for one in first]
        items += [self.value(rest, depth + 1) for _ in range(count - len(items))]
        if schema.get("uniqueItems") and isinstance(rest, dict) and "enum" in rest:
            return rest["enum"][:count]
        return items

    def _string(self, schema: dict[str, Any]) -> str:
        least, most = schema.get("minLength", 0), schema.get("maxLength", 10_000)
        if "pattern" in schema:
            return self._patterned(schema["pattern"], least, most)
        for number in self.numbers:
            words = [f"{_WORDS[number % len(_WORDS)]}{number}"]
            while len(" ".join(words)) < least:
                words.append(_WORDS[(number + len(words)) % len(_WORDS)])
            text = " ".join(words)[:most]
            if text not in self._texts or most < 5:
                self._texts.add(text)
                return text
        raise AssertionError

    def _patterned(self, pattern: str, least: int, most: int) -> str:
        """Of what people write patterns for: names, ids, numbers, dates, colours."""
        several = (f"{one}{number}" for one in ("lamp", "Lamp", "a", "") for number in self.numbers)
        longer = (
            one * times
            for one in ("a", "A", "1", "a ", "a_")
            for times in (1, 2, 3, 5, 8, 13, 21, 40)
        )
        for text in itertools.chain(itertools.islice(several, 40), _PATTERNED, longer):
            if least <= len(text) <= most and text not in self._texts and re.search(pattern, text):
                self._texts.add(text)
                return text
        raise ValueError(f"found no text for the pattern {pattern}")


def _number(schema: dict[str, Any], *, is_whole: bool) -> float:
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    most = schema.get("maximum", schema.get("exclusiveMaximum"))
    step = 1 if is_whole else 0.5
    if least is None:
        return 1 if most is None or most >= 1 else most - step
    value = least + step if "exclusiveMinimum" in schema else least
    multiple = schema.get("multipleOf")
    return value if multiple is None else -(-value // multiple) * multiple


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    merged = {**one, **other}
    if "properties" in one or "properties" in other:
        merged["properties"] = {**one.get("properties", {}), **other.get("properties", {})}
    if "required" in one or "required" in other:
        merged["required"] = list(
            dict.fromkeys([*one.get("required", []), *other.get("required", [])])
        )
    return merged
