"""Stations, ships, moons and far planets."""

from conjure.providers.author.builtin.places.parts import Act, Family, Guide, Key, Place
from conjure.providers.author.builtin.text import word_set

FAMILY = Family(
    key="stars",
    realm="stars",
    words=word_set(
        "space spaceship starship station astronaut cosmonaut planet mars moon lunar orbit rocket "
        "galaxy star stars alien asteroid comet colony satellite saturn jupiter venus "
        "interstellar cosmos cosmic android ai robot gravity nebula spacewalk universe 宇宙 月 "
        "космос станция планета فضاء قمر espace espacio weltraum"
    ),
    heroes=("station engineer", "comet surveyor", "lone astronaut"),
    attire="in a white pressure suit with orange stripes",
    things=("voice recorder", "seed archive", "drifting probe"),
    titles=("Long Orbit", "Quiet on Deck Nine", "The Seed Archive"),
    places=(
        Place(
            "docking bay",
            "in a wide docking bay",
            (
                "Yellow lines cross a grey deck toward a parked shuttle with its ramp down. A "
                "blue force curtain holds back the stars."
            ),
            "ribbed deck plates",
            "a bay door edged in yellow",
            "parked shuttle",
            ("shuttle", "small spacecraft"),
            "warning lights rotate",
            "Enter the docking bay",
            "room",
        ),
        Place(
            "ring corridor",
            "in the curved corridor of a ring station",
            (
                "White panels bend upward in both directions until floor meets ceiling. Round "
                "windows show the stars wheeling by."
            ),
            "soft grey matting",
            "a curved white corridor",
            "round windows",
            ("portholes", "corridor windows"),
            "starlight wheels along the floor",
            "Walk the ring corridor",
            "room",
        ),
        Place(
            "hydroponic garden",
            "inside a hydroponic garden",
            (
                "Lettuce, beans and sunflowers grow from white tubes under violet lamps. Dew "
                "hangs on every leaf like glass."
            ),
            "wet grating",
            "a hatch framed in leaves",
            "sunflowers",
            ("plant racks", "violet lamps"),
            "mist drifts between the racks",
            "Enter the hydroponic garden",
            "room",
        ),
        Place(
            "observation dome",
            "under the glass of an observation dome",
            (
                "A banded planet fills half the view and its rings cut the dark like a blade. Two "
                "empty chairs face the glass."
            ),
            "black carpet",
            "a ladder into starlight",
            "banded planet",
            ("ringed planet", "planet"),
            "storms crawl across the planet",
            "Climb to the observation dome",
        ),
        Place(
            "outer hull",
            "on the outer hull of the station",
            (
                "Solar wings spread like gold leaf on both sides and handrails lead over the "
                "curve. Below turns a world of cloud."
            ),
            "magnetic plates",
            "an airlock with a green lamp",
            "solar wing",
            ("solar panels", "gold panels"),
            "sunlight slides along the wings",
            "Go out onto the hull",
        ),
        Place(
            "reactor core",
            "on a catwalk around a reactor core",
            (
                "A column of blue plasma stands in a cage of rings and throws slow ripples on the "
                "walls. Cables as thick as trunks run into the deck."
            ),
            "steel catwalk",
            "a door striped black and yellow",
            "blue plasma column",
            ("reactor", "glowing column"),
            "the rings turn against each other",
            "Enter the reactor core",
            "dark",
        ),
        Place(
            "cargo spine",
            "in the long dark cargo spine",
            (
                "Containers in faded colours are stacked like streets. Work lamps make small "
                "islands of light far apart."
            ),
            "steel grating",
            "a freight lift",
            "stacked containers",
            ("cargo containers", "containers"),
            "a loose strap floats and curls",
            "Ride to the cargo spine",
            "dark",
        ),
        Place(
            "crater plain",
            "on a crater plain of fine grey dust",
            (
                "Bootprints cross the plain toward a silver lander on four legs. Sharp hills "
                "stand against a black sky full of stars."
            ),
            "powdery dust",
            "a ramp down to grey dust",
            "silver lander",
            ("lander", "spacecraft with legs"),
            "dust falls in slow arcs",
            "Walk onto the crater plain",
        ),
    ),
    wins=(
        Place(
            "bridge",
            "on the command bridge as its lights come on",
            (
                "Console after console wakes in green and amber around a wide window. A blue "
                "world rises over the sill."
            ),
            "polished deck",
            "a bridge door sliding open",
            "command consoles",
            ("consoles", "control panels"),
            "indicator lights ripple awake",
            "Enter the bridge",
            "room",
            title="All systems warm",
            subtitle="The station answers to {hero}.",
        ),
        Place(
            "landing meadow",
            "in a meadow beside a scorched capsule",
            (
                "Tall grass moves under a parachute of orange and white. Hills, clouds and a far "
                "lake fill the horizon."
            ),
            "soft grass",
            "a capsule with its hatch lit green",
            "space capsule",
            ("capsule", "landed capsule"),
            "the parachute breathes on the grass",
            "Board the capsule",
            title="Grass again",
            subtitle="The sky is blue from this side.",
        ),
    ),
    losses=(
        Place(
            "open drift",
            "floating free above the station",
            (
                "A cut tether curls like a ribbon and the ring station shrinks to a bracelet. "
                "Stars fill every side."
            ),
            "open space",
            "an open airlock with a worn tether",
            "ring station",
            ("distant station", "small station"),
            "the tether curls slowly",
            "Jump from the airlock",
            "dark",
            title="Drifting",
            subtitle="The radio fades into starlight.",
        ),
        Place(
            "sealed section",
            "behind a sealed blast door",
            (
                "Red lamps pulse on frost-covered walls and a small window shows the corridor "
                "beyond. Breath hangs in the beam of a torch."
            ),
            "frosted plates",
            "a corridor pulsing red",
            "blast door",
            ("sealed door", "metal door"),
            "red light pulses on frost",
            "Run down the red corridor",
            "dark",
            title="Sealed",
            subtitle="The door waits for a signal from outside.",
        ),
    ),
    keys=(
        Key(
            "access chip",
            "An access chip glows in an open console.",
            "Take the access chip",
            "The chip slides free and a thread of cyan light follows it.",
            "blast hatch",
            "a blast hatch with a cyan slot",
            "Slot the chip into the hatch",
            "The blast hatch has a cyan slot for an access chip.",
        ),
        Key(
            "power cell",
            "A power cell hums in a wall cradle.",
            "Lift the power cell",
            "The cell lifts out and amber light pulses through its ribs.",
            "dark lift",
            "a lift with an empty power cradle",
            "Power the dark lift",
            "The lift has an empty cradle. A power cell fits.",
        ),
        Key(
            "oxygen tank",
            "A white oxygen tank is strapped beside a bench.",
            "Take the oxygen tank",
            "Straps fall open and the gauge swings into green.",
            "outer airlock",
            "an outer airlock with a pressure dial",
            "Open the outer airlock",
            "The outer airlock asks for a full oxygen tank.",
        ),
    ),
    acts=(
        Act(
            "star projector",
            "A star projector sits dark on a tripod.",
            "Start the star projector",
            "Constellations spread over every surface in lines of pale gold.",
        ),
        Act(
            "service drone",
            "A round service drone rests in its charger.",
            "Wake the service drone",
            "The drone lifts, its single eye opening teal, and circles overhead.",
        ),
    ),
    guide=Guide(
        "maintenance robot",
        "A maintenance robot with one dented shoulder polishes a porthole.",
        "A courteous maintenance robot that has kept the station tidy for ninety years.",
        "Good cycle. You are the first footsteps I have heard in a while. May I assist?",
    ),
)
