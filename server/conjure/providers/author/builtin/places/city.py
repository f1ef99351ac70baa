"""Streets, rooftops, neon and rain."""

from conjure.providers.author.builtin.places.parts import Act, Family, Guide, Key, Place
from conjure.providers.author.builtin.text import word_set

FAMILY = Family(
    key="city",
    realm="sky",
    words=word_set(
        "city street streets detective neon cyberpunk rooftop rooftops alley hacker cop police "
        "taxi skyscraper subway metro apartment noir paris london tokyo york berlin venice cafe "
        "bar jazz thief courier heist bank spy gangster office shop store cyborg android megacity "
        "ramen barista musician casino theater theatre 街 都市 город مدينة ville ciudad stadt città"
    ),
    heroes=("night courier", "private detective", "rooftop runner"),
    attire="in a long grey coat with the collar up",
    things=("missing photograph", "silver cassette", "red umbrella"),
    titles=("Last Tram", "Rain on Ninth Street", "The Lit Window"),
    places=(
        Place(
            "wet crossing",
            "at a wide street crossing between tall buildings",
            (
                "Painted stripes shine on dark asphalt and signals blink above a row of parked "
                "cabs. Shop windows throw coloured squares on the pavement."
            ),
            "wet asphalt",
            "a striped crossing",
            "striped crossing",
            ("crosswalk", "zebra crossing"),
            "signals change colour in turn",
            "Walk to the wet crossing",
        ),
        Place(
            "narrow alley",
            "in a narrow brick alley",
            (
                "Fire escapes climb both walls and laundry hangs between them. Steam rises from a "
                "grate beside stacked crates."
            ),
            "uneven cobbles",
            "a brick alley",
            "fire escape",
            ("iron stairs", "metal ladder"),
            "steam rises from the grate",
            "Slip into the narrow alley",
        ),
        Place(
            "noodle bar",
            "at the counter of a tiny noodle bar",
            (
                "Red paper lamps hang over five stools, and a cook moves behind a curtain of "
                "steam. Bowls are stacked to the ceiling."
            ),
            "tiled floor",
            "a doorway with a red curtain",
            "red paper lamps",
            ("paper lamps", "red lanterns"),
            "steam rolls along the ceiling",
            "Enter the noodle bar",
            "room",
        ),
        Place(
            "tram stop",
            "at a tram stop under a glass shelter",
            (
                "Rails gleam in two curves and a yellow tram waits with its doors folded open. "
                "Posters peel on an advertising column."
            ),
            "slick paving",
            "rails curving around a corner",
            "yellow tram",
            ("tram", "streetcar"),
            "overhead wires spark blue",
            "Go to the tram stop",
        ),
        Place(
            "rooftop",
            "on a flat rooftop among water tanks",
            (
                "Antennas and vents stand like a small forest against the skyline. A pigeon loft "
                "is painted sky blue."
            ),
            "tar and gravel",
            "a ladder to the roof",
            "pigeon loft",
            ("blue loft", "bird house"),
            "pigeons circle and settle",
            "Climb to the rooftop",
        ),
        Place(
            "records room",
            "in a records room lined with steel cabinets",
            (
                "Green lamps stand on long desks and a wall map bristles with pins and red "
                "thread. Tall shelves vanish toward the ceiling."
            ),
            "worn linoleum",
            "a frosted glass door",
            "wall map",
            ("pinned map", "map with pins"),
            "a ceiling fan turns slowly",
            "Enter the records room",
            "room",
        ),
        Place(
            "underpass",
            "in a tiled underpass below the street",
            (
                "Cracked tiles shine under a single tube lamp and murals of fish cover the curve "
                "of the wall. Stairs rise at both ends."
            ),
            "damp concrete",
            "stairs going below the street",
            "fish mural",
            ("mural", "painted wall"),
            "the tube lamp flickers",
            "Take the underpass",
            "dark",
        ),
        Place(
            "canal quay",
            "on a quay beside a dark canal",
            (
                "Iron lamps repeat themselves in the water and barges lie nose to tail. A stone "
                "bridge arches toward a clock tower."
            ),
            "smooth cobbles",
            "steps down to a canal",
            "stone bridge",
            ("canal bridge", "arched bridge"),
            "lamplight wobbles on the canal",
            "Go down to the canal quay",
        ),
    ),
    wins=(
        Place(
            "lit window",
            "in a warm room behind the last lit window",
            (
                "A record turns on a player and papers cover a round table. Through the glass the "
                "whole city glitters."
            ),
            "a worn carpet",
            "a stair to one lit window",
            "round table",
            ("table", "paper-covered table"),
            "the record turns",
            "Climb to the lit window",
            "room",
            title="The last light on",
            subtitle="The city makes sense from up here.",
        ),
        Place(
            "morning square",
            "in a wide square at sunrise",
            (
                "Sweepers push silver water over the stones and pigeons lift in a wave. Golden "
                "light reaches the top of the clock tower."
            ),
            "rinsed paving",
            "an avenue bright at its end",
            "clock tower",
            ("clock", "tower"),
            "pigeons lift and wheel",
            "Walk toward the sunrise",
            title="Morning edition",
            subtitle="The square belongs to {hero}.",
        ),
    ),
    losses=(
        Place(
            "dead end",
            "at the end of a walled yard",
            (
                "Searchlights slide over brick and a steel shutter is down. Blue and red light "
                "flickers around the corner."
            ),
            "oily concrete",
            "a yard gate standing open",
            "steel shutter",
            ("metal shutter", "closed shutter"),
            "searchlights sweep the bricks",
            "Run through the yard gate",
            "dark",
            title="Cornered",
            subtitle="The sirens come closer.",
        ),
        Place(
            "last train",
            "inside an empty carriage that is leaving",
            (
                "Rows of green seats face dark windows and the platform slides away. A forgotten "
                "hat rolls along the aisle."
            ),
            "ribbed floor",
            "a train with its doors closing",
            "green seats",
            ("train seats", "empty seats"),
            "platform lamps slide past",
            "Jump on the closing train",
            "room",
            title="The wrong train",
            subtitle="The next stop is far away.",
        ),
    ),
    keys=(
        Key(
            "door card",
            "A striped door card lies under a saucer.",
            "Take the door card",
            "The card tilts and its foil strip runs through every colour.",
            "card reader",
            "a steel door with a blinking reader",
            "Swipe the card at the steel door",
            "The reader on the steel door blinks red. It wants a striped card.",
        ),
        Key(
            "skeleton key",
            "A skeleton key hangs from a ring of keys behind a poster.",
            "Take the ring of keys",
            "The keys fan open, one of them longer than the rest.",
            "grated door",
            "a grated door with an old lock",
            "Unlock the grated door",
            "The grated door has an old lock and wants an old key.",
        ),
        Key(
            "fuse",
            "A ceramic fuse sits in an open box on the wall.",
            "Take the ceramic fuse",
            "The fuse comes free with a blue spark.",
            "stalled lift",
            "a stalled lift with an open panel",
            "Set the fuse in the lift",
            "The panel of the lift has a gap for a fuse.",
        ),
    ),
    acts=(
        Act(
            "neon sign",
            "A dark neon sign hangs over a switch box.",
            "Switch on the neon sign",
            "The sign stutters alive and pink light runs down every wet edge.",
        ),
        Act(
            "jukebox",
            "A chrome jukebox stands against the wall.",
            "Play the jukebox",
            "Bars of amber and green climb the chrome arch and a record drops.",
        ),
    ),
    guide=Guide(
        "newspaper seller",
        "A newspaper seller in a flat cap leans on a stack of late editions.",
        "A newspaper seller who hears everything first and sells most of it.",
        "Late edition, early rumours. Which do you want?",
    ),
)
