"""The words by which a premise is taken apart."""

from conjure.providers.author.builtin.text import word_set

DETERMINERS = word_set("a an the my his her their our your its this these those some every each")
NUMBERS = word_set("two three four five six seven eight nine ten twelve many several")
RELATIVES = word_set("who that which whose whom where when while")
# Prepositions that place what comes before them somewhere.
PLACING = word_set(
    "in on under beneath inside at near above below through across beyond aboard within over "
    "behind between by into along around atop amid among underneath outside onto upon toward "
    "towards"
)
PREPOSITIONS = PLACING | word_set(
    "for with from to about after before during since against as like off of"
)
JOINING = word_set("and or but nor yet plus")
PRONOUNS = word_set("i you we they he she it")
BEFORE_BASE_VERB = PRONOUNS | word_set("to must will can should may might would could")
# The small words of the larger European languages, so that their nouns stand alone.
EUROPEAN = word_set(
    "der die das den dem des ein eine einen einem einer und im mit von zu auf unter wer le la les "
    "un une du de des et dans sous sur avec qui que el los las y en con del al una il lo gli di "
    "che nel sotto o um uma os na em com"
)
ENGLISH_TOO = word_set("die des")
ENGLISH = word_set("a an the of who that and with to is are where you your his her their i my")
EMPTY = (
    EUROPEAN
    | PRONOUNS
    | word_set(
        "me him them us himself herself itself themselves is are was were be been being am has "
        "have had will would could should must can may might very just also too than then so if "
        "because there here what how why only one once alive upon time story tale game world about "
        "imagine play set where something someone anything everything all any own out up down "
        "away back again until every"
    )
)

_VERBS = word_set(
    """find search seek look hunt discover explore rescue save free protect guard defend escape
    flee leave deliver carry bring take steal collect gather repair fix build rebuild restore
    mend forge solve investigate uncover unlock open close climb cross follow chase track catch
    capture return reach learn teach cook bake grow plant sail swim dive fly ride drive run race
    walk wander travel journey visit meet befriend love help heal cure fight battle challenge
    face confront defeat stop survive live dream remember forget lose hide keep tend wake awaken
    sleep sing play paint draw write read tell hear listen see watch wait work trade sell buy
    gamble smuggle spy rob break enter fall rise descend stand sit talk speak whisper ask answer
    become turn change make create invent design map chart light ignite stop start end win want
    need try attempt decide begin inherit receive send lead serve rule conquer defy betray
    remove photograph film record observe study translate decode decipher hack program operate
    pilot navigate command summon banish haunt possess crave hope fear hate believe trust call
    ring drift float orbit circle sink surface dig mine harvest feed tame train herd breed milk
    fish glow shine burn freeze melt crash land arrive depart settle inhabit occupy clean sweep
    polish sew weave knit stitch carve sculpt cast brew mix pour drink eat taste smell touch
    hold grip pull push lift drop throw wear give share come go stay remain appear vanish
    contain recover retrieve reclaim reunite bury unearth excavate decorate perform dance juggle
    tune compose lock mend renovate restart repaint reassemble stow count measure weigh guide
    ferry shepherd"""
)
_IRREGULAR = {
    "found": "find", "sought": "seek", "fled": "flee", "left": "leave", "brought": "bring",
    "took": "take", "stole": "steal", "built": "build", "grew": "grow", "met": "meet",
    "fought": "fight", "forgot": "forget", "lost": "lose", "hid": "hide", "kept": "keep",
    "woke": "wake", "wrote": "write", "saw": "see", "broke": "break", "fell": "fall",
    "became": "become", "made": "make", "began": "begin", "won": "win", "led": "lead",
    "caught": "catch", "went": "go", "goes": "go", "taught": "teach", "flew": "fly",
}  # fmt: skip


def _inflections() -> dict[str, tuple[str, str]]:
    """Map each form of each verb to (base, kind of form); kinds are base, s, ed, ing."""
    forms: dict[str, tuple[str, str]] = {}
    for verb in sorted(_VERBS):
        stem = verb.removesuffix("e")
        soft = verb.endswith("y") and verb[-2] not in "aeiou"
        hissing = verb.endswith(("s", "sh", "ch", "x", "z", "o"))
        ending = f"{verb[:-1]}ies" if soft else verb + ("es" if hissing else "s")
        forms[ending] = (verb, "s")
        for end in ("ed", "ing"):
            past = f"{verb[:-1]}ied" if soft and end == "ed" else stem + end
            forms[past] = (verb, end)
            if verb[-1] in "bdgmnpt":  # digging, robbed
                forms[verb + verb[-1] + end] = (verb, end)
    forms |= {form: (verb, "ed") for form, verb in _IRREGULAR.items()}
    return forms | {verb: (verb, "base") for verb in _VERBS}


VERB_FORMS = _inflections()
# Endings in -er, -or and the like name people, but for these.
NOT_PEOPLE = word_set(
    "tower river letter water winter summer door floor mirror flower paper silver fever corner "
    "harbor number order power shower border matter meteor chamber october november december "
    "september amber ember timber lumber cover cellar fiber desert computer starter crater "
    "theater theatre bother feather weather leather ladder spider tiger otter hamster monster "
    "panther lobster dinosaur odor color vapor tractor motor reactor elevator escalator generator "
    "refrigerator toaster transistor glacier frontier pier quarter center shelter altar super "
    "former other another later under over forever never however butter dinner supper copper "
    "pepper ginger finger hammer lever roller freighter cruiser liner steamer locker counter "
    "poster folder sister mother father brother daughter"
)
PERSON_ENDINGS = (
    "er",
    "or",
    "ist",
    "ian",
    "man",
    "woman",
    "boy",
    "girl",
    "smith",
    "ess",
    "eer",
    "monger",
)
PEOPLE = word_set(
    "knight king queen prince princess witch wizard mage sorcerer priest monk nun nurse cook chef "
    "thief pirate sailor captain soldier guard spy detective child kid orphan widow mother father "
    "sister brother daughter son twin twins grandmother grandfather uncle aunt friend ghost robot "
    "android cyborg alien samurai ninja scientist student pilot astronaut cosmonaut nomad hermit "
    "druid bard elf dwarf goblin troll giant scribe clerk apprentice shepherd smith doctor poet "
    "author artist mechanic courier postman boy girl man woman hero heroine stranger guest "
    "tourist explorer archaeologist botanist cartographer chemist crew gang team family couple "
    "soul spirit golem mermaid vampire werewolf zombie skeleton ai barista journalist lawyer "
    "judge mayor cowboy sheriff butler maid knave jester oracle prophet saint angel devil"
)
ANIMALS = word_set(
    "cat dog fox wolf bear mouse rat rabbit hare owl raven crow bird dragon horse pony whale "
    "dolphin fish octopus snail turtle tortoise frog toad bee ant spider tiger lion elephant "
    "monkey penguin otter badger hedgehog squirrel deer goat sheep cow pig duck goose kitten "
    "puppy moth beetle firefly hamster dinosaur capybara axolotl"
)
# Nouns that name where, whatever the family of places they belong to.
PLACES = word_set(
    "house workshop mansion library museum school hotel castle palace tower lighthouse island village town "
    "city forest wood woods jungle desert mountain cave cavern mine station ship submarine temple "
    "monastery garden farm factory train railway market bakery kitchen street alley harbor "
    "harbour port beach coast sea ocean lake river swamp moon planet mars space sky rooftop roof "
    "theatre theater carnival circus hospital prison asylum cathedral church graveyard cemetery "
    "tomb pyramid ruin ruins dungeon labyrinth maze bridge valley glacier tundra oasis canyon "
    "reef trench base colony kingdom land world greenhouse shop store office laboratory lab "
    "observatory apartment attic basement cellar subway bunker airship paris london tokyo venice "
    "berlin york rome cairo moscow istanbul prague kyoto lisbon"
)
MASS = word_set(
    "water snow ice fire gold silver light music time love peace silence rain wind sand dust "
    "smoke sleep magic truth bread tea coffee honey salt sugar darkness courage wisdom treasure "
    "freedom revenge justice memory dawn dusk midnight noon night morning sunset winter home food "
    "hope death life luck fog mist milk ink glass wood iron steel"
)
NOT_ADVERBS = word_set(
    "family butterfly firefly assembly italy july lily jelly belly bully ally fly"
)
NEGATIONS = word_set("no not never without none nothing")
# Names that people type in small letters, too.
NAMES = word_set(
    "paris london tokyo venice berlin york rome cairo moscow istanbul prague kyoto lisbon mars "
    "venus jupiter saturn neptune pluto atlantis japan china india egypt iceland mexico "
    "antarctica"
)
# Before these only "the" can stand.
ONE_OF_A_KIND = word_set(
    "last first only same final next other oldest youngest biggest best worst end"
)
TIMES = word_set("dawn dusk midnight noon night day morning evening sunset sunrise winter summer")
# What befalls a hero is turned into what to do about it.
GOALS = {"lose": "find", "forget": "remember", "fear": "face", "hate": "face", "drop": "pick up"}
