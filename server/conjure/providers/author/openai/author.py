"""The author that has a model write, step by step: worlds (CONTRACT 2.1) and characters (CONTRACT 5)."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import structlog

from conjure.providers.author import bar
from conjure.providers.author.builtin.characters import written as written_without_model
from conjure.providers.author.builtin.text import tidy
from conjure.providers.author.openai import characters, steps
from conjure.providers.author.openai.assembly import Assembly
from conjure.providers.author.openai.draft import Draft
from conjure.providers.author.openai.prose import capital
from conjure.providers.author.openai.writer import Journal, Writer
from conjure.providers.author.port import AuthoredWorld, AuthorError
from conjure.providers.openai.failures import ImagesRefused, ModelError
from conjure.providers.openai.spending import Spending
from conjure.providers.pictures.port import PictureRequest
from conjure.providers.pictures.reading import reading_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator

    from conjure.providers.author.character import CharacterParts
    from conjure.providers.author.port import (
        AuthoredCharacter,
        AuthorRequest,
        CharacterRequest,
        Report,
        Step,
    )
    from conjure.providers.openai.chat import ChatModel
    from conjure.settings.models import AuthorSettings

log = structlog.get_logger(__name__)

_NAME_CHARS: Final = 120
_POV_CHARS: Final = 64


class OpenaiAuthor:
    """Writes worlds and characters with a model, each within the limits of its settings."""

    def __init__(self, model: ChatModel, settings: AuthorSettings) -> None:
        self._model = model
        self._settings = settings

    async def create_world(
        self, request: AuthorRequest, report: Report | None = None
    ) -> AuthoredWorld:
        """Writes a world. Raises AuthorError, and what `report` raises."""
        with self._journal("world") as journal:
            return await self._written(request, journal, report or _unheard)

    async def create_character(
        self, request: CharacterRequest, report: Report | None = None
    ) -> AuthoredCharacter:
        """Writes a character. Raises AuthorError, and what `report` raises."""
        with self._journal("character") as journal:
            return await self._character(request, journal, report or _unheard)

    @contextlib.contextmanager
    def _journal(self, what: str) -> Iterator[Journal]:
        """The journal of one work within the limits; what it has cost is logged when it ends."""
        limits = self._settings
        journal = Journal(
            Spending(
                most_calls=limits.most_calls, most_tokens=limits.most_tokens, most_s=limits.most_s
            )
        )
        outcome = "failed"
        try:
            yield journal
            outcome = "accepted"
        except ModelError as error:
            raise AuthorError(f"{type(error).__name__}: {error}", journal.effort) from error
        finally:
            # Tokens stand under other names: logs redact what is called one.
            log.info(
                "author finished",
                wrote=what,
                outcome=outcome,
                calls=journal.spending.calls,
                read=journal.spending.tokens_read,
                written=journal.spending.tokens_written,
                seconds=round(journal.spending.seconds, 1),
                repairs=journal.repairs,
                mended=len(journal.mended),
            )

    async def _written(
        self, request: AuthorRequest, journal: Journal, report: Report
    ) -> AuthoredWorld:
        writer = Writer(self._model, journal, repairs=self._settings.repairs)
        await report("planning", 0.0)
        plan = await self._plan(writer, request)
        draft = Draft(premise=request.premise, pov=tidy(request.pov, _POV_CHARS), plan=plan)
        await report("planning", 0.3)
        draft.places = await writer.take(steps.places(draft))
        await report("planning", 0.6)
        things = await writer.take(steps.things(draft))
        draft.lock, draft.life = things["lock"], things["life"]
        await self._prose(writer, draft, report)
        return _finished(request, draft, journal)

    async def _plan(self, writer: Writer, request: AuthorRequest) -> dict[str, Any]:
        frame = request.frame
        if frame is None:
            return await writer.take(steps.plan(request, picture=None, reading=None))
        try:
            return await writer.take(steps.plan(request, picture=frame.picture, reading=None))
        except ImagesRefused:
            log.info("the author's model takes no pictures: it is told of light and colours")
        reading = await reading_of(frame)
        return await writer.take(steps.plan(request, picture=None, reading=reading.sentence))

    async def _character(
        self, request: CharacterRequest, journal: Journal, report: Report
    ) -> AuthoredCharacter:
        writer = Writer(self._model, journal, repairs=self._settings.repairs)
        await report("planning", 0.0)
        look = None if request.frame is None else await reading_of(request.frame)
        spare = written_without_model(request, look)
        told = await self._who(writer, request, spare, None if look is None else look.sentence)
        name = tidy(request.name or "", characters.NAME_CHARS) or told["name"]
        # Where its name stands in words of ours, it is the one that the model gave.
        told = {member: text.replace(spare.name, name) for member, text in told.items()}
        told["name"] = name
        spare = written_without_model(replace(request, name=name), look)
        await report("writing", 0.0)
        talked, stood = await _all(
            (
                writer.take(characters.talk(request, told, spare)),
                writer.take(characters.stances(request, told, spare)),
            ),
            lambda part: report("writing", part),
        )
        made = characters.finished(told, talked, stood, spare, journal)
        if missed := bar.misses_of_character(made, request.premise):
            journal.findings += missed
            raise AuthorError(
                f"the character misses the bar: {len(missed)} findings", journal.effort
            )
        return made

    async def _who(
        self,
        writer: Writer,
        request: CharacterRequest,
        spare: CharacterParts,
        reading: str | None,
    ) -> dict[str, Any]:
        if request.frame is not None:
            picture = request.frame.picture
            try:
                return await writer.take(
                    characters.who(request, spare, picture=picture, reading=None)
                )
            except ImagesRefused:
                log.info("the author's model takes no pictures: it is told of light and colours")
        return await writer.take(characters.who(request, spare, picture=None, reading=reading))

    async def _prose(self, writer: Writer, draft: Draft, report: Report) -> None:
        """The states and the ways; several at a time, as none needs another."""
        wanted = [
            *((draft.states, step) for step in steps.states(draft)),
            *((draft.ways, step) for step in steps.ways(draft)),
        ]
        await report("writing", 0.0)
        answers = await _all(
            (writer.take(step) for _, step in wanted), lambda part: report("writing", part)
        )
        for (into, _), answer in zip(wanted, answers, strict=True):
            into.update(answer)


def _finished(request: AuthorRequest, draft: Draft, journal: Journal) -> AuthoredWorld:
    name = tidy(request.name or "", _NAME_CHARS) or capital(draft.plan["name"])
    assembly = Assembly(draft)
    document = assembly.document(name)
    journal.mended += [f"event {event}" for event in assembly.renamed]
    if missed := bar.misses(document, request.premise):
        journal.findings += missed
        raise AuthorError(f"the world misses the bar: {len(missed)} findings", journal.effort)
    plan = draft.plan
    cover = PictureRequest(
        prompt=f"{plan['description']} {draft.place(draft.layout.start)['look']}",
        pov=draft.pov,
        mood=plan["mood"],
        style=plan["style"],
        title=name,
        scene=plan["setting"],
        palette=plan["mood"],
    )
    return AuthoredWorld(document, cover, journal.is_first, journal.effort)


async def _unheard(_step: Step, _part: float) -> None:
    pass


async def _all(
    work: Iterable[Coroutine[Any, Any, Any]],
    told: Callable[[float], Awaitable[None]],
) -> list[Any]:
    """Does all at the same time; returns the results in their order. What fails ends the rest.

    `told` hears which part of them is done.
    """
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        for done, task in enumerate(asyncio.as_completed(tasks), 1):
            await task
            await told(done / len(tasks))
        return [task.result() for task in tasks]
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
