"""The editor that has a model behind it: a conversation in which only the kernel's ops change anything."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import structlog

from conjure.core import jsondoc
from conjure.kernel.ops import OPS
from conjure.providers.editor.draft import Draft
from conjure.providers.editor.openai import guard, prompts, view
from conjure.providers.editor.openai.changes import Changes
from conjure.providers.editor.openai.desk import Desk
from conjure.providers.editor.openai.reply import (
    ReplyFilter,
    claims_change,
    is_question,
    shortened,
)
from conjure.providers.editor.openai.tools import TOOLS, tools_for
from conjure.providers.editor.port import EditorError, ProposedEdit, UnfitEdit
from conjure.providers.openai.failures import (
    AnswerCut,
    AnswerUnfit,
    BudgetSpent,
    ModelError,
    ModelRefused,
)
from conjure.providers.openai.messages import Message
from conjure.providers.openai.spending import Spending

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conjure.providers.editor.port import EditRequest, Report, Step
    from conjure.providers.openai.messages import Tool, Turn
    from conjure.settings import EditorSettings

T = TypeVar("T")

log = structlog.get_logger(__name__)

MOST_INSTRUCTION: Final = 4_000
"""Characters of an instruction; a longer one is asked about."""

_MOST_WRITTEN: Final = 1_600  # tokens of one turn
_MOST_FAILURES: Final = 2  # turns in a row of which nothing could be made
_ATTEMPTS: Final = 3  # requests that a turn may take: endpoints are asked in several ways at first
_MOST_IDLE: Final = 3  # turns in a row in which nothing was changed, and nothing new was read
_COOL: Final = 0.2  # temperature: an edit is no place for surprises

TOO_LONG: Final = (
    "That is more than I can take in at once. "
    f"Say it in at most {MOST_INSTRUCTION:,} characters, or in parts."
)
EMPTY: Final = "What should be changed?"
DECLINED: Final = "I cannot help with that here. Nothing has been changed; say it in another way."
UNCLEAR: Final = "I am not sure what to change. Nothing has been changed; say it in other words."
UNCHANGED: Final = "Nothing has been changed."


class Model(Protocol):
    """What the editor needs of a chat model (providers/openai/chat.py)."""

    async def turn(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool],
        *,
        most_tokens: int,
        spending: Spending,
        temperature: float | None = None,
    ) -> Turn:
        """What the model says next. Raises ModelError."""
        ...


class OpenaiEditor:
    """Edits worlds with a model; for any number of callers at the same time."""

    def __init__(self, model: Model, settings: EditorSettings) -> None:
        self._model = model
        self._settings = settings
        self._filter = ReplyFilter(
            names=(*OPS, *(tool.name for tool in TOOLS)),
            model=settings.model,
            prompts=(prompts.RULES, *(tool.description for tool in TOOLS)),
        )

    async def edit(self, request: EditRequest, report: Report | None = None) -> ProposedEdit:
        """Proposes an edit; stores nothing.

        Raises EditorError, and what `report` raises.
        """
        # Halves of surrogate pairs are in no JSON.
        instruction = request.instruction.encode("utf-8", "replace").decode().strip()
        if not instruction:
            return ProposedEdit(EMPTY)
        if len(instruction) > MOST_INSTRUCTION:
            return ProposedEdit(TOO_LONG)
        request = replace(request, instruction=instruction)
        return await _Edit(self._model, self._settings, self._filter, request, report).run()


class _Edit:
    """One edit, from the first message to the last."""

    def __init__(
        self,
        model: Model,
        settings: EditorSettings,
        replies: ReplyFilter,
        request: EditRequest,
        report: Report | None,
    ) -> None:
        self._model = model
        self._most_turns = settings.most_turns
        self._spending = Spending(
            settings.most_turns * _ATTEMPTS, settings.most_tokens, settings.most_s
        )
        self._replies = replies
        self._request = request
        self._report = report
        self._draft = Draft(request.world)
        self._tools = tools_for(request.world, request.instruction)
        self._desk = Desk(self._draft, request.instruction)
        self._turns = self._repairs = 0
        # How many ops, and the reply, that are taken when nothing better comes.
        self._accepted: tuple[int, str] | None = None

    async def run(self) -> ProposedEdit:
        outcome = "failed"
        try:
            await self._tell("reading", 0.0)
            edit = await self._converse()
            outcome = "edited" if edit.ops else "asked"
        except ModelRefused:
            outcome, edit = "declined", ProposedEdit(DECLINED)
        except ModelError as error:
            raise EditorError(f"{type(error).__name__}: {error}") from error
        finally:
            spent = self._spending
            # Tokens stand under other names: logs redact what is called one.
            log.info(
                "editor finished",
                outcome=outcome,
                prompts=prompts.VERSION,
                turns=self._turns,
                calls=spent.calls,
                read=spent.tokens_read,
                written=spent.tokens_written,
                seconds=round(spent.seconds, 1),
                repairs=self._repairs,
                ops=len(self._draft.ops),
            )
        await self._tell("checking", 1.0)
        return edit

    async def _converse(self) -> ProposedEdit:
        messages = [Message("system", prompts.RULES), Message("user", await _apart(self._task))]
        idle = 0
        while self._turns < self._most_turns and idle < _MOST_IDLE:
            is_last = self._accepted is not None  # new warnings get one turn to be mended in
            try:
                turn = await self._turn(messages)
            except ModelError as error:
                if is_last or isinstance(error, BudgetSpent):
                    break
                raise
            served = await _apart(self._desk.serve, turn.calls)
            if served.question is not None:
                return ProposedEdit(self._asked(served.question))
            said = served.reply if turn.calls else turn.text
            if said is not None and not self._draft.ops:
                return ProposedEdit(self._answer(said))
            await self._tell("checking", self._turns / self._most_turns)
            findings = await _apart(self._draft.findings)
            if findings.passes and (is_last or said is not None):
                self._accepted = len(self._draft.ops), said or (self._accepted or (0, ""))[1]
            if is_last or (self._accepted is not None and not findings.warnings):
                break
            is_end = said is not None
            self._repairs += is_end
            idle = 0 if served.was_of_use else idle + 1
            messages += [turn.message(), *served.with_findings(findings, is_end=is_end)]
        return await _apart(self._finished)

    async def _turn(self, messages: Sequence[Message]) -> Turn:
        """What the model says next; it is asked again when nothing can be made of that.

        Raises ModelError.
        """
        for attempt in range(1, _MOST_FAILURES + 1):
            await self._tell("editing", self._turns / self._most_turns)
            self._turns += 1
            try:
                turn = await self._model.turn(
                    messages,
                    self._tools,
                    most_tokens=_MOST_WRITTEN,
                    spending=self._spending,
                    temperature=_COOL,
                )
                if turn.calls or turn.text.strip():
                    return turn
                failure: ModelError = AnswerUnfit("the turn is empty")
            except (AnswerCut, AnswerUnfit) as error:
                failure = error
            if attempt == _MOST_FAILURES or self._turns >= self._most_turns:
                raise failure
        raise AssertionError

    def _task(self) -> str:
        request = self._request
        return prompts.task(
            world=view.View(request.world, request.instruction).text(),
            objects=view.objects(request.verified_objects),
            instruction=jsondoc.dumps(request.instruction).decode(),
        )

    def _finished(self) -> ProposedEdit:
        """The edit when the model has said that it is done, or may take no more turns."""
        draft, instruction = self._draft, self._request.instruction
        said = ""
        if self._accepted is not None:
            ops, said = self._accepted
            draft.undo(len(draft.ops) - ops)
        if not draft.is_changed:
            if self._accepted is None:
                raise EditorError(f"nothing came of {self._turns} turns")
            return ProposedEdit(self._answer(said))
        found = draft.findings()
        if not found.passes:
            raise UnfitEdit(found.errors)
        changes = Changes(draft)
        question = guard.question(instruction, changes)
        if question is not None:
            return ProposedEdit(question)
        return draft.proposed(self._replies.clean(said, instruction) or changes.told())

    def _asked(self, question: str) -> str:
        """A question as it may be said: nothing is changed."""
        plain = self._replies.clean(question, self._request.instruction)
        return UNCLEAR if plain is None or claims_change(plain) else plain

    def _answer(self, said: str) -> str:
        """What is said when nothing was changed; a model that says otherwise is not listened to."""
        plain = self._replies.clean(said, self._request.instruction)
        if plain is None or claims_change(plain):
            return UNCLEAR
        if is_question(plain) or is_question(self._request.instruction):
            return plain
        return shortened(f"{UNCHANGED} {plain}")

    async def _tell(self, step: Step, part: float) -> None:
        if self._report is not None:
            await self._report(step, part)


async def _apart(work: Callable[..., T], *args: Any) -> T:
    """Work that grows with the world, beside the loop."""
    return await asyncio.to_thread(work, *args)
