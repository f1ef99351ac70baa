"""Places in a document as people name them: `state[atrium].camera.static`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjure.kernel.parts import state_path
from conjure.kernel.values import child, elements
from conjure.kernel.wording import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.kernel.schema import Place
    from conjure.kernel.values import JsonObject


def located(
    place: Place,
    event_path: Callable[[int], str | None],
    entry_path: Callable[[str, int], str | None],
) -> tuple[str, str]:
    """A place as the state, event or other thing it belongs to, and the field in there.

    The two functions know what the events and the entries of other lists are called; None is for what
    goes by its number.
    """
    match place:
        case ():
            return "world", ""
        case ("scene", "states", str(state_id), *rest):
            owner = state_path(state_id)
        case ("scene", "events", int(index), *rest):
            owner = event_path(index) or f"scene.events[{index}]"
        case ("kernel", "templates", str(name), *rest):
            owner = f"template[{shown(name)}]"
        case (str(name), int(index), *rest) if (entry := entry_path(name, index)) is not None:
            owner = entry
        case (first, *rest):
            owner = shown(str(first))
    field = ""
    for part in rest:
        field += f"[{part}]" if isinstance(part, int) else f".{shown(str(part))}"
    return owner, field.removeprefix(".")


def joined(owner: str, field: str) -> str:
    """The path of a field of a thing."""
    return f"{owner}.{field}" if field and field[0] != "[" else f"{owner}{field}"


class Unread:
    """Paths in a world that was not read: names are looked at as far as somebody asks, in order."""

    def __init__(self, written: JsonObject) -> None:
        self._events: list[Any] = elements(child(written, "scene"), "events")
        self._paths: list[str | None] = []
        self._seen: dict[str, int] = {}

    def path_of(self, place: Place) -> str:
        """A place in the document as people name it."""
        return joined(*located(place, self._event_path, lambda _, __: None))

    def _event_path(self, index: int) -> str | None:
        for item in self._events[len(self._paths) : index + 1]:
            name = item.get("name") if isinstance(item, dict) else None
            if not isinstance(name, str):
                self._paths.append(None)
                continue
            self._seen[name] = times = self._seen.get(name, 0) + 1
            again = f"#{times}" if times > 1 else ""
            self._paths.append(f"event[{shown(name)}{again}]")
        return self._paths[index]
