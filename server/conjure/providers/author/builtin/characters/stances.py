"""The stances that characters can be in, and what is to be seen of each.

The ids and moods are words of feelings that brains know. Nothing here says what is missing from a picture:
what a model draws is what is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Body = Literal["person", "animal", "machine"]
"""What can show a feeling: a face and hands, a whole animal, or lenses and joints."""


@dataclass(frozen=True, slots=True)
class Stance:
    """A stance, and its look by body, in one or more takes."""

    label: str
    mood: str
    person: tuple[str, ...]
    animal: tuple[str, ...]
    machine: tuple[str, ...]

    def looks(self, body: Body) -> tuple[str, ...]:
        """The takes of a body."""
        return {"person": self.person, "animal": self.animal, "machine": self.machine}[body]


STANCES: Final[dict[str, Stance]] = {
    "neutral": Stance(
        "At ease",
        "calm and attentive",
        (
            "A level gaze, the mouth relaxed, both hands resting loosely.",
            "Shoulders low, eyes steady on the visitor, lips closed in an even line.",
        ),
        ("Head level, eyes calm and open, the whole body at rest.",),
        ("Lenses steady with an even white glow, head level, arms at the sides.",),
    ),
    "glad": Stance(
        "Glad",
        "happy and open",
        (
            "A broad smile that reaches the eyes, cheeks lifted, chin raised.",
            "Laughter lines deepen around an open smile, both palms turned up.",
        ),
        ("Eyes half closed with delight, head held high, swaying from side to side.",),
        ("Lenses flare warm yellow, the head pops up, arms spread wide.",),
    ),
    "amused": Stance(
        "Amused",
        "playful and teasing",
        (
            "One corner of the mouth curls, an eyebrow lifts, the head tips to the side.",
            "Lips pressed over a laugh, one eye in a wink, a finger tapping the cheek.",
        ),
        ("Head cocked far to one side, one eye narrowed, the mouth curled.",),
        ("One lens dims in a wink, the jaw plate tilts, fingers drum a short rhythm.",),
    ),
    "tender": Stance(
        "Tender",
        "warm and gentle",
        (
            "Soft eyes, a small closed smile, one hand laid over the heart.",
            "The brow smooth, the gaze lowered kindly, a hand held out with an open palm.",
        ),
        ("A slow blink, the head lowered and leaning close.",),
        ("Lenses soften to amber, the neck bends low, one hand cupped as around a bird.",),
    ),
    "curious": Stance(
        "Curious",
        "curious and alert",
        (
            "Leaning forward, eyes wide and bright, lips parted before a question.",
            "Head craned ahead, brows high, a forefinger pointing at what is new.",
        ),
        ("Neck stretched forward, eyes round, the nose lifted to follow a scent.",),
        ("Lenses telescope outward, the head turns in small clicks, an antenna rises.",),
    ),
    "proud": Stance(
        "Proud",
        "proud and sure",
        (
            "Chest out, chin high, arms folded, a slow sure smile.",
            "Standing tall with hands on the hips, eyes gleaming, lips firm.",
        ),
        ("Chest swelled, head thrown back, looking down along the nose.",),
        ("Frame drawn up to full height, plates polished bright, lenses a clear blue.",),
    ),
    "hopeful": Stance(
        "Hopeful",
        "full of hope",
        (
            "Eyes lifted toward the light, brows raised, fingers laced together.",
            "A breath held, a trembling half smile, the face turned to the window.",
        ),
        ("Face raised to the light, eyes shining, one step forward.",),
        ("Lenses brighten by degrees to pale green, the head angles upward.",),
    ),
    "wary": Stance(
        "Wary",
        "guarded and suspicious",
        (
            "Narrowed eyes, one shoulder turned away, fingers closed around the collar.",
            "A sideways look from under lowered brows, arms crossed tight.",
        ),
        ("Body drawn low, eyes narrowed to slits, one foot already set back.",),
        ("Lenses stopped down to red points, shutters half closed, an arm raised as a guard.",),
    ),
    "angry": Stance(
        "Angry",
        "angry and loud",
        (
            "Brows drawn hard together, jaw set, nostrils flared, a fist raised.",
            "Face flushed dark, teeth clenched, one arm thrown out toward the door.",
        ),
        ("Teeth bared, brow ridged, back arched and tense.",),
        ("Lenses burn orange, vents hiss steam, both fists locked.",),
    ),
    "sad": Stance(
        "Sad",
        "sad and quiet",
        (
            "Eyes lowered and wet, mouth turned down, shoulders sunk.",
            "A tear on one cheek, the head bowed, hands lying open in the lap.",
        ),
        ("Head hanging, eyes downcast, curled up small.",),
        ("Lenses fade to a dull grey, the head sinks, arms hang to the floor.",),
    ),
    "shy": Stance(
        "Shy",
        "shy and embarrassed",
        (
            "Face half turned aside, a blush on the cheeks, glancing up through the lashes.",
            "Chin tucked into the scarf, hands wringing a sleeve, a flicker of a smile.",
        ),
        ("Peering from behind a shoulder, eyes cast aside, ears folded.",),
        ("Lenses flicker pink behind raised fingers, knees bent inward.",),
    ),
    "thoughtful": Stance(
        "Thoughtful",
        "thoughtful and far away",
        (
            "Gaze drifting into the distance, a knuckle against the lips, brow lightly creased.",
            "Eyes unfocused, the chin on a fist, a slow nod.",
        ),
        ("Looking out far past everyone, breathing slowly, head resting low.",),
        ("Lenses turn slowly in thought, a small dial spins on the chest, one hand at the chin.",),
    ),
    "startled": Stance(
        "Startled",
        "surprised and shaken",
        (
            "Eyebrows shot up, mouth open, both hands caught in mid-air.",
            "Eyes round as coins, a step back, fingers spread over the mouth.",
        ),
        ("Eyes wide, every hair on end, jerked upright in one leap.",),
        ("Lenses snap wide open, a spark at the shoulder, the torso rocks backward.",),
    ),
    "weary": Stance(
        "Weary",
        "tired and slow",
        (
            "Heavy eyelids, the head propped on one hand, a slow breath let go.",
            "Dark rings under the eyes, a yawn behind the fist, leaning on the wall.",
        ),
        ("Eyelids drooping, chin on the ground, a long slow sigh.",),
        ("Lenses at half light, joints sagging, a thin whistle of steam.",),
    ),
}
