"""A document's JSON text, of which an edit writes anew only what it has changed.

By far the most of a document is its scene, and an edit of anything else leaves that the same object. Then its
bytes are copied from the text before, and what they weigh is known: in a world of 1,000 states (170 KB) 10 µs
instead of 95, and 150 more for the weight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.assets.names import bounded, names_in
from conjure.core import jsondoc
from conjure.core.weights import is_heavier, marks

if TYPE_CHECKING:
    from typing import Self

_SCENE: Final = "scene"


class _Scene:
    """A scene, what it weighs (`core.weights.marks`) in each text of it, and which assets it names.

    None: not looked yet.
    """

    __slots__ = ("marks", "names", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.marks: int | None = None
        self.names: frozenset[str] | None = None


class DocumentText:
    """The text of a value that nobody changes any more: `bytes`."""

    __slots__ = ("_asset_names", "_scene_at", "_value", "bytes", "scene")

    def __init__(self, value: dict[str, Any], before: Self | None = None) -> None:
        """`before`: the text of the document that an edit made this one from.

        Raises MalformedRequest when it is nested too deeply to be stored.
        """
        self._value = value
        self._asset_names: frozenset[str] | None = None
        scene = value.get(_SCENE)
        if before is None or scene is None or before.scene.value is not scene:
            self.scene: _Scene = _Scene(scene)
            self._scene_at: tuple[int, int] | None = (
                None  # from where to where; None: not looked yet
            )
            self.bytes = jsondoc.dumps(value)
            return
        begin, end = before.place_of_scene()
        head, tail = _around_scene(value)
        self.scene = before.scene
        self.bytes = b"".join((head, memoryview(before.bytes)[begin:end], tail))
        self._scene_at = len(head), len(self.bytes) - len(tail)

    def place_of_scene(self) -> tuple[int, int]:
        """From where to where it stands in `bytes`; there must be one."""
        if self._scene_at is None:
            head, tail = _around_scene(self._value)
            self._scene_at = len(head), len(self.bytes) - len(tail)
        return self._scene_at

    def is_heavier(self, limit: int) -> bool:
        """Whether it weighs more than `limit` (`core.weights`)."""
        return is_heavier(self.bytes, limit, self._marks)

    @property
    def asset_names(self) -> frozenset[str]:
        """The assets that it names; looked for when first asked for."""
        if self._asset_names is None:
            self._asset_names = self._names()
        return self._asset_names

    def _names(self) -> frozenset[str]:
        scene, text = self.scene, self.bytes
        if scene.value is None:
            return names_in(text)
        begin, end = self.place_of_scene()
        if scene.names is None:
            scene.names = names_in(text, begin, end)
        return bounded(names_in(text, 0, begin) | scene.names | names_in(text, end))

    def _marks(self, text: bytes) -> int:
        scene = self.scene
        if scene.value is None:
            return marks(text)
        begin, end = self.place_of_scene()
        if scene.marks is None:
            scene.marks = marks(text, begin, end)
        return marks(text, 0, begin) + scene.marks + marks(text, end)


def _around_scene(value: dict[str, Any]) -> tuple[bytes, bytes]:
    """What stands before and behind the scene in the text of a document that has one."""
    head: dict[str, Any] = {}
    tail: dict[str, Any] = {}
    members = head
    for name, item in value.items():
        if name == _SCENE:
            members = tail
        else:
            members[name] = item
    before, behind = jsondoc.dumps(head), jsondoc.dumps(tail)
    return (
        before[:-1] + (b',"scene":' if head else b'"scene":'),
        b"," + behind[1:] if tail else behind[1:],
    )
