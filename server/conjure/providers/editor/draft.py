"""The world while an editor changes it: one op at a time, each of them checked, all of it bounded."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conjure.core import jsondoc
from conjure.core.errors import MalformedRequest
from conjure.kernel import Severity, examine
from conjure.kernel.ops import MOST_OPS, OpError, apply, apply_batch
from conjure.providers.editor.port import EditorError, ProposedEdit, UnfitEdit
from conjure.settings import MAX_DOCUMENT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.kernel import Diagnostic, Examined

MOST_SITUATIONS: Final = 5_000
"""Situations in which each check looks for a softlock (`kernel.examine`)."""

# Levels on which a document shares its parts with the one before an op: members of the world, of the
# scene, states and events, and what is in them.
_SHARED: Final = 4


_NAMES: Final = re.compile(r"\[.*\]", re.DOTALL)  # in a path


@dataclass(frozen=True, slots=True)
class DraftFindings:
    """What the kernel says about a draft: all errors, and the warnings that the world did not have before."""

    errors: tuple[Diagnostic, ...]
    warnings: tuple[Diagnostic, ...]

    @property
    def passes(self) -> bool:
        """Whether the gate lets it through: warnings never block."""
        return not self.errors


class Draft:
    """A world and the ops that were applied to it. The world at the beginning never changes.

    Parts that no op touched stay the same objects, so an op and a check cost what has changed.
    """

    __slots__ = ("_before", "_examined", "_names", "_ops", "_size", "_start", "_world")

    def __init__(self, world: dict[str, Any]) -> None:
        self._start = self._world = world
        self._ops: list[dict[str, Any]] = []
        self._names: list[str | None] = []  # what each op made, renamed or addressed
        self._before: Examined | None = (
            None  # what the kernel says about the world at the beginning
        )
        self._examined: Examined | None = None  # and about the last draft that was checked
        self._size: int | None = None  # of the document's text in bytes; None: not measured yet

    @property
    def start(self) -> dict[str, Any]:
        """The world at the beginning."""
        return self._start

    @property
    def world(self) -> dict[str, Any]:
        """The world after the ops that were applied; not to be changed."""
        return self._world

    @property
    def ops(self) -> tuple[dict[str, Any], ...]:
        """The ops that were applied, in their order."""
        return tuple(self._ops)

    @property
    def names(self) -> tuple[str | None, ...]:
        """For each of the ops the name of what it made, renamed (the new one) or addressed."""
        return tuple(self._names)

    @property
    def is_changed(self) -> bool:
        """Whether the world says anything else than at the beginning; the order of members says nothing."""
        return self._world is not self._start and (
            jsondoc.canonical(self._world) != jsondoc.canonical(self._start)
        )

    def apply(self, op: Any) -> str | None:
        """Applies one op. Returns why it could not be, and then nothing has changed; None: it is applied.

        Total, on any JSON. The text is for whoever wrote the op: it names members and ops.
        """
        if len(self._ops) >= MOST_OPS:
            return f"one edit holds at most {MOST_OPS} ops, and this one does already"
        try:
            # A copy of our own, which is surely JSON: whoever wrote the op may change it.
            copy = jsondoc.loads(jsondoc.dumps(op))
            applied = apply(self._world, copy)
            size = self._measured() + _growth(self._world, applied.world)
        except OpError as error:
            return str(error)
        except MalformedRequest as error:
            return error.detail or "it is no JSON"
        if size > MAX_DOCUMENT_BYTES:
            return "the world would be larger than 12 MiB then; make it shorter"
        self._world, self._size = applied.world, size
        self._ops.append(copy)
        self._names.append(applied.name)
        return None

    def undo(self, count: int = 1) -> None:
        """Takes back the last ops, as many as are said and at most all. Raises EditorError (`proposed`)."""
        kept = max(0, len(self._ops) - count)
        del self._ops[kept:], self._names[kept:]
        self._world = self._replayed()
        self._size = None

    def findings(self) -> DraftFindings:
        """What the kernel says about the world as it is now, softlocks included."""
        if self._before is None:
            self._before = self._examined = _examined(self._start, None)
        if self._world is not self._start:
            self._examined = _examined(self._world, self._examined)
        else:
            self._examined = self._before
        now, before = self._examined.findings, self._before.findings
        return DraftFindings(
            tuple(item for item in now if item.severity is Severity.ERROR),
            tuple(_new(_warnings(now), _warnings(before))),
        )

    def proposed(self, reply: str) -> ProposedEdit:
        """The edit that makes this draft of the world at the beginning; no ops when that changes nothing.

        Raises UnfitEdit when the gate would refuse it, EditorError when the ops do not give this world as
        one batch.
        """
        if not self.is_changed:
            return ProposedEdit(reply)
        found = self.findings()
        if not found.passes:
            raise UnfitEdit(found.errors)
        if jsondoc.canonical(self._replayed()) != jsondoc.canonical(self._world):
            raise EditorError("the ops of the draft do not give its world")
        return ProposedEdit(reply, self.ops)

    def _measured(self) -> int:
        if self._size is None:
            self._size = len(jsondoc.dumps(self._world))
        return self._size

    def _replayed(self) -> dict[str, Any]:
        """The world after the ops, applied as whoever stores the edit applies them. Raises EditorError."""
        if not self._ops:
            return self._start
        batch = apply_batch(self._start, self._ops)
        if batch.errors:
            # Not which one, or why: that names what people and models have written, and this is logged.
            raise EditorError(f"as one batch {len(batch.errors)} of the ops do not apply")
        return batch.world


def _examined(world: dict[str, Any], before: Examined | None) -> Examined:
    return examine(world, before, most_situations=MOST_SITUATIONS)


def _warnings(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    return [item for item in found if item.severity is Severity.WARNING]


def _new(now: list[Diagnostic], before: list[Diagnostic]) -> list[Diagnostic]:
    """The warnings that were not there, under this name or another: what was renamed takes its own along."""
    places = {(item.lint, item.path) for item in now}
    gone = Counter(_kind(item) for item in before if (item.lint, item.path) not in places)
    known = {(item.lint, item.path) for item in before}
    new = []
    for item in now:
        if (item.lint, item.path) in known:
            continue
        if gone[_kind(item)]:
            gone[_kind(item)] -= 1
        else:
            new.append(item)
    return new


def _kind(item: Diagnostic) -> tuple[str, str]:
    return item.lint, _NAMES.sub("[]", item.path)


def _growth(before: Any, after: Any, depth: int = 0) -> int:
    """About how many bytes of JSON text came in; negative when more went. What is the same costs nothing.

    Raises MalformedRequest when a part is too deep for the document.
    """
    if before is after:
        return 0
    if depth < _SHARED and isinstance(before, dict) and isinstance(after, dict):
        came = sum(_growth(before.get(key), item, depth + 1) for key, item in after.items())
        names = sum(len(jsondoc.dumps(key)) + 2 for key in after if key not in before)
        gone = {key: item for key, item in before.items() if key not in after}
        return came + names - (len(jsondoc.dumps(gone)) if gone else 0)
    if depth < _SHARED and isinstance(before, list) and isinstance(after, list):
        kept = Counter(map(id, before)) & Counter(map(id, after))
        return _text_without(after, kept, depth + 1) - _text_without(before, kept, depth + 1)
    return _text(after, depth) - (0 if before is None else _text(before, depth))


def _text_without(items: list[Any], kept: Counter[int], depth: int) -> int:
    """Bytes of a list's items, but for those that another list has too."""
    left = kept.copy()
    size = 0
    for item in items:
        if left[id(item)]:
            left[id(item)] -= 1
        else:
            size += _text(item, depth) + 1
    return size


def _text(part: Any, depth: int) -> int:
    for _ in range(depth):
        part = [part]
    return len(jsondoc.dumps(part)) - 2 * depth
