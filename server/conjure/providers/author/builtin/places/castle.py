"""Castles, dragons, courts and dungeons."""

from conjure.providers.author.builtin.places.parts import Act, Family, Guide, Key, Place
from conjure.providers.author.builtin.text import word_set

FAMILY = Family(
    key="castle",
    realm="sky",
    words=word_set(
        "castle knight king queen prince princess dragon dungeon wizard sorcerer sword throne "
        "kingdom tower squire jester moat crown medieval goblin troll siege armor armour "
        "blacksmith bard oracle fortress palace samurai ninja shogun vampire goblet mage magic 城 "
        "騎士 замок рыцарь король قلعة ملك château castillo burg ritter"
    ),
    heroes=("wandering knight", "young squire", "court cartographer"),
    attire="in a travel-worn blue surcoat",
    things=("sleeping crown", "dragon's egg", "broken oath-stone"),
    titles=("The Hollow Crown", "A Banner in the Rain", "Oath and Ember"),
    places=(
        Place(
            "drawbridge",
            "at the outer end of a lowered drawbridge",
            (
                "Chains as thick as arms rise to a gatehouse hung with faded banners. Lilies "
                "float on the moat below."
            ),
            "oak planks",
            "a lowered drawbridge",
            "drawbridge",
            ("castle bridge", "gatehouse"),
            "banners lift and fall",
            "Cross the drawbridge",
        ),
        Place(
            "great courtyard",
            "in a great castle courtyard",
            (
                "A well with a pointed roof stands among carts and hay. Galleries of dark timber "
                "look down from three sides."
            ),
            "rounded cobbles",
            "an arched gateway",
            "covered well",
            ("stone well", "well"),
            "doves walk along the roof ridge",
            "Enter the great courtyard",
        ),
        Place(
            "banquet hall",
            "inside a long banquet hall",
            (
                "Tables laid with pewter run toward a hearth big enough to stand in. Tapestries "
                "of hunts and ships cover the stone."
            ),
            "rush-strewn flags",
            "tall oak doors",
            "stone hearth",
            ("great fireplace", "hearth"),
            "firelight climbs the tapestries",
            "Enter the banquet hall",
            "room",
        ),
        Place(
            "wall walk",
            "on a wall walk between battlements",
            (
                "Notched stone frames fields, a river and a far dark wood. A spiked iron basket "
                "waits for its fire."
            ),
            "worn stone",
            "a stair along the wall",
            "battlements",
            ("castle wall", "stone wall"),
            "ravens hop along the stone",
            "Climb to the wall walk",
        ),
        Place(
            "chapel",
            "inside a small royal chapel",
            (
                "Coloured glass throws blue and crimson lozenges across carved tombs. A marble "
                "knight sleeps with a hound at the feet."
            ),
            "marble slabs",
            "a pointed chapel door",
            "marble knight",
            ("stone knight", "tomb statue"),
            "coloured light creeps over the marble",
            "Enter the chapel",
            "room",
        ),
        Place(
            "armoury",
            "in a vaulted armoury",
            (
                "Rows of helmets shine on wooden heads and round shields hang like moons. A "
                "workbench holds files and a half-mended gauntlet."
            ),
            "sawdust",
            "a studded door",
            "round shields",
            ("shields", "row of shields"),
            "a grindstone turns by itself",
            "Enter the armoury",
            "room",
        ),
        Place(
            "dungeon stair",
            "on a stair that winds below the keep",
            (
                "Wet stone curves around a central pillar and iron rings hang at every turn. A "
                "faint red glow breathes from below."
            ),
            "slick steps",
            "a stair going down behind a grille",
            "winding stair",
            ("spiral stairs", "stone stairs"),
            "the red glow swells and fades",
            "Descend the dungeon stair",
            "dark",
        ),
        Place(
            "walled garden",
            "in a walled rose garden",
            (
                "Gravel paths cross at a sundial and pale roses climb the brick. A peacock trails "
                "its feathers past a stone bench."
            ),
            "raked gravel",
            "a green door in a brick wall",
            "sundial",
            ("stone sundial", "garden sundial"),
            "rose petals fall on the gravel",
            "Enter the walled garden",
        ),
    ),
    wins=(
        Place(
            "throne room",
            "before the dais of a bright throne room",
            (
                "Tall windows pour light on a carved oak throne and a hundred candles. Banners of "
                "every house hang side by side."
            ),
            "a crimson carpet",
            "gilded doors standing ajar",
            "oak throne",
            ("throne", "carved throne"),
            "candle flames stand straight",
            "Enter the throne room",
            "room",
            title="The court rises",
            subtitle="The hall falls quiet for {hero}.",
        ),
        Place(
            "dragon's terrace",
            "on a wide terrace high above the keep",
            (
                "A green-gold dragon lies curled around the parapet, eyes half closed. Its wing "
                "lifts like a sail and makes room."
            ),
            "warm stone",
            "a stair where the air shimmers",
            "green dragon",
            ("dragon", "sleeping dragon"),
            "smoke rings drift from the nostrils",
            "Climb to the dragon's terrace",
            title="The dragon makes room",
            subtitle="An old quarrel ends at sunset.",
        ),
    ),
    losses=(
        Place(
            "locked cell",
            "inside a small cell with a barred window",
            (
                "Straw covers the floor and a square of sky hangs high in the wall. The door is "
                "down, its bars furred with rust."
            ),
            "damp straw",
            "a cell door standing open",
            "barred window",
            ("cell bars", "barred door"),
            "a thin draught stirs the straw",
            "Step into the open cell",
            "dark",
            title="The bars drop",
            subtitle="Somewhere a key turns.",
        ),
        Place(
            "collapsing tower",
            "on a landing of a crumbling tower",
            (
                "Half the stair has dropped away and stones roll into dust below. The far door "
                "stands across a gap of open air."
            ),
            "a cracked landing",
            "a leaning tower door",
            "broken stair",
            ("collapsed stairs", "gap in the stair"),
            "dust and pebbles fall",
            "Race up the leaning tower",
            title="The tower gives way",
            subtitle="The stair ends in the sky.",
        ),
    ),
    keys=(
        Key(
            "royal seal",
            "A royal seal ring lies on a velvet cushion.",
            "Take the royal seal",
            "The ring turns and its carved lion catches the light.",
            "lion door",
            "a bronze door with a lion's head",
            "Press the seal to the lion door",
            "The bronze lion holds a round hollow in its teeth, as wide as a seal ring.",
        ),
        Key(
            "iron key",
            "A long iron key hangs beneath a shield.",
            "Take the iron key",
            "The key swings down, as long as a forearm, black and gleaming.",
            "portcullis",
            "a portcullis with a locked winch",
            "Unlock the portcullis",
            "The winch of the portcullis is locked. A long iron key fits.",
        ),
        Key(
            "minstrel's lute",
            "A minstrel's lute with a cracked belly leans on a stool.",
            "Pick up the lute",
            "The strings shiver and small motes of gold lift from the wood.",
            "singing statue",
            "a doorway guarded by a stone singer",
            "Play the lute to the stone singer",
            "The stone singer waits for a tune.",
        ),
    ),
    acts=(
        Act(
            "war beacon",
            "A beacon basket is packed with pitch and straw.",
            "Light the beacon",
            "Flames roar up and a chain of far fires answers along the hills.",
        ),
        Act(
            "banner rope",
            "A furled banner hangs by a knotted rope.",
            "Unfurl the banner",
            "Blue cloth rolls down the stone and a silver star opens in its middle.",
        ),
    ),
    guide=Guide(
        "court jester",
        "A court jester in faded motley sits on a barrel, juggling three plums.",
        "A court jester who hides good advice inside bad jokes.",
        "Halt, or walk on, I am only the jester. What do you seek?",
    ),
)
