"""Lighthouses, harbours, islands, beaches."""

from conjure.providers.author.builtin.places.parts import Act, Family, Guide, Key, Place
from conjure.providers.author.builtin.text import word_set

FAMILY = Family(
    key="coast",
    realm="sky",
    words=word_set(
        "lighthouse sea coast beach harbor harbour island shore ocean sailor ship boat pirate "
        "captain fisherman tide cliff bay port wave waves surf mermaid whale sail storm 海 島 灯台 "
        "море маяк остров بحر جزيرة mer phare mar meer faro leuchtturm"
    ),
    heroes=("harbour pilot", "kelp gatherer", "lamp keeper"),
    attire="in a salt-stained oilskin coat",
    things=("pearl compass", "bell of the old harbour", "captain's last letter"),
    titles=("The Salt Stair", "Low Water", "The Lamp Beyond the Reef"),
    places=(
        Place(
            "shingle beach",
            "on a steep shingle beach below chalk cliffs",
            (
                "Grey pebbles shine where the last wave drew back, and a line of kelp marks the "
                "tide. A broken rowing boat lies keel-up beside a rusted winch."
            ),
            "wet shingle",
            "a plank walk down to the shingle",
            "rowing boat",
            ("upturned boat", "wooden boat"),
            "foam hisses back through the pebbles",
            "Go down to the shingle beach",
        ),
        Place(
            "harbour wall",
            "on a long granite harbour wall",
            (
                "Iron rings hang along worn stone and coiled ropes dry beside stacked lobster "
                "pots. Small painted boats rock in the green water below."
            ),
            "worn granite",
            "steps of worn granite",
            "lobster pots",
            ("stacked pots", "fishing traps"),
            "moored boats knock softly together",
            "Follow the harbour wall",
        ),
        Place(
            "keeper's cottage",
            "in the low kitchen of a keeper's cottage",
            (
                "Sea charts cover the plaster and an oil lamp stands on a table of scrubbed pine. "
                "Copper pans catch the light from one square window."
            ),
            "scrubbed floorboards",
            "a blue cottage door",
            "oil lamp",
            ("table lamp", "lantern"),
            "steam curls from an iron kettle",
            "Enter the keeper's cottage",
            "room",
        ),
        Place(
            "spiral stair",
            "at the foot of a spiral stair in a round stone tower",
            (
                "Steps of iron lattice wind upward past whitewashed brick. Small windows spill "
                "coins of daylight down the curve of the wall."
            ),
            "iron lattice",
            "an iron spiral stair",
            "spiral stair",
            ("winding staircase", "iron stairs"),
            "dust turns in the shafts of light",
            "Climb the spiral stair",
            "room",
        ),
        Place(
            "lamp gallery",
            "on the iron gallery of a tall lighthouse",
            (
                "Salt-crusted panes ring a great brass lens taller than a person. Far below, foam "
                "draws slow lace over black rock."
            ),
            "rusted grating",
            "a ladder to the lamp gallery",
            "brass lens",
            ("lighthouse lens", "glass lamp"),
            "gulls wheel past the glass",
            "Climb to the lamp gallery",
        ),
        Place(
            "tidal causeway",
            "at the start of a tidal causeway",
            (
                "Flat stones furred with green weed run straight toward a rocky islet. Pools on "
                "both sides mirror the whole sky."
            ),
            "weed-covered stones",
            "a causeway of flat stones",
            "stone causeway",
            ("stone path", "tidal path"),
            "small crabs slip between the stones",
            "Cross the tidal causeway",
        ),
        Place(
            "sea cave",
            "inside the mouth of a sea cave",
            (
                "Ribbed rock arches overhead, striped with rust and violet. A pool glows jade "
                "where light enters under the surface and ripples over the roof."
            ),
            "slick rock",
            "a low arch in the cliff",
            "jade pool",
            ("glowing pool", "green water"),
            "drops fall from the roof and ring the pool",
            "Enter the sea cave",
            "dark",
        ),
        Place(
            "wreck",
            "on the slanted deck of a beached wreck",
            (
                "Bleached ribs curve up on both sides and a snapped mast trails its rigging. A "
                "carved figurehead leans over the sand, its paint peeling blue."
            ),
            "slanted planks",
            "a rope ladder up a wooden hull",
            "figurehead",
            ("carved figurehead", "wooden statue"),
            "loose rigging sways",
            "Board the wreck",
        ),
    ),
    wins=(
        Place(
            "revealed stair",
            "at the head of a stair that the tide has uncovered",
            (
                "Wet marble steps descend between two walls of still green water. Lamplight "
                "climbs toward the top step from below."
            ),
            "wet marble",
            "a gleam between parted waves",
            "marble steps",
            ("stone stairs", "white steps"),
            "the walls of water shimmer",
            "Walk between the waters",
            title="The tide opens",
            subtitle="The sea makes room for {hero}.",
        ),
        Place(
            "calm lagoon",
            "on a sandbar in the middle of a calm lagoon",
            (
                "Water as clear as glass lies over pale sand in every direction. Lanterns on "
                "poles make a ring of gold reflections."
            ),
            "firm pale sand",
            "a sandbar ringed with lanterns",
            "ring of lanterns",
            ("lanterns", "lantern poles"),
            "golden reflections tremble",
            "Wade to the calm lagoon",
            title="Safe water",
            subtitle="Every lamp on the coast is lit.",
        ),
    ),
    losses=(
        Place(
            "rising tide",
            "on the last dry rock of a drowned causeway",
            (
                "Grey water covers the path on all sides and throws spray across the stone. The "
                "shore is a thin dark line behind the waves."
            ),
            "a shrinking rock",
            "outer rocks where the surf breaks",
            "lone rock",
            ("rock in the sea", "wave-washed rock"),
            "waves climb the rock one by one",
            "Run for the outer rocks",
            title="The tide keeps it",
            subtitle="The water closes over the way back.",
        ),
        Place(
            "drifting skiff",
            "in a small skiff far from land",
            (
                "Both oars float away on a long swell. The lighthouse has shrunk to a spark on "
                "the horizon under towers of cloud."
            ),
            "a rocking hull",
            "a skiff tugging at a frayed rope",
            "distant lighthouse",
            ("far lighthouse", "small light"),
            "the swell lifts and lowers the bow",
            "Cast off in the skiff",
            title="Adrift",
            subtitle="The current chooses the course now.",
        ),
    ),
    keys=(
        Key(
            "brass key",
            "A brass key hangs from a nail, tied to a cork float.",
            "Take the brass key",
            "The brass key swings on its cork float and flashes as it turns.",
            "iron hatch",
            "an iron hatch with a brass lock",
            "Unlock the iron hatch",
            "The iron hatch has a brass lock. A key on a cork float fits it.",
        ),
        Key(
            "storm lantern",
            "A red storm lantern stands on an upturned crate.",
            "Pick up the storm lantern",
            "The wick catches, and a warm circle of light spreads over everything near.",
            "dark archway",
            "an archway filled with deep shadow",
            "Carry the lantern through the archway",
            "The archway is pitch dark. A storm lantern would light it.",
        ),
        Key(
            "signal horn",
            "A curled signal horn rests in a coil of rope.",
            "Lift the signal horn",
            "The horn gleams copper as it rises from the rope.",
            "chained gate",
            "a chained sea gate with a watchman's window",
            "Sound the horn at the sea gate",
            "The sea gate opens for a signal horn.",
        ),
    ),
    acts=(
        Act(
            "harbour bell",
            "A green bronze bell hangs in a wooden frame.",
            "Ring the harbour bell",
            "The bell swings wide, and a cloud of white birds lifts all at once.",
        ),
        Act(
            "signal brazier",
            "An iron brazier is stacked with dry driftwood.",
            "Light the brazier",
            "Flames climb the driftwood and orange sparks stream upward.",
        ),
    ),
    guide=Guide(
        "net mender",
        "An old net mender in a knitted cap sits on a barrel, needle in hand.",
        "An old net mender with a dry humour who has watched this tide for seventy years.",
        "Mind your boots, the tide is turning. What brings you down here?",
    ),
)
