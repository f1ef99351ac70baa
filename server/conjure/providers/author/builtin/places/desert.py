"""Dunes, oases, tombs and canyons."""

from conjure.providers.author.builtin.places.parts import Act, Family, Guide, Key, Place
from conjure.providers.author.builtin.text import word_set

FAMILY = Family(
    key="desert",
    realm="sky",
    words=word_set(
        "desert dune dunes sand oasis tomb pyramid camel nomad caravan pharaoh sphinx canyon "
        "mirage genie djinn archaeologist cowboy sheriff mesa cactus mummy egypt bazaar sun "
        "scorpion wasteland salt sahara 砂漠 пустыня песок صحراء رمال désert desierto wüste"
    ),
    heroes=("caravan scout", "well finder", "map seller"),
    attire="in a sand-coloured robe and indigo headscarf",
    things=("glass scarab", "map of buried wells", "sun disc"),
    titles=("The Ninth Dune", "A Map of Wells", "Glass and Sand"),
    places=(
        Place(
            "dune crest",
            "on the crest of a long red dune",
            (
                "Knife-sharp ridges run to the horizon, one side gold and the other violet. A "
                "line of old fence posts marks a buried road."
            ),
            "rippled sand",
            "a sandy slope with fence posts",
            "fence posts",
            ("wooden posts", "line of posts"),
            "sand smokes from the crest",
            "Climb the dune crest",
        ),
        Place(
            "oasis",
            "at the edge of a palm-ringed oasis",
            (
                "Date palms lean over a pool of green water, their trunks ringed with rope. "
                "Striped awnings shade a circle of carpets."
            ),
            "damp sand",
            "palms around a glint of water",
            "green pool",
            ("oasis pool", "water pool"),
            "palm shadows sway on the water",
            "Walk to the oasis",
        ),
        Place(
            "caravan market",
            "in a caravan market under patched canvas",
            (
                "Brass trays, lamps and heaps of spice in cones of red and yellow line a narrow "
                "lane. Camels kneel behind the stalls."
            ),
            "trodden dust",
            "a lane of striped canvas",
            "spice cones",
            ("heaps of spice", "market stall"),
            "canvas lifts and settles",
            "Enter the caravan market",
        ),
        Place(
            "slot canyon",
            "in a slot canyon with wave-shaped walls",
            (
                "Bands of orange and rose curve overhead until they nearly touch. A blade of "
                "daylight stands on the sandy floor."
            ),
            "cool sand",
            "a crack in the red cliff",
            "blade of light",
            ("light beam", "shaft of light"),
            "grains of sand fall through the light",
            "Squeeze into the slot canyon",
        ),
        Place(
            "colossus",
            "at the feet of a half-buried stone colossus",
            (
                "A carved face as large as a house looks over the sand, one cheek worn smooth. "
                "Swallows nest in the folds of its crown."
            ),
            "broken paving",
            "a stone face above the sand",
            "stone face",
            ("colossus", "giant statue"),
            "swallows flick past the crown",
            "Go up to the colossus",
        ),
        Place(
            "pillared hall",
            "inside a pillared hall cut into rock",
            (
                "Painted reeds climb each column and the ceiling is a field of gold stars. A long "
                "table of alabaster glows like milk."
            ),
            "stone flags",
            "a tall doorway between columns",
            "alabaster table",
            ("stone table", "white table"),
            "dust drifts between the columns",
            "Enter the pillared hall",
            "room",
        ),
        Place(
            "tomb passage",
            "in a sloping tomb passage",
            (
                "Rows of painted figures walk along both walls, carrying bowls and birds. A "
                "square of darkness waits at the lower end."
            ),
            "smooth sandstone",
            "a square shaft going down",
            "painted figures",
            ("wall painting", "painted wall"),
            "torchlight slides over painted eyes",
            "Descend the tomb passage",
            "dark",
        ),
        Place(
            "salt flat",
            "on a salt flat cracked into hexagons",
            (
                "White plates reach to a mirage of floating hills. A lone wind-carved arch throws "
                "a long shadow."
            ),
            "crisp salt",
            "a white plain beyond the rocks",
            "wind-carved arch",
            ("rock arch", "stone arch"),
            "the horizon shivers",
            "Set out over the salt flat",
        ),
    ),
    wins=(
        Place(
            "buried garden",
            "in a garden at the bottom of a deep stepped well",
            (
                "Terraces of pomegranate and jasmine circle a basin of clear water. Sunlight "
                "falls in one golden column."
            ),
            "cool tiles",
            "a stair toward scent and green",
            "clear basin",
            ("water basin", "stepped well"),
            "petals turn on the water",
            "Descend to the buried garden",
            title="The well remembers",
            subtitle="Water rises to meet {hero}.",
        ),
        Place(
            "sun court",
            "in a court of polished bronze",
            (
                "Tall mirrors pass one beam of sun from wall to wall until it lands on a dais. "
                "Blue tiles blaze in its path."
            ),
            "blue tiles",
            "a bronze door standing ajar",
            "bronze mirrors",
            ("mirrors", "polished mirrors"),
            "the beam slides over the tiles",
            "Enter the sun court",
            "room",
            title="The sun court wakes",
            subtitle="Light finds its old road again.",
        ),
    ),
    losses=(
        Place(
            "sandstorm",
            "inside a brown sandstorm",
            (
                "The air is a moving wall, ochre and umber. A rope line hums between two posts "
                "and fades within a few steps."
            ),
            "shifting sand",
            "a brown wall on the horizon",
            "rope line",
            ("rope", "guide rope"),
            "sand streams along the ground",
            "Walk into the brown wall",
            "dark",
            title="The storm arrives",
            subtitle="The dunes write a new map.",
        ),
        Place(
            "mirage shore",
            "on the shore of a lake that shimmers like metal",
            (
                "The water slides away with each step and leaves bare cracked clay. Tracks wander "
                "back in wide loops to the horizon."
            ),
            "cracked clay",
            "a silver lake far off",
            "cracked clay",
            ("dry lakebed", "cracked ground"),
            "the shimmer draws back",
            "Walk toward the silver lake",
            title="A lake of air",
            subtitle="The water was only sky.",
        ),
    ),
    keys=(
        Key(
            "scarab seal",
            "A blue scarab seal rests on a folded cloth.",
            "Take the scarab seal",
            "The scarab's wings open with a click and show rows of tiny signs.",
            "sealed door",
            "a stone door with a scarab-shaped socket",
            "Press the scarab into the door",
            "The stone door has a socket the shape of a scarab.",
        ),
        Key(
            "water skin",
            "A full water skin hangs from a tent pole.",
            "Take the water skin",
            "The skin swings heavy and drops darken the sand.",
            "clay scales",
            "a gate held by a pair of clay scales",
            "Fill the clay scales",
            "One pan of the scales is dry. Water would tip it.",
        ),
        Key(
            "oil torch",
            "An oil torch leans in a bronze holder.",
            "Lift the oil torch",
            "The torch flares and copper light runs over sand and stone.",
            "unlit shaft",
            "an unlit shaft between two jackals",
            "Carry the torch into the shaft",
            "The shaft between the jackals is unlit. A torch would do.",
        ),
    ),
    acts=(
        Act(
            "sun mirror",
            "A bronze mirror stands on a swivel.",
            "Turn the sun mirror",
            "A bar of light swings across the rocks and wakes a band of gold paint.",
        ),
        Act(
            "singing sand",
            "A steep face of fine sand drops from a ledge.",
            "Slide down the singing sand",
            "Sand flows in a shining sheet and leaves ripples like fingerprints.",
        ),
    ),
    guide=Guide(
        "tea seller",
        "A tea seller kneels on a carpet, pouring from a tall silver pot.",
        "A tea seller who trades rumours for company and remembers every caravan.",
        "Sit, the first glass is a gift. Which road do you ask about?",
    ),
)
