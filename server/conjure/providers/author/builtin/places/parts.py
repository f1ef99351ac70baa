"""What a family of places is made of.

All prose here says what is seen. In `result`, `subtitle` and the like, `{the}` stands for the
thing that the premise is after, and `{hero}` for who goes after it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to be, as it looks, and how one gets there."""

    label: str  # "lamp gallery"
    spot: str  # where the view stands: "on the iron gallery of a tall lighthouse"
    look: str  # what is seen there: two sentences
    ground: str  # what feet touch
    way: str  # how the way to it looks from elsewhere: "an iron spiral stair"
    marker: str  # the thing that proves one has arrived
    also: tuple[str, ...]  # other words for the marker
    ambient: str
    approach: str  # the step that leads there: "Climb to the lamp gallery"
    light: str = "open"  # open | room | dark
    title: str = ""  # of an ending
    subtitle: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """A thing to take, and what it opens."""

    item: str
    seen: str
    take: str
    result: str
    gate: str  # "iron door"
    lock: str  # the gate while it is shut: "an iron door with a star-shaped keyhole"
    use: str  # "Unlock the iron door"
    hint: str


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do that changes the picture and stays where it is."""

    item: str
    seen: str
    do: str
    result: str


@dataclass(frozen=True, slots=True)
class Guide:
    """Someone to talk to."""

    label: str
    seen: str
    persona: str
    greeting: str


@dataclass(frozen=True, slots=True)
class Family:
    """A family of places that belong together."""

    key: str  # also the scene that the cover shows
    realm: str  # which moods fit: sky | deep | stars | under
    words: frozenset[str]  # premise words that call for it
    heroes: tuple[str, ...]
    attire: str
    things: tuple[str, ...]
    titles: tuple[str, ...]  # for worlds whose premise names nothing
    places: tuple[Place, ...]
    wins: tuple[Place, ...]
    losses: tuple[Place, ...]
    keys: tuple[Key, ...]
    acts: tuple[Act, ...]
    guide: Guide
