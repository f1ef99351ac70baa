"""What a cover shows, one drawing for each family of places."""

from collections.abc import Callable

from conjure.providers.dice import Dice
from conjure.providers.pictures import built, nature
from conjure.providers.pictures.palette import Palette

Scene = Callable[[Dice, Palette], str]

SCENES: dict[str, Scene] = {
    "castle": built.castle,
    "cavern": nature.cavern,
    "city": built.city,
    "coast": nature.coast,
    "deep": nature.deep,
    "desert": nature.desert,
    "forest": nature.forest,
    "house": built.house,
    "peaks": nature.peaks,
    "stars": built.stars,
    "village": built.village,
    "works": built.works,
}
