"""Characters that are written: what the author wrote, what the caller said, and what fails (CONTRACT 5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conjure.core.errors import Reason
from conjure.providers.author import (
    AuthoredCharacter,
    AuthoredStance,
    AuthorError,
    BuiltinAuthor,
    CharacterRequest,
)
from conjure.providers.pictures import PictureRequest
from conjure.v1 import character_service_pb2 as pb
from conjure.v1.character_service_pb2_grpc import CharacterServiceStub
from support.jobs import Maker, making
from support.rpc import metadata, refused
from support.stack import running_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.providers.author import Report

FRAME = "R0lGODdhAQABAIAAAP8AAAAAACwAAAAAAQABAAACAkQBADs="
WRITTEN = AuthoredCharacter(
    name="Ida",
    description="A clockmaker.",
    persona="Ida mends clocks, and never is on time.",
    scene="A shop full of clocks.",
    greeting="You are early.",
    lore="The tower clock has stood since 1911.",
    examples="Guest: What time is it?\nIda: All of them.",
    stances=(
        AuthoredStance("busy", "Busy", "absorbed", "Eyes on a gear."),
        AuthoredStance("pleased", "Pleased", "warm", "A thin smile."),
    ),
    subject="A woman in a leather apron.",
    style="Etching.",
    cover=PictureRequest("A clockmaker at her bench", title="Ida"),
)


class Author(BuiltinAuthor):
    """Writes what it is told to; the last request is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[CharacterRequest] = []

    async def create_character(
        self, request: CharacterRequest, report: Report | None = None
    ) -> AuthoredCharacter:
        self.asked.append(request)
        if request.premise == "fail":
            raise AuthorError("the text of a provider")
        if request.premise == "twice":
            return replace(WRITTEN, stances=WRITTEN.stances * 2)
        if request.premise == "nothing":
            return replace(WRITTEN, stances=())
        return WRITTEN


@pytest.fixture
async def author() -> Author:
    return Author()


@pytest.fixture
async def maker(tmp_path, author) -> AsyncIterator[Maker]:
    async with running_store(tmp_path) as (_, url), making(url, author) as running:
        yield running


async def test_written_characters(maker, author):
    """What was written is compiled, what was said wins, a frame is the cover, and a failure costs nothing."""
    caller = maker.jobs.caller
    calls, key = CharacterServiceStub(caller.channel), metadata(caller.key)

    async def create(**fields):
        request = pb.CreateCharacterRequest(authored=True, **fields)
        made = await calls.CreateCharacter(request, metadata=key)
        read = await calls.GetCharacter(pb.GetCharacterRequest(id=made.id), metadata=key)
        return made, read.character

    made, ida = await create(premise=" a clockmaker ", name="Ada")
    assert author.asked == [CharacterRequest("a clockmaker", name="Ada")]
    assert (ida.name, ida.description, ida.greeting) == ("Ada", "A clockmaker.", "You are early.")
    assert (ida.persona, ida.scene, ida.lore, ida.examples) == (
        WRITTEN.persona, WRITTEN.scene, WRITTEN.lore, WRITTEN.examples,
    )  # fmt: skip
    assert [(one.id, one.label, one.mood) for one in ida.stances] == [
        ("busy", "Busy", "absorbed"), ("pleased", "Pleased", "warm"),
    ]  # fmt: skip
    assert ida.free is False
    assert made.cover == ida.cover
    assert "/assets/" in made.cover

    picture = "https://example.com/ida.png"
    made, ida = await create(
        frame_b64=FRAME, persona="Mine.", cover=picture, free=True, stances=[pb.NewStance(id="odd")]
    )
    assert author.asked[-1].frame is not None
    assert (ida.persona, ida.lore, ida.cover, ida.free) == ("Mine.", WRITTEN.lore, picture, True)
    assert [one.id for one in ida.stances] == ["odd"]
    framed, _ = await create(frame_b64=FRAME)
    assert framed.cover.endswith(".jpg")

    for premise in ("fail", "twice", "nothing"):
        refusal = await refused(create(premise=premise), Reason.AUTHOR_UNAVAILABLE)
        assert "text of a provider" not in str(refusal)
    # What was said in place of what the author got wrong is enough.
    await create(premise="twice", stances=[pb.NewStance(id="odd")])
    again = metadata(caller.key, idempotency_key="k")
    request = pb.CreateCharacterRequest(authored=True, premise="a clockmaker")
    first, second = [await calls.CreateCharacter(request, metadata=again) for _ in range(2)]
    assert first == second
    assert await caller.used("generation") == 5
