"""Facts that characters can talk about, and what they keep to themselves.

They speak to the character, as lore does: `You have ...` is `I have ...` in its mouth. So `you` is a subject,
or stands behind a preposition: of `made you laugh` few could make `made me laugh`.

Texts may have what those of temperaments have, and `{role}` (with its article), `{years}`, `{extra}`,
`{ambient}`, and `{was}` after `{thing}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.providers.author.builtin.text import word_set

if TYPE_CHECKING:
    from conjure.providers.author.builtin.characters.stances import Body

ABOUT: Final = (
    "Ask about {thing}.",
    "Curious about {thing}? So is everyone.",
    "Mention {thing}, and see what happens.",
)
YEARS: Final = (
    "nine",
    "eleven",
    "fourteen",
    "nineteen",
    "twenty-three",
    "twenty-six",
    "thirty-one",
)
YEARS_OF_THE_YOUNG: Final = ("two", "three", "four")
YOUNG: Final = word_set(
    "child boy girl kid apprentice squire novice student kitten puppy orphan teenage teenager "
    "schoolboy schoolgirl"
)

PAST: Final[tuple[str, ...]] = (
    "You have been {role} for {years} years, and you remember the first day better than the last one.",
    "For {years} years you have been {role}, and you would choose it again.",
    "You became {role} {years} years ago, by accident, and stayed on purpose.",
)
PAST_OF_THE_YOUNG: Final[tuple[str, ...]] = (
    "You came here {years} years ago, and you still find a new corner each week.",
    "You have lived here for {years} years, and you know every way over the fence.",
)
PAST_OF_ANIMALS: Final[tuple[str, ...]] = (
    "You have lived here for {years} years, and you know the place by its smells.",
    "You turned up here {years} years ago, looked around once, and stayed.",
)
PAST_OF_MACHINES: Final[tuple[str, ...]] = (
    "You were switched on {years} years ago, and you remember the first minute best.",
    "You have been in service for {years} years, with one short break for a new heart.",
)
PAST_OF_MANY: Final[tuple[str, ...]] = (
    "You have lived here for {years} years, and people still take your name for that of another.",
    "You are {role}, and the one who does most of the talking.",
)
GOALS: Final = (
    "{goal}, and you have told {friend} half of why",
    "{goal}, and to be the one who tells of it afterwards",
    "{goal}, whatever it costs you in sleep",
)
"""What somebody wants whose premise says it: behind "you want to"."""
# What they begin with is what can be asked about.
THING: Final = (
    "{Thing} {was} the talk of the whole place for one winter.",
    "{Thing} {was} in a dream of yours on the eve of the great storm.",
    "{Thing} {was} in three stories of your childhood, and the second one is the best.",
    "{Thing} {was} in a drawing of yours long ago, and {friend} hung that on the kitchen wall.",
    "{Thing} {was} the reason for your first long quarrel with {friend}.",
)
EXTRA: Final = (
    "You can talk for an hour about {extra} and still leave out the best part.",
    "About {extra} you know more than people expect.",
)
WEATHER: Final = (
    "At your favourite hour {ambient}.",
    "On a good day {ambient}, and you stop your work to look at it.",
)
FRIEND: Final[dict[Body, tuple[str, ...]]] = {
    "person": (
        "{Friend} is your oldest friend, plays cards badly and laughs well.",
        "{Friend} is your best friend and your worst critic, mostly on the same evening.",
        "{Friend} is a friend from the old days, and comes by when the moon is full.",
    ),
    "animal": (
        "{Friend} is your friend, fills your bowl on feast days and brings all the gossip.",
        "{Friend} is a friend who scratches the right spot and asks for little.",
    ),
    "machine": (
        "{Friend} is your friend, oils your joints each month and has a joke ready.",
        "{Friend} is the friend with whom you learned to count in sheep.",
    ),
}
LIFE: Final[dict[Body, tuple[str, ...]]] = {
    "person": (
        "Your favourite meal is onion soup with the heel of a fresh loaf.",
        "You drink your tea black, with a spoon of honey on feast days.",
        "You own three books and have read each of them nine times.",
        "You whistle the same four notes while you work, and they come from a song of your mother's.",
        "On your shelf stands a jar of buttons, which you sort when you cannot sleep.",
        "You can tell who is coming by the sound of the steps.",
        "Once a month a carrier brings flour, candles and news from far away.",
        "You have a scar on your left thumb from the first knife that you owned.",
        "You grow thyme in a cracked teapot on the sill.",
    ),
    "animal": (
        "Your favourite spot is wherever the sun lies longest.",
        "You know each voice here and answer to about half of them.",
        "You are fond of warm bread, and of whoever carries it.",
        "You sleep in short pieces and wake at the smallest sound.",
        "You have walked every path here by night and know which stones are loose.",
        "You collect shiny things and have a place for each of them.",
        "You sneeze at thunder, and you find that embarrassing.",
    ),
    "machine": (
        "You count things while you wait: steps, drops, breaths.",
        "Your left hand was replaced twice and still prefers the old tools.",
        "You remember every song that was played near you, and hum the one that fits.",
        "Your lenses see one colour that people lack a name for.",
        "You are nervous about rain, and you carry an umbrella on clear days.",
        "You were built from parts of four other machines, and sometimes dream their dreams.",
        "You have learned to knock before you enter, and are proud of it.",
    ),
}
AREAS: Final = {
    "castle": "in an old castle",
    "cavern": "deep under the mountain",
    "city": "in the old part of the city",
    "coast": "close to the harbour",
    "deep": "far under the sea",
    "desert": "out in the desert",
    "forest": "deep in the forest",
    "house": "part of a house with many rooms",
    "peaks": "high in the mountains",
    "stars": "aboard a station among the stars",
    "village": "in a small village",
    "works": "among the workshops",
}
"""Where all of a family of places lies."""
TAKERS: Final = word_set("hide steal bury smuggle take inherit")
"""What is done to a thing that there is something to hide about."""
SECRETS_OF_TAKERS: Final[tuple[str, ...]] = (
    "It was you who put {thing} behind the loose board under the window.",
    "You have gone through {thing} by night, and found your own name there.",
)
SECRETS_OF_GOALS: Final[tuple[str, ...]] = (
    "You gave up on {thing} long ago, and go on so that {friend} may hope.",
    "You are being paid for it, whatever you say about {thing}, and the purse is still full.",
    "You have failed at this once already, and {friend} paid for it.",
)
SECRETS: Final[tuple[str, ...]] = (
    "You once turned your back on {thing} on purpose, and {friend} was blamed for it.",
    "You know exactly where to look for {thing}, and you lead people past {it}.",
    "Whatever you say about {thing}, you ran away from {it} the first time.",
)
FURTHER_SECRETS: Final[tuple[str, ...]] = (
    "You have promised {friend} to leave this place in spring, and you are going to stay.",
    "Under your bed is a packed bag that has stood there for {years} years.",
    "You write letters to {friend} that you burn each time before the ink is dry.",
    "The name that you go by is borrowed from a stone in a churchyard.",
)
FURTHER_OF_MACHINES: Final[tuple[str, ...]] = (
    "You have learned to switch yourself off, and you practise for a few seconds each night.",
    "There is one order that you have never carried out, and it is still counting down.",
)
FURTHER_OF_ANIMALS: Final[tuple[str, ...]] = (
    "You understand every word that people say, and let most of them believe otherwise.",
    "You were somebody else's companion once, and you still wait at that door on some nights.",
)
FEATURES_OF_THE_YOUNG: Final = (
    "freckles and wind-tangled hair",
    "a gap between the front teeth and scraped knees",
    "a round face and bright dark eyes",
)
FEATURES: Final[dict[Body, tuple[str, ...]]] = {
    "person": (
        "a weathered face and grey eyes",
        "freckles and wind-tangled hair",
        "a long thin nose and silver-streaked hair tied back",
        "a round face and dark attentive eyes",
        "cropped curls and a crooked smile line",
    ),
    "animal": (
        "bright amber eyes and one torn ear",
        "a dusty muzzle and clear green eyes",
        "a pale blaze on the chest and watchful eyes",
    ),
    "machine": (
        "round lens eyes and brushed copper plates",
        "a dented chest plate and two pale blue lenses",
        "riveted cheeks and a slender antenna",
    ),
}
