"""conjure.v1.CharacterService."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.characters.requests import AskedCharacter, CharacterPatch
from conjure.core.errors import TooHeavy
from conjure.core.weights import is_heavier
from conjure.kernel.stances import NewStance
from conjure.rpc.conditional import needs_body
from conjure.rpc.patch import named
from conjure.v1 import character_pb2
from conjure.v1 import character_service_pb2 as pb
from conjure.worlds.model import CHARACTER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conjure.characters.creation import CharacterCreation
    from conjure.characters.service import CharacterService, CharacterView
    from conjure.core.preconditions import Precondition
    from conjure.rpc.call import Call
    from conjure.worlds.creation import CreatedWorld

_MEMBERS: Final = {
    "persona": "persona",
    "scene": "scene",
    "greeting": "greeting",
    "lore": "lore",
    "examples": "examples",
    "subject": "subject",
    "style": "style",
    "voice_id": "voiceId",
    "model_id": "modelId",
    "free": "free",
    "intro": "intro",
}
"""By field: the member of `character` that it is in a document."""

_TEXTS: Final = ("premise", "frame_b64", "frame_url", "name", "description", "cover")
"""Other fields of a creation that are text."""


class CharacterServicer:
    """proto ↔ characters."""

    def __init__(
        self,
        characters: CharacterService,
        creation: CharacterCreation,
        *,
        most_checked: int | None = None,
    ) -> None:
        """`most_checked`: the weight (`core.weights`) from which a document to import is TooHeavy."""
        self._characters = characters
        self._creation = creation
        self._most_checked = most_checked

    async def CreateCharacter(
        self, request: pb.CreateCharacterRequest, call: Call
    ) -> pb.CreateCharacterResponse:
        """Makes a character in one of the three ways."""
        if self._most_checked is not None and is_heavier(request.world.json, self._most_checked):
            raise TooHeavy
        given = _given(request, _TEXTS)
        asked = AskedCharacter(
            document=request.world.json if request.HasField("world") else None,
            is_authored=request.authored,
            premise=given.get("premise"),
            frame_b64=given.get("frame_b64"),
            frame_url=given.get("frame_url"),
            name=given.get("name"),
            description=given.get("description"),
            cover=given.get("cover"),
            stances=_stances(request.stances),
            members=_members(_given(request, _MEMBERS)),
        )
        created = await self._creation.create(
            call.tenant, asked, idempotency_key=call.idempotency_key
        )
        call.is_replayed = created.replayed
        return pb.CreateCharacterResponse(**_created(created))

    async def GetCharacter(
        self, request: pb.GetCharacterRequest, call: Call
    ) -> pb.GetCharacterResponse:
        """Answers with a character as the caller may see it."""
        view = await self._characters.read(call.api_caller, request.id)
        response = pb.GetCharacterResponse(rev=view.rev, etag=view.etag)
        if needs_body(call, view.etag):
            response.character.CopyFrom(character_message(view))
        return response

    async def ListCharacters(
        self, request: pb.ListCharactersRequest, call: Call
    ) -> pb.ListCharactersResponse:
        """Answers with a page, newest first."""
        page, following = await self._characters.list(
            call.api_caller,
            limit=request.limit if request.HasField("limit") else None,
            cursor=request.cursor if request.HasField("cursor") else None,
        )
        return pb.ListCharactersResponse(
            characters=map(character_message, page), next_cursor=following
        )

    async def UpdateCharacter(
        self, request: pb.UpdateCharacterRequest, call: Call, expected: Precondition | None
    ) -> pb.UpdateCharacterResponse:
        """Changes a character."""
        changes = named(request, required=("name", "visibility", "persona", "free", "stances"))
        patch = CharacterPatch(
            members={
                name: changes[name] for name in ("name", "description", "cover") if name in changes
            },
            character=_members({name: changes[name] for name in _MEMBERS if name in changes}),
            stances=_stances(changes["stances"]) if "stances" in changes else None,
            visibility=changes.get("visibility"),
        )
        view = await self._characters.update(call.api_caller, request.id, patch, expected)
        return pb.UpdateCharacterResponse(
            character=character_message(view), rev=view.rev, etag=view.etag
        )

    async def DeleteCharacter(
        self, request: pb.DeleteCharacterRequest, call: Call, expected: Precondition | None
    ) -> pb.DeleteCharacterResponse:
        """Removes a character."""
        deleted = await self._characters.delete(call.tenant, request.id, expected)
        return pb.DeleteCharacterResponse(ok=True, deleted=deleted)

    async def ForkCharacter(
        self, request: pb.ForkCharacterRequest, call: Call
    ) -> pb.ForkCharacterResponse:
        """Copies a character."""
        forked = await self._creation.fork(
            call.api_caller, request.id, idempotency_key=call.idempotency_key
        )
        call.is_replayed = forked.replayed
        return pb.ForkCharacterResponse(**_created(forked))


def character_message(view: CharacterView) -> character_pb2.Character:
    """The typed form of a character: of its brain nothing, unless the view is the owner's."""
    info, character = view.info, view.character
    message = character_pb2.Character(
        id=info.id,
        slug=info.slug,
        name=character.name,
        description=view.description,
        cover=view.cover,
        visibility=info.visibility,
        voice_id=character.voice_id,
        greeting=character.greeting,
        stances=[
            character_pb2.Stance(id=stance.id, label=stance.label, mood=stance.mood)
            for stance in character.stances
        ],
    )
    if character.intro is not None:
        intro = character.intro
        message.intro.CopyFrom(
            character_pb2.Intro(kicker=intro.kicker, title=intro.title, hint=intro.hint)
        )
    if view.is_whole:
        message.MergeFrom(
            character_pb2.Character(
                model_id=character.model_id,
                free=character.free,
                persona=character.persona,
                scene=character.scene,
                lore=character.lore,
                examples=character.examples,
            )
        )
    return message


def _created(created: CreatedWorld) -> dict[str, Any]:
    return {
        "id": created.world_id,
        "slug": created.slug,
        "kind": CHARACTER,
        "cover": created.cover,
        "rev": created.rev,
    }


def _given(request: Any, names: Iterable[str]) -> dict[str, Any]:
    """The fields that a request has, by their names."""
    return {name: getattr(request, name) for name in names if request.HasField(name)}


def _stances(given: Iterable[pb.NewStance]) -> tuple[NewStance, ...]:
    return tuple(
        NewStance(
            stance.id,
            stance.label if stance.HasField("label") else None,
            stance.mood if stance.HasField("mood") else None,
            stance.expression if stance.HasField("expression") else None,
        )
        for stance in given
    )


def _members(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a request as members of `character`; None stays None."""
    return {
        _MEMBERS[name]: _intro(value) if isinstance(value, pb.NewIntro) else value
        for name, value in fields.items()
    }


def _intro(intro: pb.NewIntro) -> dict[str, str]:
    return {
        name: getattr(intro, name) for name in ("kicker", "title", "hint") if intro.HasField(name)
    }
