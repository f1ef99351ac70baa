"""Villages, gardens, kitchens, markets and farms."""

from conjure.providers.author.builtin.places.parts import Act, Family, Guide, Key, Place
from conjure.providers.author.builtin.text import word_set

FAMILY = Family(
    key="village",
    realm="sky",
    words=word_set(
        "village farm farmer garden gardener bakery baker kitchen cook chef bread bee bees "
        "beekeeper market field fields orchard harvest greenhouse windmill mill barn cottage cozy "
        "cosy tea cat dog sheep horse shepherd town inn flower flowers festival carnival circus "
        "river bridge postman pumpkin honey cow chicken pie 村 деревня сад قرية حديقة jardin "
        "village pueblo dorf garten"
    ),
    heroes=("village baker", "travelling beekeeper", "new postal carrier"),
    attire="in a straw hat and a patched blue jacket",
    things=("golden loaf", "runaway kite", "recipe of the first baker"),
    titles=("Market Day", "The Long Orchard", "Honey and Smoke"),
    places=(
        Place(
            "village green",
            "on a village green beneath a chestnut tree",
            (
                "Thatched roofs ring the grass and a stone pump drips into its trough. Bunting in "
                "five colours sways from tree to inn."
            ),
            "clipped grass",
            "a lane toward the chestnut tree",
            "chestnut tree",
            ("big tree", "village tree"),
            "bunting sways overhead",
            "Walk to the village green",
        ),
        Place(
            "bakery",
            "inside a warm village bakery",
            (
                "Loaves cool on slanted racks and flour hangs in the light of a brick oven. "
                "Copper tins shaped like stars line a shelf."
            ),
            "floury boards",
            "a doorway with a bread sign",
            "brick oven",
            ("bread oven", "oven"),
            "flour drifts in the oven light",
            "Enter the bakery",
            "room",
        ),
        Place(
            "mill stream",
            "beside a mill stream with a turning wheel",
            (
                "Water slides over mossy paddles and breaks into silver threads. A white "
                "millhouse leans above stepping stones."
            ),
            "smooth stones",
            "stepping stones in a stream",
            "mill wheel",
            ("water wheel", "watermill"),
            "the wheel lifts and pours",
            "Cross to the mill stream",
        ),
        Place(
            "orchard",
            "between rows of an old apple orchard",
            (
                "Red fruit bends the branches down to ladders and baskets. Beehives painted "
                "yellow and blue stand along the hedge."
            ),
            "tall grass",
            "an orchard gate",
            "beehives",
            ("painted hives", "hives"),
            "bees cross the light like sparks",
            "Enter the orchard",
        ),
        Place(
            "market lane",
            "in a narrow market lane",
            (
                "Stalls of cheese, cherries and tin toys crowd beneath striped canvas. A barrel "
                "organ on wheels waits at the corner."
            ),
            "round cobbles",
            "a lane of striped stalls",
            "barrel organ",
            ("street organ", "market stalls"),
            "canvas edges flutter",
            "Enter the market lane",
        ),
        Place(
            "hay barn",
            "inside a high hay barn",
            (
                "Gold bales climb in steps to the rafters and swallows dart through a round hole. "
                "A painted carnival wagon stands half covered."
            ),
            "scattered straw",
            "tall barn doors",
            "carnival wagon",
            ("painted wagon", "hay bales"),
            "chaff floats in the bright gaps",
            "Enter the hay barn",
            "room",
        ),
        Place(
            "old well",
            "at an old well behind the church",
            (
                "A mossy rim circles dark water where one star of light floats. Carved names "
                "cover the stone like lace."
            ),
            "flagstones",
            "a path behind the church",
            "old well",
            ("stone well", "well"),
            "the bucket turns on its rope",
            "Follow the path to the well",
        ),
        Place(
            "root store",
            "in a root store under the hill",
            (
                "Pumpkins and braided onions fill shelves of dark clay. A line of jars glows red, "
                "amber and green around a stub of candle."
            ),
            "cool clay",
            "a round door in the hillside",
            "glowing jars",
            ("jars", "preserve jars"),
            "the candle flame leans",
            "Enter the root store",
            "dark",
        ),
    ),
    wins=(
        Place(
            "lantern feast",
            "at a long table under a hundred lanterns",
            (
                "Dishes steam along white linen and neighbours raise their cups. Fireflies and "
                "lanterns mix above the orchard."
            ),
            "soft grass",
            "lights and music behind the hedge",
            "long table",
            ("feast table", "lanterns"),
            "lanterns sway on their strings",
            "Join the lantern feast",
            title="A place at the table",
            subtitle="The village drinks to {hero}.",
        ),
        Place(
            "hilltop windmill",
            "on a hilltop beside a turning windmill",
            (
                "Fields lie below like a quilt of green and gold, stitched by a river. White "
                "sails pass overhead one by one."
            ),
            "windy grass",
            "a path up to white sails",
            "windmill",
            ("white windmill", "mill sails"),
            "the sails sweep around",
            "Climb to the windmill",
            title="The whole valley",
            subtitle="The wind carries good news.",
        ),
    ),
    losses=(
        Place(
            "flooded lane",
            "in a lane under brown floodwater",
            (
                "Baskets and a blue chair float past the hedges. The footbridge has swung aside "
                "and points downstream."
            ),
            "rushing water",
            "a footbridge with cracked planks",
            "swung footbridge",
            ("broken bridge", "floodwater"),
            "baskets spin in the current",
            "Dash over the cracked footbridge",
            title="The river rises",
            subtitle="The lane has become the stream.",
        ),
        Place(
            "maize maze",
            "deep in a maze of tall maize",
            (
                "Green walls rustle above head height and the path splits into three equal lanes. "
                "A scarecrow points in two directions at once."
            ),
            "trampled stalks",
            "a gap in the tall maize",
            "scarecrow",
            ("straw figure", "maize maze"),
            "tassels nod against the sky",
            "Take the gap in the maize",
            title="Left, left, and left again",
            subtitle="The scarecrow keeps its secret.",
        ),
    ),
    keys=(
        Key(
            "garden key",
            "A garden key hangs in a birdhouse.",
            "Take the garden key",
            "The key slides from the birdhouse on a loop of green string.",
            "garden door",
            "a garden door laced with ivy",
            "Unlock the garden door",
            "The ivy-laced door is locked. Birds know where the key is.",
        ),
        Key(
            "honey jar",
            "A honey jar, dark and full, stands on a stump.",
            "Take the honey jar",
            "The jar glows amber as it is lifted against the light.",
            "bear gate",
            "a gate where a sleepy bear sits",
            "Offer the honey at the gate",
            "A sleepy bear sits against the gate. Honey would move it.",
        ),
        Key(
            "fresh loaf",
            "A fresh loaf, round and brown, cools on a sill.",
            "Take the fresh loaf",
            "Steam curls from the crust as the loaf is lifted.",
            "ferry post",
            "a ferry whose pilot waits for supper",
            "Pay the ferry pilot with the loaf",
            "The ferry pilot is hungry. A fresh loaf would pay the fare.",
        ),
    ),
    acts=(
        Act(
            "barrel bell",
            "A rope hangs from a small belfry.",
            "Ring the little bell",
            "The bell swings and a flock of starlings folds across the sky.",
        ),
        Act(
            "paper lantern",
            "A folded paper lantern lies beside a match.",
            "Light the paper lantern",
            "The lantern fills like a lung and lifts, a warm square rising.",
        ),
    ),
    guide=Guide(
        "grandmother on a bench",
        "A grandmother in a flowered apron shells peas on a bench.",
        "A grandmother who knows every family story and gives directions by smell.",
        "Sit down, you look hungry. Whose child are you looking for, or what?",
    ),
)
