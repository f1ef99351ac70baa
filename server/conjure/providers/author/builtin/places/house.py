"""Mansions, libraries, museums, schools, theatres."""

from conjure.providers.author.builtin.places.parts import Act, Family, Guide, Key, Place
from conjure.providers.author.builtin.text import word_set

FAMILY = Family(
    key="house",
    realm="sky",
    words=word_set(
        "house mansion library librarian museum school hotel ghost haunted attic basement piano "
        "painting mirror doll butler manor book books archive hospital theatre theater opera "
        "curator painter student toy toys grandmother grandfather clock room apartment home "
        "violin portrait candle 家 図書館 дом библиотека بيت مكتبة maison casa haus bibliothek"
    ),
    heroes=("night librarian", "new caretaker", "piano tuner"),
    attire="in a dark wool coat with a brass badge",
    things=("unfinished portrait", "music box", "book that writes itself"),
    titles=("The Unlit Wing", "Every Clock but One", "The House of Low Doors"),
    places=(
        Place(
            "front steps",
            "on the front steps of a tall old house",
            (
                "Stone lions flank the door and ivy reaches the third row of windows. One curtain "
                "on the upper floor is drawn aside."
            ),
            "mossy steps",
            "a gravel drive to the front steps",
            "stone lions",
            ("lion statues", "front steps"),
            "ivy leaves shiver on the wall",
            "Walk up the front steps",
        ),
        Place(
            "entrance hall",
            "in a black-and-white tiled entrance hall",
            (
                "A double staircase curves up to a landing with a tall clock. Umbrellas, canes "
                "and a stuffed heron crowd the stand by the door."
            ),
            "chequered tiles",
            "a heavy front door",
            "double staircase",
            ("grand staircase", "curved stairs"),
            "the pendulum swings in the tall clock",
            "Enter the hall",
            "room",
        ),
        Place(
            "long library",
            "in a long library on two floors",
            (
                "Ladders on rails lean against shelves of leather and gilt. A globe as high as a "
                "table stands in a pool of lamplight."
            ),
            "faded carpet",
            "a door padded in green baize",
            "globe",
            ("large globe", "library globe"),
            "pages stir on an open book",
            "Enter the long library",
            "room",
        ),
        Place(
            "music room",
            "in a music room with shuttered windows",
            (
                "A grand piano stands under a sheet, its lid propped with a book. Gilt chairs "
                "face it in three curved rows."
            ),
            "herringbone parquet",
            "a white double door",
            "grand piano",
            ("piano", "covered piano"),
            "dust swims in bars of light",
            "Enter the music room",
            "room",
        ),
        Place(
            "glass conservatory",
            "in a glass conservatory full of palms",
            (
                "Iron ribs curve overhead, and vines hang between cracked panes. A small fountain "
                "holds three orange fish."
            ),
            "terracotta tiles",
            "a glass door misted green",
            "palm trees",
            ("palms", "indoor fountain"),
            "beads of water slide down the panes",
            "Enter the glass conservatory",
        ),
        Place(
            "attic",
            "under the beams of a wide attic",
            (
                "Trunks, hat stands and a rocking horse stand in rows beneath a round window. "
                "Sheets turn old chairs into pale hills."
            ),
            "dusty planks",
            "a folding ladder",
            "rocking horse",
            ("wooden horse", "old trunks"),
            "the rocking horse nods by itself",
            "Climb to the attic",
            "dark",
        ),
        Place(
            "portrait gallery",
            "in a narrow portrait gallery",
            (
                "Gold frames hang in double rows, and painted eyes follow from both sides. One "
                "frame at the end holds bare canvas."
            ),
            "a red runner",
            "an arch hung with velvet",
            "gold frames",
            ("portraits", "picture frames"),
            "candle flames bow as if someone passed",
            "Walk the portrait gallery",
            "room",
        ),
        Place(
            "cellar",
            "in a vaulted wine cellar",
            (
                "Brick arches repeat into the dark over racks of green bottles. A draught stirs "
                "the cobwebs around a small low door."
            ),
            "cold brick",
            "a stair below the kitchen",
            "bottle racks",
            ("wine racks", "brick arches"),
            "cobwebs lift in the draught",
            "Go down to the cellar",
            "dark",
        ),
    ),
    wins=(
        Place(
            "hidden study",
            "in a round study behind the shelves",
            (
                "A lamp with a green shade burns over an open diary. Shelves of small models and "
                "maps circle the walls up to a painted ceiling."
            ),
            "a thick rug",
            "a bookcase standing ajar",
            "green lamp",
            ("desk lamp", "open diary"),
            "diary pages turn slowly",
            "Enter the hidden study",
            "room",
            title="The last page",
            subtitle="The house tells {hero} its secret.",
        ),
        Place(
            "lit ballroom",
            "at the edge of a ballroom ablaze with candles",
            (
                "Chandeliers burn gold above a polished floor where pale dancers turn. Every "
                "mirror shows a different year."
            ),
            "polished parquet",
            "doors with music behind them",
            "chandelier",
            ("chandeliers", "ballroom"),
            "dancers turn in slow circles",
            "Open the ballroom doors",
            "room",
            title="The dance goes on",
            subtitle="The old house is awake and glad.",
        ),
    ),
    losses=(
        Place(
            "endless corridor",
            "in a corridor of identical doors",
            (
                "Brass numbers repeat the same figure on each door and the wallpaper pattern "
                "slides as one walks. A lamp goes dark at the far end."
            ),
            "a patterned runner",
            "a corridor of many doors",
            "identical doors",
            ("corridor doors", "row of doors"),
            "lamps dim one after another",
            "Run down the corridor",
            "dark",
            title="Room after room",
            subtitle="Every door opens on this corridor.",
        ),
        Place(
            "mirror side",
            "behind the glass of a tall mirror",
            (
                "The hall lies beyond the pane, warm and reversed. A reflection stands there, "
                "lifts a hand and walks away."
            ),
            "grey silk floor",
            "a mirror with a damp surface",
            "tall mirror",
            ("mirror", "mirror frame"),
            "the warm hall fades to silver",
            "Step through the mirror",
            "dark",
            title="The other side of the glass",
            subtitle="The reflection leaves first.",
        ),
    ),
    keys=(
        Key(
            "silver key",
            "A small silver key glints inside a teacup.",
            "Take the silver key",
            "The silver key turns in the air and throws a star on the wall.",
            "panelled door",
            "a panelled door with a silver plate",
            "Unlock the panelled door",
            "The panelled door has a silver plate and a tiny keyhole.",
        ),
        Key(
            "candelabrum",
            "A three-armed candelabrum stands on the sill.",
            "Light the candelabrum",
            "Three flames rise and shadows swing over the walls.",
            "unlit wing",
            "an unlit wing behind a rope",
            "Carry the candles into the unlit wing",
            "The wing behind the rope is dark. Candles would help.",
        ),
        Key(
            "blue book",
            "A blue book lies open on a chair.",
            "Take the blue book",
            "The book closes with a puff of dust and its spine shows a gold moon.",
            "gapped shelf",
            "a bookcase with one gap",
            "Return the book to the gap",
            "One gap in the bookcase is as wide as a blue book.",
        ),
    ),
    acts=(
        Act(
            "phonograph",
            "A phonograph with a brass horn stands ready.",
            "Wind the phonograph",
            "The disc turns and dust dances in the mouth of the horn.",
        ),
        Act(
            "heavy curtain",
            "A heavy curtain covers a tall window.",
            "Draw back the curtain",
            "A broad beam crosses the floor and the dust turns to gold.",
        ),
    ),
    guide=Guide(
        "old butler",
        "An old butler in white gloves holds a silver tray with a single letter.",
        "An old butler, exact and kind, who has served the house through four owners.",
        "Good evening. The house has been expecting somebody. How may I help?",
    ),
)
