# ruff: noqa: RUF001 (the word list holds words of other scripts)
"""Mountains, snow and ice."""

from conjure.providers.author.builtin.places.parts import Act, Family, Guide, Key, Place
from conjure.providers.author.builtin.text import word_set

FAMILY = Family(
    key="peaks",
    realm="sky",
    words=word_set(
        "mountain mountains peak summit snow ice glacier monk monastery climber avalanche yeti "
        "winter arctic antarctica frozen sled tundra penguin polar iceberg blizzard himalaya alps "
        "ski valley eagle 山 雪 гора снег جبل ثلج montagne montaña berg neige"
    ),
    heroes=("mountain guide", "weather watcher", "young monk"),
    attire="in a quilted coat with a red scarf",
    things=("prayer bell", "blue ice crystal", "last ibex"),
    titles=("Thin Air", "The Bell Above the Snow", "Nine Cairns"),
    places=(
        Place(
            "trail camp",
            "at a small camp on a snowy shoulder",
            (
                "Two orange tents flap beside a ring of packs and skis. A string of coloured "
                "flags runs from a pole to a boulder."
            ),
            "packed snow",
            "a trodden path to the tents",
            "orange tents",
            ("tents", "camp tents"),
            "coloured flags snap on their line",
            "Walk down to the trail camp",
        ),
        Place(
            "cairn ridge",
            "on a narrow ridge marked by cairns",
            (
                "Stacked stones stand in a line along the crest, each capped with frost. Valleys "
                "fall away on both sides in layers of blue."
            ),
            "crunching frost",
            "a line of stone cairns",
            "stone cairn",
            ("cairn", "stacked stones"),
            "spindrift streams over the crest",
            "Follow the cairns",
        ),
        Place(
            "monastery court",
            "in the courtyard of a cliff monastery",
            (
                "Ochre walls lean over a floor of swept flagstones. A row of copper prayer wheels "
                "gleams under painted eaves."
            ),
            "swept flagstones",
            "a painted wooden gate",
            "prayer wheels",
            ("copper wheels", "row of wheels"),
            "prayer wheels turn by themselves",
            "Enter the monastery court",
        ),
        Place(
            "butter-lamp hall",
            "inside a hall lit by butter lamps",
            (
                "Hundreds of small flames stand in brass cups before a gilded statue. Painted "
                "clouds and tigers cover the beams."
            ),
            "polished boards",
            "a door hung with brocade",
            "gilded statue",
            ("golden statue", "statue"),
            "the small flames lean together",
            "Enter the lamp hall",
            "room",
        ),
        Place(
            "ice bridge",
            "before a bridge of blue ice",
            (
                "A glassy span curves across a crevasse, its underside hung with icicles. Light "
                "passes through it and paints the snow turquoise."
            ),
            "blue ice",
            "a curved span of ice",
            "ice bridge",
            ("blue ice", "frozen bridge"),
            "icicles drip and glitter",
            "Cross the ice bridge",
        ),
        Place(
            "glacier cave",
            "inside a cave of scalloped ice",
            (
                "The walls ripple like frozen water in every shade of blue. Trapped bubbles make "
                "white ladders toward the ceiling."
            ),
            "frozen gravel",
            "a blue opening in the glacier",
            "ice walls",
            ("blue ice walls", "ice cave"),
            "meltwater threads along the floor",
            "Enter the glacier cave",
            "dark",
        ),
        Place(
            "signal hut",
            "in a timber signal hut",
            (
                "A stove ticks in the corner under drying mittens. Maps, coils of rope and a "
                "brass telescope crowd the single table."
            ),
            "creaking boards",
            "a hut buried to its eaves",
            "brass telescope",
            ("telescope", "spyglass"),
            "the stove door flickers",
            "Shelter in the signal hut",
            "room",
        ),
        Place(
            "frozen lake",
            "on the shore of a frozen lake",
            (
                "Black ice lies as clear as a window, veined with white cracks. A stone arch "
                "stands far out in the middle, rimmed with frost."
            ),
            "clear black ice",
            "a gap in the pines above a lake",
            "stone arch",
            ("frosted arch", "arch on the lake"),
            "powder snow snakes over the ice",
            "Go down to the frozen lake",
        ),
    ),
    wins=(
        Place(
            "summit shrine",
            "on the summit beside a small stone shrine",
            (
                "A sea of cloud spreads below, pierced by golden peaks. Long scarves stream from "
                "the shrine into a clear sky."
            ),
            "sunlit rock",
            "the last white slope",
            "stone shrine",
            ("summit shrine", "small shrine"),
            "scarves stream in the wind",
            "Climb to the summit shrine",
            title="Above the clouds",
            subtitle="The mountain bows its head to {hero}.",
        ),
        Place(
            "hidden valley",
            "at the rim of a hidden green valley",
            (
                "Terraces of barley step down to a turquoise lake, sheltered by snow walls. Smoke "
                "rises from a dozen tidy roofs."
            ),
            "first green grass",
            "a pass between two snow walls",
            "turquoise lake",
            ("blue lake", "valley lake"),
            "smoke rises in straight threads",
            "Go down to the green valley",
            title="The hidden valley",
            subtitle="Bells answer from every roof.",
        ),
    ),
    losses=(
        Place(
            "white wind",
            "in a wall of driving snow",
            (
                "Grey flakes race sideways and the nearest flag is a faint red smear. Footprints "
                "fill as fast as they are made."
            ),
            "drifting snow",
            "a slope under racing snow",
            "red flag",
            ("faint flag", "flag in snow"),
            "snow races sideways",
            "Push on into the storm",
            title="The wind takes the trail",
            subtitle="The flags fade one by one.",
        ),
        Place(
            "broken cornice",
            "on a ledge below a broken cornice",
            (
                "A fresh curve of snow hangs above, cut clean like a cake. The ridge and its "
                "cairns stand far overhead, out of reach."
            ),
            "a sloping ledge",
            "a smooth lip of snow",
            "broken cornice",
            ("snow overhang", "snow edge"),
            "loose snow trickles past",
            "Step onto the smooth snow",
            title="The edge gives way",
            subtitle="The ridge is a long way up.",
        ),
    ),
    keys=(
        Key(
            "ice axe",
            "An ice axe stands upright in the snow.",
            "Take the ice axe",
            "The axe comes free with a spray of glitter and its steel flashes.",
            "frozen door",
            "a door sealed in clear ice",
            "Cut the frozen door free",
            "The door is sealed in ice. An axe would free it.",
        ),
        Key(
            "rope coil",
            "A rope coil, bright yellow, hangs on a peg.",
            "Take the yellow rope",
            "The yellow coil drops into waiting hands, bright against the snow.",
            "sheer step",
            "a sheer rock step with an iron ring",
            "Climb the sheer step by rope",
            "The rock step has an iron ring. A rope would hold there.",
        ),
        Key(
            "prayer scroll",
            "A prayer scroll tied with blue silk lies on a sill.",
            "Take the prayer scroll",
            "The scroll opens by a hand's width and shows gold letters.",
            "guardian gate",
            "a gate between two painted guardians",
            "Show the scroll at the guardian gate",
            "The painted guardians look for a scroll tied with blue silk.",
        ),
    ),
    acts=(
        Act(
            "bronze gong",
            "A bronze gong hangs from a timber frame.",
            "Strike the bronze gong",
            "The gong shivers, and snow slides from every roof at once.",
        ),
        Act(
            "juniper fire",
            "A bundle of juniper lies in a stone bowl.",
            "Light the juniper",
            "Blue smoke curls from the bowl and a ring of orange sparks lifts.",
        ),
    ),
    guide=Guide(
        "yak herder",
        "A yak herder in a fur hat sits beside a shaggy animal with bells.",
        "A cheerful yak herder who reads weather in the way the animals stand.",
        "Warm your hands first, talk second. Where does the path take you?",
    ),
)
