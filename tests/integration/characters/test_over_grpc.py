"""Characters over gRPC: the same service, typed (CONTRACT 5)."""

from __future__ import annotations

import json
from typing import Any

import grpc
import pytest

from conjure.core.errors import Reason
from conjure.v1 import character_service_pb2 as pb
from conjure.v1 import document_pb2
from conjure.v1.character_service_pb2_grpc import CharacterServiceStub
from support.characters import BRAIN, PERSONA, STANCES
from support.rpc import Client, metadata, refused


@pytest.fixture
def calls(server_channel) -> CharacterServiceStub:
    return CharacterServiceStub(server_channel)


def said(**members: Any) -> pb.CreateCharacterRequest:
    stances = [pb.NewStance(**stance) for stance in STANCES]
    fields = {"name": "Maren", "stances": stances, "intro": {"title": "M"}, "free": True, **BRAIN}
    return pb.CreateCharacterRequest(**fields | members)


async def test_a_life(calls, app):
    """Created, read, listed, changed by a mask, forked, deleted."""
    key = metadata(app.secret)
    made = await calls.CreateCharacter(said(), metadata=key)
    assert (made.slug, made.kind) == ("maren", "character")
    one = pb.GetCharacterRequest(id=made.id)
    read = await calls.GetCharacter(one, metadata=key)
    character = read.character
    assert (read.rev, read.etag) == (made.rev, made.rev)
    assert {name: getattr(character, name) for name in BRAIN} == BRAIN
    assert (character.free, character.intro.title, character.intro.HasField("hint")) == (
        True,
        "M",
        False,
    )
    assert not character.HasField("voice_id")
    public = (await calls.GetCharacter(one, metadata=metadata(app.publishable))).character
    assert not any(public.HasField(name) for name in (*BRAIN, "free", "model_id"))
    page = await calls.ListCharacters(pb.ListCharactersRequest(), metadata=key)
    assert (list(page.characters), page.HasField("next_cursor")) == ([character], False)

    patch = pb.UpdateCharacterRequest(
        id=made.id, greeting="Aye?", expected_rev=made.rev, visibility="public",
        update_mask={"paths": ["greeting", "lore", "visibility"]},
    )  # fmt: skip
    changed = await calls.UpdateCharacter(patch, metadata=key)
    assert changed.character.greeting == "Aye?"
    assert not changed.character.HasField("lore")
    assert changed.character.persona == PERSONA
    assert changed.etag == f"{changed.rev}~public"
    again = metadata(app.secret, if_match=f'"{changed.etag}"')
    await calls.UpdateCharacter(pb.UpdateCharacterRequest(id=made.id, name="M"), metadata=again)
    await refused(calls.UpdateCharacter(patch, metadata=key), Reason.REVISION_CONFLICT)

    fork = await calls.ForkCharacter(pb.ForkCharacterRequest(id=made.id), metadata=key)
    copy = await calls.GetCharacter(pb.GetCharacterRequest(id=fork.id), metadata=key)
    assert (copy.character.name, copy.character.persona) == ("M (fork)", PERSONA)
    request = pb.DeleteCharacterRequest(id=made.id)
    assert (await calls.DeleteCharacter(request, metadata=key)).deleted == made.id
    await refused(calls.DeleteCharacter(request, metadata=key), Reason.NOT_FOUND)


async def test_what_is_wrong(calls, app):
    """Field errors of a creation, and of a patch."""
    key = metadata(app.secret)
    refusal = await refused(
        calls.CreateCharacter(pb.CreateCharacterRequest(name="x"), metadata=key),
        Reason.UNPROCESSABLE_CREATION,
    )
    assert refusal.code is grpc.StatusCode.FAILED_PRECONDITION
    assert list(refusal.error.errors) == ["persona is required", "stances is required"]
    garbage = document_pb2.JsonDocument(json=b"{")
    await refused(
        calls.CreateCharacter(pb.CreateCharacterRequest(world=garbage), metadata=key),
        Reason.MALFORMED_REQUEST,
    )
    made = await calls.CreateCharacter(said(), metadata=key)
    for patch in (
        pb.UpdateCharacterRequest(id=made.id),
        pb.UpdateCharacterRequest(id=made.id, update_mask={"paths": ["stances"]}),
        pb.UpdateCharacterRequest(id=made.id, update_mask={"paths": ["id"]}),
        pb.UpdateCharacterRequest(id=made.id, stances=[pb.NewStance(id=" ")]),
    ):
        await refused(calls.UpdateCharacter(patch, metadata=key), Reason.INVALID_FIELD)


async def test_a_world_is_none(calls, server_channel, app):
    """Also over gRPC, whatever is asked of it."""
    world_id = (await Client(server_channel, app.secret).create()).world_id
    key = metadata(app.secret)
    for call in (
        calls.GetCharacter(pb.GetCharacterRequest(id=world_id), metadata=key),
        calls.UpdateCharacter(pb.UpdateCharacterRequest(id=world_id, lore="x"), metadata=key),
        calls.ForkCharacter(pb.ForkCharacterRequest(id=world_id), metadata=key),
        calls.DeleteCharacter(pb.DeleteCharacterRequest(id=world_id), metadata=key),
    ):
        await refused(call, Reason.NOT_FOUND)


async def test_an_import(calls, app):
    """A document that was made by hand, as JSON."""
    world = {
        "name": "Ada",
        "kind": "character",
        "entrance": {"state": "calm"},
        "scene": {"states": {"calm": {"base": "A clerk."}}, "events": []},
        "character": {"persona": "A clerk."},
    }
    text = document_pb2.JsonDocument(json=json.dumps(world).encode())
    made = await calls.CreateCharacter(
        pb.CreateCharacterRequest(world=text, greeting="Yes?"), metadata=metadata(app.secret)
    )
    read = await calls.GetCharacter(
        pb.GetCharacterRequest(id=made.id), metadata=metadata(app.secret)
    )
    assert (read.character.persona, read.character.greeting) == ("A clerk.", "Yes?")
    assert [stance.id for stance in read.character.stances] == ["calm"]
