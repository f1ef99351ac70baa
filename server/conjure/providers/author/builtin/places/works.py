"""Trains, factories, clocks, airships and machines."""

from conjure.providers.author.builtin.places.parts import Act, Family, Guide, Key, Place
from conjure.providers.author.builtin.text import word_set

FAMILY = Family(
    key="works",
    realm="sky",
    words=word_set(
        "train railway factory machine machines clock clocks clockmaker clockwork steampunk "
        "engineer inventor airship zeppelin steam robot mechanic workshop gear gears conductor "
        "locomotive engine power plant dam balloon laboratory lab scientist toy toymaker "
        "automaton watchmaker pilot plane postal post sky cloud clouds 電車 工場 поезд завод قطار "
        "مصنع usine fábrica zug fabrik"
    ),
    heroes=("signal engineer", "clock mender", "airship mechanic"),
    attire="in a leather apron and round goggles",
    things=("first automaton", "brass nightingale", "thirteenth gear"),
    titles=("The Thirteenth Gear", "Steam at Dawn", "Every Second Stop"),
    places=(
        Place(
            "station platform",
            "on the platform of a glass-roofed station",
            (
                "Iron ribs carry sooty panes above two tracks and a line of mail carts. A green "
                "locomotive breathes steam at the buffer."
            ),
            "worn paving",
            "an iron footbridge",
            "green locomotive",
            ("locomotive", "steam engine"),
            "steam rolls along the platform",
            "Walk onto the platform",
        ),
        Place(
            "turbine hall",
            "in a tall turbine hall",
            (
                "Copper housings stand in a row like sleeping whales under a travelling crane. "
                "Gauges glow in panels of black slate."
            ),
            "chequered steel",
            "a sliding steel door",
            "copper turbines",
            ("turbines", "copper housings"),
            "needles tremble on the gauges",
            "Enter the turbine hall",
            "room",
        ),
        Place(
            "clockwork room",
            "inside the works of a great clock",
            (
                "Brass wheels taller than a door turn at different speeds and a pendulum passes "
                "like a slow axe. The pale dial glows from behind."
            ),
            "oiled planks",
            "a ladder among turning gears",
            "brass gears",
            ("gears", "brass wheels"),
            "gears tick around in steps",
            "Climb into the clockwork",
            "room",
        ),
        Place(
            "airship dock",
            "on a mooring tower beside a tethered airship",
            (
                "A striped hull as long as a street hangs above the rail, its propellers still. "
                "Rope ladders sway over small roofs far below."
            ),
            "riveted plates",
            "a mooring tower stair",
            "striped airship",
            ("airship", "zeppelin"),
            "mooring lines creak",
            "Climb to the airship dock",
        ),
        Place(
            "tinker's workshop",
            "in a cluttered tinker's workshop",
            (
                "Half-built birds and hands of brass lie beneath a magnifying lamp. Drawers with "
                "tiny labels cover the wall."
            ),
            "shavings and screws",
            "a workshop door with a bell",
            "brass birds",
            ("clockwork birds", "mechanical birds"),
            "a brass wing opens and shuts",
            "Enter the tinker's workshop",
            "room",
        ),
        Place(
            "signal cabin",
            "in a signal cabin above the tracks",
            (
                "A row of coloured levers stands before a long window. Small lamps on a board "
                "show the whole railway in red and green."
            ),
            "polished boards",
            "a wooden stair to a cabin",
            "coloured levers",
            ("levers", "signal levers"),
            "board lamps blink in sequence",
            "Climb to the signal cabin",
            "room",
        ),
        Place(
            "boiler tunnel",
            "in a service tunnel beside the boilers",
            (
                "Pipes wrapped in cloth run along the wall and furnace doors glow like orange "
                "teeth. Coal heaps shine in the flicker."
            ),
            "coal dust",
            "a hatch breathing warm air",
            "furnace doors",
            ("boilers", "glowing furnace"),
            "firelight jumps along the pipes",
            "Enter the boiler tunnel",
            "dark",
        ),
        Place(
            "viaduct",
            "on a brick viaduct above a foggy valley",
            (
                "Rails run straight along the arches toward a red signal mast. Treetops and one "
                "church spire rise from the valley below."
            ),
            "ballast stones",
            "tracks leaving the roof",
            "signal mast",
            ("red signal", "railway signal"),
            "fog slides under the arches",
            "Walk out along the viaduct",
        ),
    ),
    wins=(
        Place(
            "engine heart",
            "on the footplate of a great engine in motion",
            (
                "Gauges stand in the green and the firebox paints everything copper. Ahead, the "
                "rails run into a wide sunrise."
            ),
            "trembling steel",
            "a footplate with its lamp lit",
            "firebox",
            ("engine controls", "furnace"),
            "sparks stream past",
            "Board the footplate",
            title="Full steam",
            subtitle="{hero} holds the timetable now.",
        ),
        Place(
            "dome of gears",
            "beneath a glass dome of golden gears",
            (
                "Every wheel turns in step and light ripples over the floor in circles. A brass "
                "orchestra lifts its instruments."
            ),
            "inlaid brass",
            "a round door of interlocking teeth",
            "golden gears",
            ("gear dome", "brass orchestra"),
            "circles of light cross the floor",
            "Enter the dome of gears",
            "room",
            title="Everything in time",
            subtitle="The great mechanism runs true.",
        ),
    ),
    losses=(
        Place(
            "runaway carriage",
            "in a swaying carriage on the wrong track",
            (
                "Cases slide along the aisle and the window is a streak of trees. The next "
                "station flashes past, lamps and all."
            ),
            "a tilting floor",
            "a carriage with loose couplings",
            "swaying carriage",
            ("train carriage", "carriage aisle"),
            "lamps swing in wide arcs",
            "Jump into the loose carriage",
            "room",
            title="Express to elsewhere",
            subtitle="The signals flash past in red.",
        ),
        Place(
            "jammed works",
            "between two stopped wheels of the great clock",
            (
                "Bent teeth hold each other fast and a last spring uncoils in the dust. The dial "
                "goes grey from edge to middle."
            ),
            "scattered cogs",
            "a shaft where wheels grind",
            "bent gears",
            ("jammed gears", "broken gears"),
            "a spring uncoils slowly",
            "Climb into the grinding shaft",
            "dark",
            title="The hands stand still",
            subtitle="The great clock holds its breath.",
        ),
    ),
    keys=(
        Key(
            "winding key",
            "A winding key with two wings lies on a felt pad.",
            "Take the winding key",
            "The winged key turns over and its brass teeth gleam.",
            "clockwork door",
            "a clockwork door with a square spindle",
            "Wind the clockwork door",
            "The clockwork door has a square spindle for a winding key.",
        ),
        Key(
            "pressure gauge",
            "A spare pressure gauge ticks in its box.",
            "Take the pressure gauge",
            "The gauge wakes, its needle sweeping into the green.",
            "steam gate",
            "a steam gate with a missing gauge",
            "Fit the gauge to the steam gate",
            "The steam gate hisses around an open pipe. A gauge would close it.",
        ),
        Key(
            "punched ticket",
            "A punched ticket is clipped beneath a lamp.",
            "Take the punched ticket",
            "Light shines through the ticket and draws a star on the wall.",
            "brass turnstile",
            "a brass turnstile with a ticket slot",
            "Feed the ticket to the turnstile",
            "The turnstile reads a ticket with a star of holes.",
        ),
    ),
    acts=(
        Act(
            "steam whistle",
            "A chain hangs from a steam whistle.",
            "Pull the whistle chain",
            "A plume of steam leaps up and hides the roof for a moment.",
        ),
        Act(
            "brass songbird",
            "A brass songbird perches on a spring.",
            "Wind the brass songbird",
            "The bird spreads enamel feathers and circles on a wire of light.",
        ),
    ),
    guide=Guide(
        "station master",
        "A station master with a silver watch stands straight beside a barrier.",
        "A station master devoted to punctuality who softens for anyone polite.",
        "You are eleven seconds early, which is the proper way. Where to?",
    ),
)
