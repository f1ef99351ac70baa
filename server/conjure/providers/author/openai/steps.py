"""The steps of writing a world: what each asks a model for, and what its texts have to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conjure.providers.author.builtin.text import tidy
from conjure.providers.author.openai import prompts, schemas, views
from conjure.providers.author.openai.layouts import LOSE, WIN
from conjure.providers.author.openai.prose import capital, sentence
from conjure.providers.author.openai.wording import definite

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjure.providers.author.openai.draft import Draft
    from conjure.providers.author.openai.layouts import Way
    from conjure.providers.author.openai.prose import Use
    from conjure.providers.author.openai.schemas import Schema
    from conjure.providers.author.port import AuthorRequest
    from conjure.providers.openai.messages import Image

_PREMISE_CHARS: Final = 1_500  # of a premise that a model is shown: small ones have little room
_NAME_CHARS: Final = 120
_STATES_AT_ONCE: Final = 4
_WAYS_AT_ONCE: Final = 4

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A text that a step asks for: where it stands in the answer, and what it is used for.

    `instead` takes its place when nothing of it is of use. `is_only`: no other field of the step that is so
    may have the same text.
    """

    path: Path
    use: Use
    instead: str
    least: int = 3
    is_label: bool = False
    is_only: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step: the prompts and the data that are sent, and what is wanted.

    `unlike`: no text may hold this. `needs_model`: without any answer there is nothing to go on with.
    """

    name: str
    parts: tuple[str, ...]
    data: dict[str, Any]
    schema: Schema
    fields: tuple[Field, ...]
    picture: Image | None = field(default=None, repr=False)
    system: str = prompts.SYSTEM
    unlike: str = ""
    needs_model: bool = False

    def most(self, path: Path) -> int:
        """How many characters a text of the answer may have."""
        schema = self.schema
        for name in path:
            schema = schema["properties"][name]
        return int(schema["maxLength"])


def plan(request: AuthorRequest, *, picture: Image | None, reading: str | None) -> Step:
    """What the world is about."""
    data: dict[str, Any] = {"premise": tidy(request.premise, _PREMISE_CHARS)}
    if request.name:
        data["name"] = tidy(request.name, _NAME_CHARS)
    data |= views.told(request.pov)
    parts = [prompts.PLAN]
    if picture is not None:
        parts.append(prompts.PICTURE)
    elif reading is not None:
        parts.append(prompts.READING)
        data["picture"] = reading
    return Step(
        name="plan",
        parts=tuple(parts),
        data=data,
        schema=schemas.PLAN,
        picture=picture,
        needs_model=True,
        fields=(
            Field(("name",), "label", "The Way Beyond", is_label=True),
            Field(("description",), "label", "A walk through a quiet place with a locked way.", 20),
            Field(("hero",), "label", "a traveller in a grey coat"),
            Field(("goal",), "label", "Find the way beyond", 6),
            Field(("style",), "label", "soft painted light"),
        ),
    )


_NAMES: Final = {
    "start": "first clearing",
    "crossing": "crossing",
    "shelter": "quiet shelter",
    "danger": "steep edge",
    "beyond": "far side",
    WIN: "bright end",
    LOSE: "lonely end",
}
_LOOKS: Final = {
    "start": "Open ground with a path that leads on.",
    "crossing": "A wide spot where several paths meet.",
    "shelter": "A sheltered corner with a low ledge.",
    "danger": "A narrow ledge above a deep drop.",
    "beyond": "A long passage with light at its end.",
    WIN: "A wide view in warm light.",
    LOSE: "Bare ground under a dim grey sky.",
}


def places(draft: Draft) -> Step:
    """Where it takes place."""
    states = draft.layout.states
    fields: list[Field] = []
    for key in states:
        name, look = _NAMES[key], _LOOKS[key]
        fields += [
            Field((key, "name"), "label", capital(name), is_label=True, is_only=True),
            Field((key, "look"), "label", look, 15),
            Field((key, "way"), "label", f"a path to the {name}"),
        ]
        if key in {WIN, LOSE}:
            ended = "the way ends well" if key == WIN else "the way ends here"
            fields += [
                Field((key, "title"), "label", capital(name), is_label=True),
                Field((key, "subtitle"), "label", f"{capital(ended)}.", 5),
            ]
        else:
            fields.append(Field((key, "sound"), "label", "Dust drifts through the light.", 5))
    data = {"premise": tidy(draft.premise, _PREMISE_CHARS // 2), "plan": draft.told_plan()}
    return Step("places", (prompts.PLACES,), data, schemas.places(states), tuple(fields))


def things(draft: Draft) -> Step:
    """What bars a way and what opens it; what can be tried out, and who talks."""
    layout = draft.layout
    data = {
        "plan": draft.told_plan(),
        "found_in": draft.told_place(layout.key_at),
        "locked_in": [draft.told_place(source) for source in layout.locked.sources],
        "leads_to": draft.told_place(layout.locked.target),
        "deed_in": draft.told_place(layout.deed_at),
        "guide_in": draft.told_place(layout.guide_at),
    } | views.told(draft.pov)
    lock: tuple[tuple[str, Use, str, int], ...] = (
        ("item", "label", "brass key", 3),
        ("lies", "state", "A brass key lies within reach.", 10),
        ("take", "label", "Take the brass key", 3),
        ("taking", "override", "A hand lifts the brass key into the light.", 10),
        ("barrier", "label", "a locked gate", 3),
        ("open", "label", "Open the locked gate", 3),
        ("hint", "label", "Something found nearby opens it.", 10),
    )
    life: tuple[tuple[str, Use, str, int], ...] = (
        ("thing", "label", "small bell", 3),
        ("do", "label", "Ring the small bell", 3),
        ("happens", "override", "The small bell swings, and light ripples outward.", 10),
        ("guide", "label", "a calm watcher", 3),
        ("persona", "label", "A calm watcher who speaks in short, kind words.", 10),
        ("greeting", "label", "Welcome. Look around.", 5),
        ("fact", "label", "What you look for is close by.", 10),
    )
    return Step(
        "things",
        (prompts.THINGS,),
        data,
        schemas.THINGS,
        tuple(
            Field(
                (part, member),
                use,
                instead,
                least,
                is_label=member in {"item", "thing", "take", "open", "do"},
                is_only=member in {"take", "open", "do"},
            )
            for part, members in (("lock", lock), ("life", life))
            for member, use, instead, least in members
        ),
    )


def states(draft: Draft) -> Iterator[Step]:
    """What is seen in each place."""
    for number, keys in enumerate(_batches(draft.layout.states, _STATES_AT_ONCE), 1):
        told = {key: draft.told_state(key) for key in keys}
        data = {"plan": draft.told_plan(), "places": told} | views.told(draft.pov)
        fields: list[Field] = []
        for key in keys:
            fields += [
                Field((key, "base"), "state", draft.plain_state(key), 40, is_only=True),
                Field((key, "moves"), "state", "The light shifts slowly.", 10),
            ]
        yield Step(
            f"states_{number}",
            (prompts.STATES,),
            data,
            schemas.states(keys),
            tuple(fields),
            unlike=draft.premise,
        )


def ways(draft: Draft) -> Iterator[Step]:
    """How one gets from place to place."""
    for number, some in enumerate(_batches(draft.layout.ways, _WAYS_AT_ONCE), 1):
        told = {way.key: _told_way(draft, way) for way in some}
        data = {"plan": draft.told_plan(), "ways": told} | views.told(draft.pov)
        fields: list[Field] = []
        for way in some:
            target = definite(draft.place(way.target)["name"])
            verb = "Return to" if way.is_back else "Go to"
            fields += [
                Field((way.key, "name"), "label", f"{verb} {target}", is_label=True, is_only=True),
                Field(
                    (way.key, "base"),
                    "transition",
                    sentence(f"The way goes on, and {target} draws near"),
                    20,
                ),
                Field((way.key, "detail"), "transition", sentence(f"{target} comes into view"), 10),
            ]
        yield Step(
            f"ways_{number}",
            (prompts.WAYS,),
            data,
            schemas.ways(way.key for way in some),
            tuple(fields),
        )


def _told_way(draft: Draft, way: Way) -> dict[str, Any]:
    told = {
        "from": [draft.place(source)["name"] for source in way.sources],
        "to": draft.place(way.target)["name"],
        "through": draft.seen_way(way),
        "look": draft.place(way.target)["look"],
    }
    return told | {"goal": draft.plan["goal"]} if way.target == WIN else told


def _batches(items: Sequence[Any], most: int) -> Iterator[tuple[Any, ...]]:
    for at in range(0, len(items), most):
        yield tuple(items[at : at + most])
