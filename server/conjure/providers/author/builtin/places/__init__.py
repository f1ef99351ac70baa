from conjure.providers.author.builtin.places import (
    castle,
    cavern,
    city,
    coast,
    deep,
    desert,
    forest,
    house,
    peaks,
    stars,
    village,
    works,
)
from conjure.providers.author.builtin.places.parts import Act, Family, Guide, Key, Place

# The order decides ties: where a premise calls for two families alike, the first is taken.
FAMILIES: tuple[Family, ...] = tuple(
    module.FAMILY
    for module in (
        deep, stars, castle, desert, peaks, cavern, forest, coast, works, house, village, city
    )
)  # fmt: skip

__all__ = ["FAMILIES", "Act", "Family", "Guide", "Key", "Place"]
