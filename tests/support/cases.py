"""Many small cases in one test: what takes microseconds costs a test of its own some milliseconds."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_CASE: Final = type(pytest.param())


def each_of(
    names: str | Sequence[str],
    cases: Iterable[Any],
    ids: Callable[[Any], object] | Iterable[object] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """As `pytest.mark.parametrize`, in one test that tries all the cases and names those that fail.

    For what neither changes its fixtures nor cares in which order it comes: the cases share them.
    """
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    listed = [_values(case, len(names)) for case in cases]
    assert listed, "no case: nothing would be tested"
    called = _called(listed, ids)

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(function)
        left = [item for name, item in signature.parameters.items() if name not in names]
        assert len(left) + len(names) == len(signature.parameters), "an argument that is not there"

        def with_cases() -> Iterator[tuple[str, dict[str, Any]]]:
            for name, values in zip(called, listed, strict=True):
                yield name, dict(zip(names, values, strict=True))

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def tries(*args: Any, **fixtures: Any) -> None:
                failures = _Failures()
                for name, values in with_cases():
                    try:
                        await function(*args, **fixtures, **values)
                    except _FAILED as error:
                        failures.add(name, error)
                failures.tell()
        else:

            @functools.wraps(function)
            def tries(*args: Any, **fixtures: Any) -> None:
                failures = _Failures()
                for name, values in with_cases():
                    try:
                        function(*args, **fixtures, **values)
                    except _FAILED as error:
                        failures.add(name, error)
                failures.tell()

        tries.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
        return tries

    return decorate


_FAILED: Final = (Exception, pytest.fail.Exception)


class _Failures:
    """Of one test, in the order of its cases."""

    def __init__(self) -> None:
        self._found: list[BaseException] = []

    def add(self, name: str, error: BaseException) -> None:
        error.add_note(f"with {name}")
        self._found.append(error)

    def tell(self) -> None:
        """Raises what was found, if anything."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            message = f"{len(self._found)} cases"
            raise BaseExceptionGroup(message, self._found)


def _values(case: Any, count: int) -> tuple[Any, ...]:
    """One for each name."""
    if isinstance(case, _CASE):
        assert not case.marks, "a case with marks is a test of its own"
        return tuple(case.values)
    return (case,) if count == 1 else tuple(case)


def _called(
    cases: list[tuple[Any, ...]], ids: Callable[[Any], object] | Iterable[object] | None
) -> list[str]:
    """What each case is called."""
    if ids is None or callable(ids):
        name = ids or repr
        return ["-".join(str(name(value)) for value in values) for values in cases]
    return [str(name) for name in ids]
