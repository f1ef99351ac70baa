"""The built-in author: a world or a character from any premise or picture, offline and always the same."""

import uuid
from typing import Any

from conjure.providers.author.builtin import characters, events, plan, premise, states, story
from conjure.providers.author.builtin.moods import STYLE_WORDS, STYLES
from conjure.providers.author.builtin.text import tidy
from conjure.providers.author.builtin.voice import Voice
from conjure.providers.author.port import (
    AuthoredCharacter,
    AuthoredWorld,
    AuthorRequest,
    CharacterRequest,
    Report,
)
from conjure.providers.pictures import PictureRequest
from conjure.providers.pictures.reading import reading_of

_NAME_CHARS = 120


def _style(made: plan.Plan) -> str:
    asked = (STYLE_WORDS[word] for word in made.premise.words if word in STYLE_WORDS)
    style = next(asked, None) or made.dice.fork("style").pick(STYLES)
    colours = made.mood.tint if made.look is None else " and ".join(made.look.colours[:2])
    return f"{style}, {colours} palette"


def _placeholder_id(request: AuthorRequest) -> str:
    text = f"{request.premise}\0{request.name or ''}\0{request.pov}"
    if request.frame is not None:
        text += f"\0{plan.frame_id(request.frame)}"
    return str(uuid.uuid5(uuid.NAMESPACE_OID, text.encode("utf-8", "replace").decode()))


class BuiltinAuthor:
    """Writes from word lists and a seed: needs neither network nor key, and never fails."""

    async def create_world(
        self, request: AuthorRequest, report: Report | None = None
    ) -> AuthoredWorld:
        """Write a world of 5 to 8 states; the same request gives the same bytes.

        Of a frame it reads colours, light and composition; what is in it is for eyes that it lacks.
        """
        if report is not None:
            await report("planning", 0.0)
        look = None if request.frame is None else await reading_of(request.frame)
        made = plan.make(premise.read(request.premise), request.pov, request.frame, look)
        if report is not None:
            await report("writing", 0.0)
        voice = Voice(made)
        name = tidy(request.name or "", _NAME_CHARS) or story.name(made)
        start = made.places["a"]
        document: dict[str, Any] = {
            "id": _placeholder_id(request),
            "name": name,
            "description": story.description(made),
            "pov": tidy(request.pov, _NAME_CHARS),
            "subject": plan.wears(made),
            "styleTail": _style(made),
            "entrance": {
                "state": made.state("a"),
                "image": {"label": start.label},
            },
            "scene": {
                "states": states.write(made, voice),
                "events": events.write(made, voice),
            },
            "story": story.story(made),
            "missions": story.missions(made),
        }
        cover = PictureRequest(
            prompt=made.premise.text or story.logline(made),
            pov=request.pov,
            title=name,
            scene=made.family.key,
            palette=made.mood.key,
        )
        return AuthoredWorld(document, cover)

    async def create_character(
        self, request: CharacterRequest, report: Report | None = None
    ) -> AuthoredCharacter:
        """Writes a character; the same request gives the same words, in English. Of a frame: as above."""
        if report is not None:
            await report("planning", 0.0)
        look = None if request.frame is None else await reading_of(request.frame)
        if report is not None:
            await report("writing", 0.0)
        return characters.written(request, look).authored()
