"""Caves, mines and what lies below."""

from conjure.providers.author.builtin.places.parts import Act, Family, Guide, Key, Place
from conjure.providers.author.builtin.text import word_set

FAMILY = Family(
    key="cavern",
    realm="under",
    words=word_set(
        "cave cavern mine miner underground dwarf crystal crystals tunnel tunnels volcano lava "
        "labyrinth maze gem gems dig bat bats mole bunker catacomb catacombs crypt fossil cellar "
        "geode goblin minotaur skeleton 洞窟 пещера шахта كهف grotte cueva höhle"
    ),
    heroes=("crystal miner", "cave mapper", "lamp bearer"),
    attire="in a canvas jacket with a dented helmet lamp",
    things=("heart crystal", "buried library", "sleeping stone giant"),
    titles=("Below the Last Lamp", "The Heart Crystal", "Nine Hundred Steps"),
    places=(
        Place(
            "mine mouth",
            "at the timbered mouth of a mine",
            (
                "Square beams frame the entrance and narrow rails run into shade. A row of tin "
                "lamps hangs on numbered hooks."
            ),
            "cinders and gravel",
            "a timbered opening",
            "tin lamps",
            ("miner lamps", "lamps on hooks"),
            "lamps swing on their hooks",
            "Go to the mine mouth",
        ),
        Place(
            "crystal gallery",
            "in a gallery of tall crystals",
            (
                "Violet and rose prisms lean together like a frozen forest. Every facet repeats "
                "the lamp as a small star."
            ),
            "glassy splinters",
            "a violet glimmer in the rock",
            "violet crystals",
            ("crystals", "tall crystals"),
            "star-shaped glints slide over the walls",
            "Enter the crystal gallery",
            "dark",
        ),
        Place(
            "rail junction",
            "at a junction of three mine rails",
            (
                "Tracks divide under a lattice of props and a tipped ore cart spills blue stones. "
                "Arrows in chalk point in different directions."
            ),
            "timber sleepers",
            "rails into a wide chamber",
            "ore cart",
            ("mine cart", "tipped cart"),
            "dust sifts from the props",
            "Follow the rails to the junction",
            "dark",
        ),
        Place(
            "underground lake",
            "on the shore of an underground lake",
            (
                "Still water holds a perfect copy of the roof and its hanging stone. A flat raft "
                "is tied to a post with a red rope."
            ),
            "smooth pebbles",
            "a slope toward still water",
            "flat raft",
            ("raft", "wooden raft"),
            "drops ring the water far off",
            "Go down to the underground lake",
            "dark",
        ),
        Place(
            "mushroom cavern",
            "in a cavern of pale giant mushrooms",
            (
                "Caps glow mint green and hang over the path like parasols. Their light picks out "
                "carved steps in the rock."
            ),
            "soft loam",
            "a soft green glow",
            "giant mushrooms",
            ("glowing mushrooms", "pale mushrooms"),
            "spores drift like slow snow",
            "Enter the mushroom cavern",
            "dark",
        ),
        Place(
            "forge hall",
            "inside an abandoned forge hall",
            (
                "Bellows as large as boats stand beside a cold anvil the height of a door. Runes "
                "along the wall hold a last ember of red."
            ),
            "iron plates",
            "a doorway of black iron",
            "great anvil",
            ("anvil", "huge anvil"),
            "ember light breathes in the runes",
            "Enter the forge hall",
            "room",
        ),
        Place(
            "stone bridge",
            "on a stone bridge over a chasm",
            (
                "The arch is barely two steps wide and far below a river of orange light moves. "
                "Chains hang from the roof on both sides."
            ),
            "bare stone",
            "a narrow arch of stone",
            "stone arch",
            ("narrow bridge", "rock bridge"),
            "warm air lifts sparks from below",
            "Cross the stone bridge",
            "dark",
        ),
        Place(
            "fossil wall",
            "before a wall of giant fossils",
            (
                "Coiled shells and long ribs stand out in cream against dark slate. A scaffold of "
                "poles climbs toward an eye socket as large as a window."
            ),
            "slate chips",
            "a scaffold of poles",
            "giant fossils",
            ("fossil wall", "ribs in rock"),
            "grit trickles down the slate",
            "Go to the fossil wall",
            "dark",
        ),
    ),
    wins=(
        Place(
            "heart chamber",
            "in a spherical chamber of clear crystal",
            (
                "Light moves inside the walls like slow water and gathers at the middle. A ring "
                "of carved seats waits around it."
            ),
            "polished quartz",
            "a round door of quartz",
            "crystal chamber",
            ("crystal walls", "quartz sphere"),
            "light flows through the walls",
            "Enter the heart chamber",
            "room",
            title="The heart beats",
            subtitle="The stone sings back to {hero}.",
        ),
        Place(
            "green shaft",
            "at the bottom of a wide shaft open to the sky",
            (
                "Ferns and a waterfall line the walls up to a disc of blue. A basket lift waits "
                "on a thick rope."
            ),
            "wet moss",
            "daylight at the end of a passage",
            "waterfall",
            ("basket lift", "open shaft"),
            "spray drifts through the light",
            "Walk toward the daylight",
            title="Daylight",
            subtitle="The rope begins to rise.",
        ),
    ),
    losses=(
        Place(
            "fallen passage",
            "behind a fall of rock",
            (
                "Boulders fill the passage to the roof and a thread of dust turns in the lamp. "
                "Chalk arrows point into stone."
            ),
            "broken rock",
            "a passage with cracked props",
            "rock fall",
            ("boulders", "collapsed tunnel"),
            "pebbles click down the pile",
            "Hurry under the cracked props",
            "dark",
            title="The roof comes down",
            subtitle="The arrows point into stone.",
        ),
        Place(
            "lightless maze",
            "in a lightless maze of tunnels",
            (
                "Five round openings show in the last glow of a failing lamp, each the same. A "
                "thread on the floor ends in a frayed tuft."
            ),
            "powdery dust",
            "a cluster of round tunnels",
            "round tunnels",
            ("tunnel openings", "tunnels"),
            "the lamp shrinks to a red dot",
            "Choose a round tunnel",
            "dark",
            title="The lamp goes low",
            subtitle="Every tunnel sounds alike.",
        ),
    ),
    keys=(
        Key(
            "tuning fork",
            "A steel tuning fork hangs from a chain.",
            "Take the tuning fork",
            "The fork hums and grit dances on the stone around it.",
            "quartz door",
            "a quartz door veined with silver",
            "Strike the fork at the quartz door",
            "The quartz door hums faintly. A tuning fork would answer.",
        ),
        Key(
            "carbide lamp",
            "A carbide lamp hisses on a ledge.",
            "Take the carbide lamp",
            "White light fans over the rock and every edge grows a shadow.",
            "blind tunnel",
            "a blind tunnel of black slate",
            "Light the blind tunnel",
            "The slate tunnel swallows all light. A carbide lamp is bright enough.",
        ),
        Key(
            "crank handle",
            "A crank handle lies in a toolbox.",
            "Take the crank handle",
            "The handle lifts from oily rags, its square end shining.",
            "iron winch",
            "a stone slab hung from an iron winch",
            "Crank the iron winch",
            "The winch has a square socket for a crank handle.",
        ),
    ),
    acts=(
        Act(
            "ore cart brake",
            "A loaded cart leans against its brake.",
            "Release the ore cart",
            "The cart rolls away, sparks spraying from its wheels down the rails.",
        ),
        Act(
            "glow vein",
            "A dull blue vein runs along the rock.",
            "Tap the blue vein",
            "Blue light runs along the vein like a lit fuse and fades at the roof.",
        ),
    ),
    guide=Guide(
        "surveyor",
        "A gaunt surveyor in a chalk-dusted coat studies a map on a folding table.",
        "A surveyor who has mapped every level but the last and longs for company.",
        "Careful with the lamp, paper burns. Which level do you want?",
    ),
)
