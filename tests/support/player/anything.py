"""Worlds of any shape to play, from a seed: names out of few, so that they meet, and hostile ones among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from random import Random

_NAMES: Final = (
    "a",
    "b",
    "c",
    "d",
    "__proto__",
    "constructor",
    "toString",
    "",
    "1",
    "é",
    "\ud83d",
    "😀",
)
_FILMS: Final = ("film", "film", "film", "reel", "a")
_FLAGS: Final = ("x", "y", "z", "length", "__proto__")
_WRONG: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1.5, 10**400, "", "a", "transition", [], {}, ["a"], [["a"]], {"a": "b"}, [None, 1, "a", {}],
)  # fmt: skip
_KINDS: Final = ("transition", "transition", "transition", "override", "terminal", "else")


class AnyWorlds:
    """Makes worlds. One in `wrong` members is of a wrong type, and one in as many is left out."""

    def __init__(self, random: Random, wrong: int = 25) -> None:
        self._random = random
        self._wrong = wrong

    def world(self) -> Any:
        """A world, or what stands in its place."""
        random = self._random
        states = {self.name(): self._state() for _ in range(random.randint(6, 20))}
        events = [self._or_wrong(self._event()) for _ in range(random.randint(4, 18))]
        cutscenes = [self._or_wrong(self._cutscene()) for _ in range(random.randint(0, 5))]
        scene = self._object(states=states, events=events)
        entrance = self._object(state=random.choice(list(states)))
        return self._or_wrong(self._object(entrance=entrance, scene=scene, cutscenes=cutscenes))

    def name(self) -> str:
        """A name that may be one of anything."""
        return self._random.choice(_NAMES)

    def _state(self) -> Any:
        ending = self._random.choice([*[None] * 12, {}, {"kind": "win"}, [], "win"])
        return self._or_wrong(self._object(base="x", ending=ending))

    def _event(self) -> Any:
        random = self._random
        return self._object(
            name=self.name(),
            kind=random.choice(_KINDS),
            to=self.name() if random.randrange(3) else random.choice(_FILMS),
            oneShot=random.choice([True, True, False, 1, "true"]),
            requires=self._some(_FLAGS, 1),
            grants=self._some(_FLAGS, 2),
            lockedHint=random.choice(["Wait.", None, 3]),
            **{"from": self._some(_NAMES, 16)},
        )

    def _cutscene(self) -> Any:
        return self._object(
            id=self._random.choice(_FILMS), to=self.name(), requires=self._some(_FLAGS, 1)
        )

    def _some(self, names: tuple[str, ...], most: int) -> list[Any]:
        """Of these names some, more than once perhaps."""
        return [
            self._or_wrong(self._random.choice(names)) for _ in range(self._random.randint(0, most))
        ]

    def _object(self, **members: Any) -> dict[str, Any]:
        return {
            key: self._or_wrong(value)
            for key, value in members.items()
            if self._random.randrange(self._wrong)
        }

    def _or_wrong(self, value: Any) -> Any:
        return value if self._random.randrange(self._wrong) else self._random.choice(_WRONG)
