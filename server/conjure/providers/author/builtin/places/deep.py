"""Under water: wrecks, drowned cities, diving stations."""

from conjure.providers.author.builtin.places.parts import Act, Family, Guide, Key, Place
from conjure.providers.author.builtin.text import word_set

FAMILY = Family(
    key="deep",
    realm="deep",
    words=word_set(
        "underwater submarine diver drowned sunken reef abyss trench coral submerged seabed "
        "atlantis undersea mermaid octopus jellyfish fish dive diving kraken squid bathysphere "
        "depths 海底 潜水 подводный"
    ),
    heroes=("salvage diver", "reef warden", "deep-sea surveyor"),
    attire="in a copper-collared diving suit",
    things=("singing pearl", "lost bathysphere", "crown of coral"),
    titles=("Forty Fathoms", "The Quiet Reef", "Bells Below"),
    places=(
        Place(
            "coral terrace",
            "on a terrace of branching coral",
            (
                "Orange fans and violet tubes rise in steps like a garden. A school of silver "
                "fish turns as one, each body a flake of light."
            ),
            "pale sand",
            "a slope of bright coral",
            "coral fan",
            ("orange coral", "sea fan"),
            "sea fans lean with the current",
            "Swim to the coral terrace",
        ),
        Place(
            "sunken avenue",
            "on a broad avenue of a sunken city",
            (
                "Toppled columns lie along the paving and a bronze statue stands waist-deep in "
                "sand. Weed streams from every window like green flags."
            ),
            "silted paving",
            "a row of drowned columns",
            "bronze statue",
            ("sunken statue", "green statue"),
            "weed streams from the windows",
            "Follow the sunken avenue",
        ),
        Place(
            "kelp forest",
            "between the stems of a tall kelp forest",
            (
                "Amber ribbons climb from the floor to a ceiling of light. A narrow lane winds "
                "between them, lined with round sea urchins."
            ),
            "rippled sand",
            "a lane between kelp stems",
            "kelp stems",
            ("tall kelp", "amber ribbons"),
            "the whole forest sways in slow time",
            "Drift into the kelp forest",
        ),
        Place(
            "dome station",
            "inside a glass dome station on the sea floor",
            (
                "Riveted ribs hold curved panes, and beyond them dark water moves. Dials glow "
                "amber above a row of hanging helmets."
            ),
            "ribbed metal",
            "a round airlock door",
            "hanging helmets",
            ("diving helmets", "row of helmets"),
            "bubbles slide up the outside of the glass",
            "Enter the dome station",
            "room",
        ),
        Place(
            "wreck hold",
            "in the cargo hold of a sunken galleon",
            (
                "Curved timbers arch overhead like the inside of a whale. Clay jars lie in "
                "drifts, and one beam of light falls through a torn deck."
            ),
            "tilted timbers",
            "a gap in a wooden hull",
            "clay jars",
            ("amphorae", "old jars"),
            "silt turns in the single beam",
            "Swim into the wreck hold",
            "dark",
        ),
        Place(
            "vent field",
            "on a field of tall mineral chimneys",
            (
                "Black chimneys breathe dark plumes, crusted with sulphur yellow. Pale crabs and "
                "scarlet tube worms crowd the warm stone."
            ),
            "black gravel",
            "a ridge of smoking chimneys",
            "mineral chimney",
            ("smoking chimney", "rock chimney"),
            "plumes waver like ink",
            "Cross the vent field",
            "dark",
        ),
        Place(
            "bell tower",
            "beside a drowned bell tower",
            (
                "A great bell hangs in an open arch, furred with barnacles. Lantern fish circle "
                "the tower like slow sparks."
            ),
            "carved stone",
            "a tower leaning in blue water",
            "great bell",
            ("bronze bell", "barnacled bell"),
            "lantern fish circle slowly",
            "Rise to the bell tower",
        ),
        Place(
            "pearl grotto",
            "inside a round grotto lined with shells",
            (
                "Nacre covers the walls in rings of pink and green. Giant clams rest in a circle, "
                "their edges pulsing with blue dots."
            ),
            "smooth nacre",
            "a round opening rimmed with shells",
            "giant clam",
            ("open clam", "large shell"),
            "blue dots pulse along the shells",
            "Slip into the pearl grotto",
            "dark",
        ),
    ),
    wins=(
        Place(
            "air garden",
            "in a garden under a great bubble of air",
            (
                "Ferns and white roses grow on terraces, and the sea forms a blue vault above. A "
                "ring of stone seats faces a fountain of light."
            ),
            "mossy stone",
            "a silver wall of trembling air",
            "fountain",
            ("stone fountain", "fountain of light"),
            "petals drift from the terraces",
            "Step through the silver wall",
            title="A breath of green",
            subtitle="The garden below the sea has a visitor again.",
        ),
        Place(
            "sunlit ascent",
            "in clear water just below the surface",
            (
                "The surface ripples overhead like hammered gold and the round hull of a boat "
                "waits in the light. A rope ladder hangs down, its rungs bright."
            ),
            "open water",
            "a rope ladder hanging in the light",
            "boat hull",
            ("boat from below", "round hull"),
            "gold ripples run over everything",
            "Rise to the sunlit water",
            title="Up into gold",
            subtitle="{hero} comes home with a story.",
        ),
    ),
    losses=(
        Place(
            "silent trench",
            "on a ledge of a trench wall, deep in indigo water",
            (
                "The wall drops away into darkness and a lone lamp beam fades after an arm's "
                "length. Pale snow sinks past, flake by flake."
            ),
            "a narrow ledge",
            "a drop into indigo water",
            "trench wall",
            ("dark cliff", "rock wall"),
            "pale snow sinks past",
            "Sink into the trench",
            "dark",
            title="Too deep",
            subtitle="The lamp dims and the blue grows wide.",
        ),
        Place(
            "tangle of nets",
            "in a tangle of drifting nets",
            (
                "Grey mesh folds in from all sides, hung with glass floats. Beyond it the city "
                "lights waver, small and far."
            ),
            "slack rope",
            "a curtain of drifting nets",
            "glass floats",
            ("net floats", "fishing net"),
            "mesh folds and unfolds",
            "Push through the drifting nets",
            title="Caught",
            subtitle="The nets hold what they find.",
        ),
    ),
    keys=(
        Key(
            "pressure valve",
            "A red pressure valve rests in a nest of cable.",
            "Take the pressure valve",
            "The red wheel comes free in a burst of small bubbles.",
            "airlock wheel",
            "a sealed airlock with a bare spindle",
            "Fit the valve to the airlock",
            "The airlock has a bare spindle. A red valve would turn it.",
        ),
        Key(
            "glow lamp",
            "A glow lamp blinks green inside an open locker.",
            "Switch on the glow lamp",
            "A cone of green light reaches ahead, full of drifting specks.",
            "black passage",
            "a passage of ink-black water",
            "Light the black passage",
            "The passage is ink black. A glow lamp would show the way.",
        ),
        Key(
            "conch horn",
            "A spiral conch horn lies on a stone shelf.",
            "Lift the conch horn",
            "The conch turns in the current and its inside shines rose pink.",
            "stone gate",
            "a stone gate carved with singing fish",
            "Sound the conch at the stone gate",
            "The carved fish on the gate are singing. A conch would answer them.",
        ),
    ),
    acts=(
        Act(
            "beacon buoy",
            "A small beacon buoy is tethered to a ring.",
            "Release the beacon buoy",
            "The buoy rises on its tether and paints the water with a turning red light.",
        ),
        Act(
            "sand drift",
            "A drift of sand half covers a mosaic.",
            "Sweep the sand from the mosaic",
            "Sand lifts in a golden cloud and a mosaic of blue and white tiles appears.",
        ),
    ),
    guide=Guide(
        "old diver",
        "An old diver in a dented copper helmet waits beside a tether, one palm raised.",
        "A patient salvage diver who speaks over a crackling line and knows every current here.",
        "Line check, I hear you clear. Where are you headed?",
    ),
)
