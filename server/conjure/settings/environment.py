"""Reads settings from the environment; knows nothing of any particular setting."""

from __future__ import annotations

import functools
import typing
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from conjure.settings.bounds import bounds_of
from conjure.settings.variables import SettingsError, variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import DataclassInstance

    from conjure.settings.bounds import Bounds

T = TypeVar("T", bound="DataclassInstance")


def read(kind: type[T], environment: Mapping[str, str]) -> T:
    """Returns a `kind`, a dataclass of sections, with the values that the environment has for it.

    Other fields keep their defaults. Raises SettingsError for a text that is not of its field's type; whether
    the values can work is for `verify` to say.
    """
    hints = _hints(kind)
    sections = {
        item.name: _section(hints[item.name], item.name, environment) for item in fields(kind)
    }
    return kind(**sections)


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    """What types its fields have: the same for ever."""
    return typing.get_type_hints(kind)


def _section(kind: type, name: str, environment: Mapping[str, str]) -> Any:
    hints = _hints(kind)
    values: dict[str, Any] = {}
    for item in fields(kind):
        source = variable(name, item.name)
        if (text := environment.get(source)) is not None:
            values[item.name] = _parse(source, text, hints[item.name], bounds_of(item))
    return kind(**values)


def _parse(source: str, text: str, kind: type, bounds: Bounds | None) -> bool | float | str:
    if kind is bool:
        if text.lower() not in {"0", "1", "false", "true"}:
            raise SettingsError(f"{source} must be true or false")
        return text.lower() in {"1", "true"}
    try:
        if kind is int:
            return int(text)
        if kind is float:
            return float(text)
    except ValueError as error:
        raise SettingsError(
            f"{source} must be a number" if bounds is None else bounds.refusal(source)
        ) from error
    return text
