"""How words feel: valence, arousal and dominance of moods in six languages, and how characters sound."""

from __future__ import annotations

import functools
from typing import Final

Feeling = tuple[float, float, float]
"""Valence, arousal, dominance, each in -1..1."""

# Each line: a feeling, and the beginnings of words that have it, as they are compared (without accents).
_FEELINGS: Final[tuple[tuple[Feeling, str], ...]] = (
    (
        (0.8, 0.4, 0.3),
        "happy happi joy cheer glad merry delight smil laugh frohlich froh gluckl freud heiter lach joyeu heureu "
        "alegr feliz contento contenta sonri felic allegr lieto lieta sorrid sorri",
    ),
    (
        (0.7, 0.1, 0.1),
        "warm tender loving lovely kind friend fond affection gentle zartlich liebe freundlich herzlich tendre chaleur "
        "aimable carino amable tierno tierna calid affett dolce gentile calor carinh amavel terno terna bienveill",
    ),
    (
        (0.3, -0.5, 0.2),
        "calm seren relax peace quiet compos content zufrieden ruhig gelass entspann friedl calme paisib tranquil sosieg "
        "rilass",
    ),
    ((0.0, 0.0, 0.0), "neutral neutre idle default resting normal ordinar gewohnlich ausgeglich"),
    (
        (-0.7, -0.3, -0.4),
        "sad sorrow grief griev melanchol mourn gloom weep crying tear lonel hurt traurig trauer betrubt einsam wein "
        "trist chagrin pleur solitar llor piang sozinh duelo dolor schmerz verletz",
    ),
    (
        (-0.7, 0.7, 0.5),
        "anger angry furi rage irritat annoy wrath hostil wut wuten zorn arger verarger bose aggressiv colere fache "
        "enoj enfad irato arrabb adirat zangad irritad raiv bravo",
    ),
    (
        (-0.6, 0.6, -0.6),
        "afraid fear scared frighten anxi nervous worri alarm terrif panic angst angstl furcht nervos besorg panik peur "
        "effray inquiet nerveu miedo asust ansios preocup paura spavent medo assust",
    ),
    (
        (0.1, 0.7, -0.1),
        "surpris astonish amaz shock startl uberrasch erstaun staun etonn sorprend sorpres stupit surpres espant",
    ),
    (
        (0.3, 0.4, 0.1),
        "curio interest inquisit intrig attent alert neugier interess aufmerk curieu incurios",
    ),
    (
        (0.5, 0.3, 0.7),
        "proud confident triumph bold heroic stolz selbstbew siegess fier orgull orgogl orgulh confiant confiad",
    ),
    (
        (0.6, 0.5, 0.3),
        "play mischie teas amus witty silly verspielt schelm albern espiegl jouet joueu juguet travies giocos scherz "
        "brincal malicieu",
    ),
    (
        (-0.1, 0.1, -0.6),
        "shy timid bashful embarrass schuchtern verleg gene avergonz imbarazz vergogn envergonh",
    ),
    (
        (-0.1, -0.7, -0.3),
        "tired sleep weary exhaust bored mude erschopf gelangweil schlaf fatigu endormi cansad aburr stanc annoiat "
        "entediad sonolent",
    ),
    (
        (-0.3, 0.3, 0.2),
        "wary suspici guard cautio cold distan stern severe misstrau vorsicht kalt kuhl streng abweis mefian froid "
        "desconf frio fria sever diffid fredd",
    ),
    (
        (0.1, -0.2, 0.1),
        "thought pensi reflect dream wistful serious nachdenk ernst vertraum traum songeu reveu serieu sonad soner "
        "serio pensier sognan pensativ",
    ),
    (
        (-0.6, 0.2, 0.3),
        "disgust contempt scorn ekel veracht degout mepris asco desprec disgust disprezz nojo",
    ),
    (
        (0.7, 0.8, 0.4),
        "excit enthus eager thrill passion begeist aufgereg leidensch enthous entusias emocion animad appassion",
    ),
    ((0.5, 0.2, 0.1), "hope hopeful hoffnung espoir esperanz speranz esperanc optimis"),
)
_BEGINNINGS: Final = {
    beginning: feeling for feeling, listed in _FEELINGS for beginning in listed.split()
}
_LENGTHS: Final = sorted({len(beginning) for beginning in _BEGINNINGS}, reverse=True)

_TONES: Final = {
    beginning: tone
    for tone, listed in {
        "gruff": "gruff grump stern blunt rough sarcast cynic curt bitter brumm murrisch grob knurr bourru grogn "
        "hosco grunon burber rude rabug ranzinz seco",
        "warm": "warm kind gentle friend tender caring motherl loving freundlich herzlich liebevoll sanft tendre "
        "chaleur doux douce amable carino tierno dolce gentil affett carinh amavel amigav",
        "formal": "formal polite noble royal dignif courtl aristocrat butler hoflich vornehm edel poli cortes educad "
        "nobil solene solemn",
        "playful": "play mischie cheer witty joke jester trick silly verspielt schelm frech heiter espiegl joueu malicieu "
        "juguet travies bromist giocos scherz burl brincal",
        "mysterious": "myster enigm cryptic secretive oracle prophet witch geheimnisv ratsel orakel mister oracul",
    }.items()
    for beginning in listed.split()
}


@functools.lru_cache(maxsize=4_096)
def feeling_of(word: str) -> Feeling | None:
    """How a folded word feels, if it is one of a mood."""
    for length in _LENGTHS:
        if length <= len(word) and (found := _BEGINNINGS.get(word[:length])) is not None:
            return found
    return None


def feeling_of_words(words: list[str]) -> Feeling | None:
    """The middle of the moods in words; None: there is none."""
    found = [feeling for word in words if (feeling := feeling_of(word)) is not None]
    if not found:
        return None
    v, a, d = (sum(feeling[axis] for feeling in found) / len(found) for axis in range(3))
    return v, a, d


def tone_of(words: list[str]) -> str | None:
    """How somebody sounds of whom these words are said: the tone of which most is said."""
    counts: dict[str, int] = {}
    for word in words:
        for length in range(min(len(word), 10), 2, -1):
            if (tone := _TONES.get(word[:length])) is not None:
                counts[tone] = counts.get(tone, 0) + 1
                break
    return max(counts, key=lambda tone: counts[tone]) if counts else None
