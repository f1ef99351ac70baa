"""Woods, jungles, groves and swamps."""

from conjure.providers.author.builtin.places.parts import Act, Family, Guide, Key, Place
from conjure.providers.author.builtin.text import word_set

FAMILY = Family(
    key="forest",
    realm="sky",
    words=word_set(
        "forest wood woods tree trees grove jungle swamp druid witch fairy elf wolf fox bear owl "
        "deer moss mushroom treehouse ranger hunter root roots leaf leaves squirrel rabbit frog "
        "fern river spirit 森 лес غابة foret forêt bosque wald foresta"
    ),
    heroes=("forest ranger", "herb gatherer", "young druid"),
    attire="in a moss-green hooded cloak",
    things=("amber seed", "white stag's antler", "song of the oldest oak"),
    titles=("Under Old Leaves", "The Amber Seed", "Where the Ferns Part"),
    places=(
        Place(
            "fern hollow",
            "in a hollow filled with waist-high ferns",
            (
                "Fronds arch over a thread of clear water, and beech trunks rise like grey "
                "pillars. A wooden signpost leans at the edge, its arms furred with moss."
            ),
            "soft leaf litter",
            "a gap between two ferns",
            "mossy signpost",
            ("wooden signpost", "leaning post"),
            "fern tips nod one after another",
            "Walk into the fern hollow",
        ),
        Place(
            "giant oak",
            "beneath a giant oak with a door-sized hollow",
            (
                "The trunk is as wide as a cottage and its roots make a stair. Ribbons and small "
                "bells hang from the lowest branch."
            ),
            "knotted roots",
            "a trail of ribbons",
            "giant oak",
            ("old oak", "huge tree"),
            "ribbons turn in the air",
            "Follow the ribbons to the oak",
        ),
        Place(
            "mushroom ring",
            "at the edge of a ring of tall mushrooms",
            (
                "Red caps as wide as tables stand in a circle on bright grass. Spores float up "
                "like gold dust from the gills."
            ),
            "springy turf",
            "a path lined with red caps",
            "red mushrooms",
            ("mushroom ring", "toadstools"),
            "gold spores float upward",
            "Step to the mushroom ring",
        ),
        Place(
            "rope bridge",
            "on a rope bridge above a green ravine",
            (
                "Planks sway over a stream that shines far below between boulders. Vines hang "
                "from the far cliff like a curtain."
            ),
            "swaying planks",
            "a rope bridge over a ravine",
            "rope bridge",
            ("hanging bridge", "plank bridge"),
            "the bridge creaks and dips",
            "Cross the rope bridge",
        ),
        Place(
            "hermit's hut",
            "inside a hermit's hut woven from living branches",
            (
                "Bundles of herbs hang from the rafters, and a clay stove glows at its seams. "
                "Shelves hold jars of seeds in every colour."
            ),
            "packed earth",
            "a round wicker door",
            "clay stove",
            ("small stove", "glowing stove"),
            "smoke curls to a hole in the roof",
            "Enter the hermit's hut",
            "room",
        ),
        Place(
            "still pond",
            "on the bank of a still black pond",
            (
                "Lily pads lie like plates on a mirror, and a heron stands on one leg among "
                "reeds. A stone lantern rises from an islet in the middle."
            ),
            "reedy mud",
            "a boardwalk through reeds",
            "stone lantern",
            ("pond lantern", "garden lantern"),
            "rings spread where fish touch the surface",
            "Take the boardwalk to the pond",
        ),
        Place(
            "root cellar",
            "in a chamber between the roots of a great tree",
            (
                "Roots as thick as arms form walls and ceiling, beaded with water. Pale fungi on "
                "small ledges give a cool blue light."
            ),
            "damp earth",
            "a burrow under the roots",
            "blue fungi",
            ("glowing mushrooms", "pale fungi"),
            "beads of water run along the roots",
            "Crawl under the roots",
            "dark",
        ),
        Place(
            "standing stones",
            "in a glade of seven standing stones",
            (
                "Each stone wears a collar of moss and a spiral carved by an old hand. Foxgloves "
                "fill the space between in a purple haze."
            ),
            "short grass",
            "a line of standing stones",
            "standing stones",
            ("carved stones", "stone circle"),
            "foxgloves lean and straighten",
            "Go up to the standing stones",
        ),
    ),
    wins=(
        Place(
            "heart of the wood",
            "in a round clearing at the heart of the wood",
            (
                "Sunlit blossom drifts from a ring of white trees and settles on still grass. "
                "Deer lift their heads and stay, ears turned forward."
            ),
            "deep grass",
            "an arch of white branches",
            "white trees",
            ("ring of trees", "pale trees"),
            "blossom drifts in slow spirals",
            "Pass under the white arch",
            title="The heart of the wood",
            subtitle="The forest lowers its branches to {hero}.",
        ),
        Place(
            "canopy platform",
            "on a wooden platform above the canopy",
            (
                "A green sea of treetops rolls to the horizon under a wide sky. Paper lanterns "
                "sway from the rail, each one lit."
            ),
            "smooth planks",
            "a ladder into the leaves",
            "paper lanterns",
            ("lanterns", "hanging lanterns"),
            "birds cross the treetops",
            "Climb above the canopy",
            title="Above the leaves",
            subtitle="The whole forest lies in view.",
        ),
    ),
    losses=(
        Place(
            "bramble maze",
            "in a narrow lane of brambles",
            (
                "Thorned arches close over the path in front and behind. Every turn shows the "
                "same bent sign and the same grey light."
            ),
            "trampled thorns",
            "a tunnel of brambles",
            "bramble arch",
            ("thorn arch", "thorny hedge"),
            "thorns knit together slowly",
            "Push into the brambles",
            title="Lost among thorns",
            subtitle="The path folds back on itself.",
        ),
        Place(
            "sinking bog",
            "knee-deep in a wide bog",
            (
                "Green scum parts around the legs and closes again. A lone will-o'-the-wisp "
                "hovers ahead, then drifts farther off."
            ),
            "soft black mud",
            "a pale light over open bog",
            "pale light",
            ("wisp", "floating light"),
            "bubbles rise and pop",
            "Follow the pale light",
            "dark",
            title="The bog closes",
            subtitle="The little light moves on alone.",
        ),
    ),
    keys=(
        Key(
            "carved acorn",
            "A carved acorn hangs on a red thread.",
            "Take the carved acorn",
            "The acorn turns on its thread and its cap opens like an eye.",
            "bark door",
            "a door of bark with an acorn-shaped hollow",
            "Set the acorn in the bark door",
            "The bark door has a hollow the shape of an acorn.",
        ),
        Key(
            "firefly jar",
            "A firefly jar glows on a stump.",
            "Pick up the firefly jar",
            "Fireflies wake and a honey-coloured light swings over leaves and bark.",
            "black thicket",
            "a thicket as dark as a cellar",
            "Light the way through the thicket",
            "The thicket is too dark to enter. Fireflies in a jar would help.",
        ),
        Key(
            "bone flute",
            "A bone flute lies in a bird's nest.",
            "Take the bone flute",
            "The flute catches the light, its finger holes ringed with gold.",
            "wall of vines",
            "a wall of knotted vines",
            "Play the flute to the vines",
            "The vines sway as if listening. A flute might loosen them.",
        ),
    ),
    acts=(
        Act(
            "wind chimes",
            "Wind chimes of river glass hang from a twig.",
            "Set the chimes swinging",
            "Green and amber glints scatter over the trunks as the chimes swing.",
        ),
        Act(
            "lantern moth",
            "A large moth rests on a lantern cage.",
            "Open the lantern cage",
            "The moth spreads wings like stained glass and circles upward, shedding light.",
        ),
    ),
    guide=Guide(
        "charcoal burner",
        "A charcoal burner with a sooty beard leans on a long rake.",
        "A gentle charcoal burner who knows each tree by its first name.",
        "Step softly, the old ones are listening. Looking for a path?",
    ),
)
