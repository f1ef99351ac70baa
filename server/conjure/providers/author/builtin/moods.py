"""Time, weather and light: one mood for a whole world."""

from dataclasses import dataclass

from conjure.providers.author.builtin.text import word_set

_ALWAYS = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Mood:
    """How everything is lit. The key is also the name of the cover's palette."""

    key: str
    realm: str
    words: frozenset[str]  # premise words that ask for it
    tint: str  # "amber"
    open: tuple[str, ...]  # light under the sky, or in open water or space
    room: tuple[str, ...]
    dark: tuple[str, ...]
    ambient: str
    unfit: frozenset[str] = _ALWAYS  # families it looks wrong in


MOODS: tuple[Mood, ...] = (
    Mood(
        key="dawn",
        realm="sky",
        words=word_set("dawn morning sunrise spring early waking hope"),
        tint="peach",
        open=(
            "Peach light spreads along the horizon.",
            "A low sun lays long soft shadows.",
        ),
        room=(
            "Peach-coloured light reaches in at a slant.",
            "Early sun warms one wall.",
        ),
        dark=("A trace of dawn colours the nearest edge.",),
        ambient="pale mist thins in the early light",
    ),
    Mood(
        key="noon",
        realm="sky",
        words=word_set("noon summer bright sunny day hot heat sun"),
        tint="clear",
        open=(
            "Clear midday light sharpens every edge.",
            "High sun and small clouds fill a blue sky.",
        ),
        room=(
            "Bright squares of daylight lie on the floor.",
            "Midday light bounces from wall to wall.",
        ),
        dark=("A thin rod of daylight stands in the shade.",),
        ambient="cloud shadows slide across the view",
    ),
    Mood(
        key="dusk",
        realm="sky",
        words=word_set("dusk sunset evening autumn twilight farewell old last"),
        tint="copper",
        open=(
            "Copper sunset light rims every shape.",
            "The sky burns orange under violet cloud.",
        ),
        room=(
            "Copper light enters low and sets dust glowing.",
            "Sunset reddens the far wall.",
        ),
        dark=("A last copper gleam rests on the stones.",),
        ambient="shadows lengthen and slide",
    ),
    Mood(
        key="blue",
        realm="sky",
        words=word_set("quiet lonely alone melancholy blue silence secret memory dream dreams"),
        tint="cobalt",
        open=(
            "Blue-hour light softens every outline.",
            "Cobalt sky deepens above the first lamps.",
        ),
        room=(
            "Cobalt windows frame warm pools of lamplight.",
            "One lamp burns against the blue hour.",
        ),
        dark=("Deep blue shade gathers around a small light.",),
        ambient="far lamps come on one by one",
    ),
    Mood(
        key="night",
        realm="sky",
        words=word_set(
            "night midnight moon stars ghost vampire haunted nocturnal witch thief heist"
        ),
        tint="silver",
        open=(
            "Moonlight silvers every upper edge.",
            "A round moon hangs in a field of stars.",
        ),
        room=(
            "Moonlight and one flame share the room.",
            "Silver light leans through the glass.",
        ),
        dark=("A moonbeam ends in the dark ahead.",),
        ambient="moths cross the moonlight",
    ),
    Mood(
        key="rain",
        realm="sky",
        words=word_set("rain storm thunder rainy noir detective monsoon flood wet tempest"),
        tint="pewter",
        open=(
            "Fine rain streaks a pewter sky.",
            "Wet surfaces mirror a heavy grey sky.",
        ),
        room=(
            "Rain runs down the panes in crooked lines.",
            "Grey storm light flickers at the windows.",
        ),
        dark=("Water drips in slow silver threads.",),
        ambient="rain rings every puddle",
        unfit=word_set("deep desert"),
    ),
    Mood(
        key="snow",
        realm="sky",
        words=word_set("snow winter ice frozen arctic christmas cold frost blizzard polar"),
        tint="frost-blue",
        open=(
            "Large flakes sink through still blue air.",
            "Fresh snow outlines every ledge.",
        ),
        room=(
            "Frost ferns climb the corners of the glass.",
            "Snow light fills the room evenly.",
        ),
        dark=("Frost glitters at the edge of the lamplight.",),
        ambient="flakes drift down",
        unfit=word_set("coast desert"),
    ),
    Mood(
        key="fog",
        realm="sky",
        words=word_set("fog mist foggy lost mystery mysterious forgotten swamp haze"),
        tint="pearl",
        open=(
            "Pearl fog flattens the distance into layers.",
            "Mist lies in bands at knee height.",
        ),
        room=(
            "Pearl light fills the windows edge to edge.",
            "A faint haze softens the far corners.",
        ),
        dark=("Mist creeps in along the floor.",),
        ambient="fog slides past in bands",
        unfit=word_set("desert"),
    ),
    Mood(
        key="amber",
        realm="sky",
        words=word_set("harvest honey golden gold desert dust sand ancient bread cozy cosy warm"),
        tint="amber",
        open=(
            "Amber haze turns the distance to gold.",
            "Warm late light glows on every surface.",
        ),
        room=(
            "Amber light pours in thick as honey.",
            "Gold motes hang in the warm air.",
        ),
        dark=("An amber glow leaks in from behind.",),
        ambient="gold dust hangs in the air",
    ),
    Mood(
        key="aurora",
        realm="sky",
        words=word_set("aurora magic magical spirit north wizard elf fairy enchanted oracle"),
        tint="jade",
        open=(
            "Green aurora ribbons wave across the stars.",
            "Jade light ripples over the night sky.",
        ),
        room=(
            "Green light ripples slowly over the ceiling.",
            "Jade and lamplight meet on the floor.",
        ),
        dark=("A jade shimmer plays along the walls.",),
        ambient="green light ripples overhead",
    ),
    Mood(
        key="shafts",
        realm="deep",
        words=word_set("sun summer bright coral reef day"),
        tint="turquoise",
        open=(
            "Turquoise shafts of light comb the water.",
            "Ripples of sunlight cross everything.",
        ),
        room=("Turquoise light wavers through the glass.",),
        dark=("One shaft of green light reaches in.",),
        ambient="ribbons of light sweep over the floor",
    ),
    Mood(
        key="twilight",
        realm="deep",
        words=word_set("blue lonely quiet whale deep lost silence"),
        tint="sapphire",
        open=(
            "Sapphire water fades softly into distance.",
            "Blue dusk fills the water from above.",
        ),
        room=("Sapphire light presses against the panes.",),
        dark=("The blue is deep enough to show each spark.",),
        ambient="tiny jellyfish pulse past",
    ),
    Mood(
        key="glow",
        realm="deep",
        words=word_set("dark abyss night glow monster kraken trench horror"),
        tint="emerald",
        open=(
            "Points of emerald light drift like stars.",
            "Living green sparks outline every shape.",
        ),
        room=("Emerald lamps glow along the ribs.",),
        dark=("Green sparks trace the edges of the dark.",),
        ambient="green sparks swirl and settle",
    ),
    Mood(
        key="sunside",
        realm="stars",
        words=word_set("sun mercury heat bright gold engine"),
        tint="brass",
        open=(
            "Raw sunlight cuts gold edges out of black.",
            "A small fierce sun throws hard shadows.",
        ),
        room=("Hard gold sunlight slides through the portholes.",),
        dark=("A blade of sunlight crosses the dark.",),
        ambient="sun glints creep along metal",
    ),
    Mood(
        key="planet",
        realm="stars",
        words=word_set("planet earth orbit moon saturn jupiter mars colony alone lonely last"),
        tint="ice-blue",
        open=(
            "Ice-blue planetshine fills the shadows.",
            "A blue world lights everything from below.",
        ),
        room=("Ice-blue planetshine lies on the floor.",),
        dark=("Planetshine leaks in as a thin blue line.",),
        ambient="cloud bands turn far below",
    ),
    Mood(
        key="nebula",
        realm="stars",
        words=word_set(
            "alien dream nebula strange lost song sing lullaby lullabies galaxy mystery"
        ),
        tint="rose",
        open=(
            "A rose nebula spreads behind the stars.",
            "Magenta starlight colours every edge.",
        ),
        room=("Rose light from a far nebula tints the panels.",),
        dark=("Magenta dust glows beyond the dark.",),
        ambient="star dust glitters past",
    ),
    Mood(
        key="torch",
        realm="under",
        words=word_set("torch treasure dwarf tomb skeleton minotaur ancient"),
        tint="honey",
        open=(
            "Honey torchlight moves over the rock.",
            "Warm flames throw tall shadows.",
        ),
        room=("Torches burn in rings along the walls.",),
        dark=("Torchlight ends a few steps ahead.",),
        ambient="torch flames lean and straighten",
    ),
    Mood(
        key="crystal",
        realm="under",
        words=word_set("crystal gem magic dream song blue quiet ice"),
        tint="violet",
        open=(
            "Violet light seeps out of the stone itself.",
            "Every edge holds a thread of lilac light.",
        ),
        room=("Lilac light hums in the walls.",),
        dark=("A violet shimmer marks the way.",),
        ambient="lilac glints wander over the rock",
    ),
    Mood(
        key="ember",
        realm="under",
        words=word_set("lava volcano fire dragon forge demon heat red"),
        tint="crimson",
        open=(
            "Crimson light breathes from cracks below.",
            "Ember light paints the undersides red.",
        ),
        room=("Crimson light beats slowly on the walls.",),
        dark=("Red light pulses far ahead.",),
        ambient="sparks rise and wink",
    ),
)

STYLES = (
    "painterly realism, soft volumetric light, fine film grain",
    "cinematic wide lens, natural materials, gentle depth of field",
    "hand-painted animation look, clean shapes, rich colour",
    "storybook gouache texture, warm edges, calm composition",
    "photoreal detail, anamorphic framing, restrained colour grade",
    "oil-on-canvas brushwork, deep shadows, glowing accents",
)
# A premise may ask for a look of its own.
STYLE_WORDS = {
    "noir": "high-contrast noir photography, wet reflections, venetian shadows",
    "anime": "hand-drawn anime look, crisp outlines, luminous skies",
    "pixel": "chunky pixel-art look, limited palette, clear silhouettes",
    "watercolor": "loose watercolour washes on rough paper, soft edges",
    "watercolour": "loose watercolour washes on rough paper, soft edges",
    "clay": "stop-motion clay look, thumbprint textures, miniature sets",
    "lego": "toy-brick miniature look, glossy plastic, macro lens",
    "cyberpunk": "neon-lit cinematic realism, wet reflections, deep blacks",
    "cartoon": "bold cartoon shapes, flat colour, lively outlines",
}
