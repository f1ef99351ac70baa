"""The steps of writing a character, and the character that comes of them (CONTRACT 5).

What nothing of the model's can be used for is written by the built-in author, from the same premise.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from conjure.providers.author import bar
from conjure.providers.author.builtin.characters.stances import STANCES
from conjure.providers.author.builtin.text import tidy
from conjure.providers.author.character import NEUTRAL, CharacterParts
from conjure.providers.author.openai import prompts, schemas
from conjure.providers.author.openai.prose import capital
from conjure.providers.author.openai.steps import Field, Step
from conjure.providers.author.port import AuthoredStance
from conjure.providers.pictures.port import PictureRequest

if TYPE_CHECKING:
    from conjure.providers.author.builtin.characters.stances import Body
    from conjure.providers.author.openai.writer import Journal
    from conjure.providers.author.port import AuthoredCharacter, CharacterRequest
    from conjure.providers.openai.messages import Image

_PREMISE_CHARS: Final = 1_500  # of a premise that a model is shown: small ones have little room
NAME_CHARS: Final = 80
_PERSONA: Final = ("who", "wants", "fears", "speech")
_FEELINGS: Final = tuple(STANCES.keys() - {NEUTRAL})
_MARK: Final = re.compile(r"\bsecret\s*:\s*", re.IGNORECASE)


def who(
    request: CharacterRequest,
    spare: CharacterParts,
    *,
    picture: Image | None,
    reading: str | None,
) -> Step:
    """Who it is. `spare` is what the built-in author makes of the request."""
    data: dict[str, Any] = {"premise": tidy(request.premise, _PREMISE_CHARS)}
    if request.name:
        data["name"] = tidy(request.name, NAME_CHARS)
    parts = [prompts.WHO]
    if picture is not None:
        parts.append(prompts.PORTRAIT)
    elif reading is not None:
        parts.append(prompts.LIGHT)
        data["picture"] = reading
    first, temper, wants, fears, speech = spare.persona
    return Step(
        name="who",
        parts=tuple(parts),
        data=data,
        schema=schemas.WHO,
        picture=picture,
        system=prompts.CHARACTERS,
        needs_model=True,
        unlike=request.premise,
        fields=(
            Field(("name",), "label", spare.name, 1, is_label=True),
            Field(("description",), "spoken", spare.description, 20),
            Field(("who",), "spoken", f"{first} {temper}", 60),
            Field(("wants",), "spoken", wants, 30),
            Field(("fears",), "spoken", fears, 30),
            Field(("speech",), "spoken", speech, 30),
            Field(("subject",), "label", spare.subject, 20),
            Field(("style",), "label", spare.style, 5),
        ),
    )


def talk(request: CharacterRequest, told: dict[str, str], spare: CharacterParts) -> Step:
    """What it talks about, and how it sounds."""
    fields = [
        Field(("scene",), "spoken", spare.scene, 30),
        Field(("greeting",), "spoken", spare.greeting, 5),
        Field(("secret",), "spoken", spare.secrets[0], 15, is_only=True),
    ]
    # Of the built-in author's there are more than enough.
    for name, fact in zip(schemas.FACTS, spare.facts, strict=False):
        fields.append(Field(("facts", name), "spoken", fact, 15, is_only=True))
    for name, (asked, answer) in zip(schemas.EXCHANGES, spare.examples, strict=True):
        fields.append(Field(("examples", name, "guest"), "spoken", asked))
        fields.append(Field(("examples", name, "answer"), "spoken", answer))
    return Step(
        name="talk",
        parts=(prompts.TALK,),
        data=_data(request, told),
        schema=schemas.TALK,
        system=prompts.CHARACTERS,
        unlike=request.premise,
        fields=tuple(fields),
    )


def stances(request: CharacterRequest, told: dict[str, str], spare: CharacterParts) -> Step:
    """How it can be, and what is to be seen of that."""
    fields: list[Field] = []
    for name, stance in zip((NEUTRAL, *schemas.OTHER_STANCES), spare.stances, strict=False):
        fields += [
            Field((name, "label"), "spoken", stance.label, 2, is_label=True, is_only=True),
            Field((name, "mood"), "label", stance.mood),
            Field((name, "expression"), "state", stance.expression, 20, is_only=True),
        ]
    return Step(
        name="stances",
        parts=(prompts.STANCES,),
        data=_data(request, told),
        schema=schemas.stances(sorted(_FEELINGS)),
        system=prompts.CHARACTERS,
        unlike=request.premise,
        fields=tuple(fields),
    )


def _data(request: CharacterRequest, told: dict[str, str]) -> dict[str, Any]:
    shown = ("name", "description", *_PERSONA, "subject")
    return {
        "premise": tidy(request.premise, _PREMISE_CHARS // 2),
        "character": {name: told[name] for name in shown},
    }


def finished(
    told: dict[str, str],
    talked: dict[str, Any],
    stood: dict[str, dict[str, str]],
    spare: CharacterParts,
    journal: Journal,
) -> AuthoredCharacter:
    """The character of the answers; what of them does not go together is mended, and noted in the journal."""
    parts = CharacterParts(
        name=told["name"],
        description=told["description"],
        persona=tuple(told[name] for name in _PERSONA),
        scene=talked["scene"],
        greeting=talked["greeting"],
        facts=tuple(_unmarked(talked["facts"][name]) for name in schemas.FACTS),
        secrets=(_unmarked(talked["secret"]),),
        examples=tuple(
            (talked["examples"][name]["guest"], talked["examples"][name]["answer"])
            for name in schemas.EXCHANGES
        ),
        stances=_palette(stood, spare, journal),
        subject=capital(told["subject"]),
        style=told["style"],
        cover=PictureRequest(
            prompt=f"A portrait of {told['subject']}",
            mood=told["mood"],
            style=told["style"],
            title=told["name"],
            scene=told["setting"],
            palette=told["mood"],
        ),
    )
    if bar.tells_secret(parts.authored()):
        journal.mended.append("talk.secret")
        parts = replace(parts, secrets=spare.secrets[:1])
    return replace(parts, is_first=journal.is_first, effort=journal.effort).authored()


def _unmarked(line: str) -> str:
    """A line of lore: which of them are secrets is ours to say."""
    return _MARK.sub("", line).strip() or line.replace(":", "")


def _palette(
    stood: dict[str, dict[str, str]], spare: CharacterParts, journal: Journal
) -> tuple[AuthoredStance, ...]:
    """The stances, each feeling once, and no two that look or are called alike."""
    made: list[AuthoredStance] = []
    body = _body(spare)
    for name, own in zip((NEUTRAL, *schemas.OTHER_STANCES), spare.stances, strict=False):
        said = stood[name]
        feeling = said.get("feeling", own.id)  # all of it is ours when there was no answer
        if feeling in {each.id for each in made}:
            journal.mended.append(f"stances.{name}.feeling")
            continue
        stance = AuthoredStance(feeling, said["label"], said["mood"], said["expression"])
        if feeling != own.id:
            stance = _of_feeling(stance, own, body)
        if _is_like(stance, made):
            journal.mended.append(f"stances.{name}.expression")
            stance = _plain(feeling, body)
        made.append(stance)
    for feeling in (own.id for own in spare.stances):
        if len(made) < bar.LEAST_STANCES and feeling not in {each.id for each in made}:
            journal.mended.append(f"stances.{feeling}")
            made.append(_plain(feeling, body))
    return tuple(made)


def _body(spare: CharacterParts) -> Body:
    """What the built-in author takes it for."""
    looks = spare.stances[0].expression
    bodies: tuple[Body, ...] = ("animal", "machine")
    return next((body for body in bodies if looks in STANCES[NEUTRAL].looks(body)), "person")


def _plain(feeling: str, body: Body) -> AuthoredStance:
    known = STANCES[feeling]
    return AuthoredStance(feeling, known.label, known.mood, known.looks(body)[0])


def _of_feeling(stance: AuthoredStance, own: AuthoredStance, body: Body) -> AuthoredStance:
    """The stance, with words of its feeling where those of another one were put in."""
    plain = _plain(stance.id, body)
    return AuthoredStance(
        stance.id,
        plain.label if stance.label == own.label else stance.label,
        plain.mood if stance.mood == own.mood else stance.mood,
        plain.expression if stance.expression == own.expression else stance.expression,
    )


def _is_like(stance: AuthoredStance, others: list[AuthoredStance]) -> bool:
    return any(
        bar.folded(stance.label) == bar.folded(other.label)
        or bar.is_alike(stance.expression, other.expression)
        for other in others
    )
