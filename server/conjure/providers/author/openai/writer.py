"""Having a model take one step: asking, sending back what is wrong, and mending what is left."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from conjure.providers.author.bar import folded
from conjure.providers.author.openai import prompts
from conjure.providers.author.openai.prose import findings, label, mended, tidy
from conjure.providers.author.openai.schemas import most_tokens, narrowed, without_lengths
from conjure.providers.author.port import Effort
from conjure.providers.openai.failures import (
    AnswerCut,
    AnswerUnfit,
    ModelError,
    ModelUnavailable,
)
from conjure.providers.openai.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.providers.author.openai.schemas import Schema
    from conjure.providers.author.openai.steps import Field, Path, Step
    from conjure.providers.openai.chat import ChatModel
    from conjure.providers.openai.spending import Spending

_TEMPERATURE: Final = 0.7
_PAUSE_S: Final = 1.0  # before an endpoint that failed is asked again, once a step
_ECHO_CHARS: Final = 20  # of a premise: shorter ones are in prose by chance


@dataclass(slots=True)
class Journal:
    """What became of a world or a character while it was written.

    `repairs` are the answers that a model was asked for again, `findings` what was wrong, by step and member,
    `mended` the texts that were mended without a model.
    """

    spending: Spending
    findings: list[str] = field(default_factory=list)
    repairs: int = 0
    mended: list[str] = field(default_factory=list)

    @property
    def is_first(self) -> bool:
        """Whether all was fit as it came."""
        return not self.repairs and not self.mended

    @property
    def effort(self) -> Effort:
        """What it has cost so far."""
        return Effort(
            calls=self.spending.calls,
            tokens_read=self.spending.tokens_read,
            tokens_written=self.spending.tokens_written,
            repairs=self.repairs,
            findings=tuple(self.findings),
            mended=len(self.mended),
        )


class Writer:
    """Takes steps for one world or character."""

    def __init__(self, model: ChatModel, journal: Journal, *, repairs: int) -> None:
        self._model = model
        self._journal = journal
        self._repairs = repairs

    async def take(self, step: Step) -> dict[str, Any]:
        """The answer to a step, each of its texts fit to stand where it belongs.

        Raises AnswerUnfit or AnswerCut when there is none and the step needs the model, and the other errors
        of a model; but an answer whose repair fails, for whatever reason, is mended.
        """
        messages = prompts.asked(
            *step.parts, data=step.data, picture=step.picture, system=step.system
        )
        answer: dict[str, Any] | None = None
        wrong: dict[Path, tuple[str, ...]] = {}
        for turn in range(self._repairs + 1):
            if turn:
                self._journal.repairs += 1
            try:
                if answer is None:
                    answer = await self._asked(
                        step, _more_firmly(messages) if turn else messages, step.schema
                    )
                    fresh = [each.path for each in step.fields]
                else:
                    fresh = list(wrong)
                    said = await self._asked(
                        step,
                        _with_findings(messages, answer, wrong),
                        narrowed(step.schema, fresh),
                    )
                    for path in fresh:
                        _put(answer, path, _at(said, path))
            except (AnswerUnfit, AnswerCut) as error:
                self._note(step, str(error))
                if turn == self._repairs and answer is None and step.needs_model:
                    raise
                continue
            except ModelError as error:
                if answer is None:
                    raise
                self._note(step, str(error))
                break
            _tidy(step, answer, fresh)
            wrong = _wrong(step, answer)
            for path, found in wrong.items():
                self._note(step, f"{'.'.join(path)}: {' '.join(found)}")
            if not wrong:
                break
        return self._whole(step, answer, wrong)

    async def _asked(self, step: Step, messages: list[Message], schema: Schema) -> dict[str, Any]:
        for is_last in (False, True):
            try:
                said: dict[str, Any] = await self._model.object(
                    messages,
                    schema,
                    name=step.name,
                    most_tokens=most_tokens(schema),
                    spending=self._journal.spending,
                    temperature=_TEMPERATURE,
                    accepted=without_lengths(schema),
                )
            except ModelUnavailable as error:
                if is_last:
                    raise
                self._note(step, str(error))
                await asyncio.sleep(_PAUSE_S)
            else:
                return said
        raise AssertionError("unreachable")

    def _note(self, step: Step, finding: str) -> None:
        self._journal.findings.append(f"{step.name}: {finding}")

    def _whole(
        self, step: Step, answer: dict[str, Any] | None, wrong: dict[Path, tuple[str, ...]]
    ) -> dict[str, Any]:
        """The answer with what is wrong mended; all of it ours when there is none."""
        whole: dict[str, Any] = {} if answer is None else answer
        kept: set[str] = set()
        for each in step.fields:
            if answer is None or each.path in wrong:
                self._journal.mended.append(f"{step.name}.{'.'.join(each.path)}")
                text = (
                    each.instead if answer is None else _mended(step, each, _at(answer, each.path))
                )
                if each.is_only and text.casefold() in kept:
                    text = each.instead
                _put(whole, each.path, text)
            if each.is_only:
                kept.add(_at(whole, each.path).casefold())
        return whole


def _mended(step: Step, each: Field, text: str) -> str:
    """What is left of a text that something is wrong with. Of a label there is no half."""
    if each.is_label or _is_echo(step, text):
        return each.instead
    return mended(text, each.use, least=each.least, instead=each.instead)


def _more_firmly(messages: list[Message]) -> list[Message]:
    """The messages of another try after one that gave no such object."""
    first, *rest = messages
    return [replace(first, text=f"{first.text}\n\n{prompts.prompt(prompts.AGAIN)}"), *rest]


def _with_findings(
    messages: list[Message], answer: dict[str, Any], wrong: dict[Path, tuple[str, ...]]
) -> list[Message]:
    """The messages of a repair."""
    listed = [{"member": ".".join(path), "findings": found} for path, found in wrong.items()]
    return [
        *messages,
        Message("assistant", prompts.encoded(answer)),
        Message("user", f"{prompts.prompt(prompts.REPAIR)}\n\n{prompts.encoded(listed)}"),
    ]


def _tidy(step: Step, answer: dict[str, Any], paths: Iterable[Path]) -> None:
    """Brings these texts of an answer to one line each, no longer than they may be."""
    for each in step.fields:
        if each.path in paths:
            shorten = label if each.is_label else tidy
            _put(answer, each.path, shorten(_at(answer, each.path), step.most(each.path)))


def _wrong(step: Step, answer: dict[str, Any]) -> dict[Path, tuple[str, ...]]:
    """What is wrong, by member."""
    names = Counter(_at(answer, each.path).casefold() for each in step.fields if each.is_only)
    wrong = {}
    for each in step.fields:
        text = _at(answer, each.path)
        found = list(findings(text, each.use, each.least))
        if each.is_only and names[text.casefold()] > 1:
            found.append(prompts.SAYS_THE_SAME)
            names[text.casefold()] -= 1
        if _is_echo(step, text):
            found.append(prompts.REPEATS_PREMISE)
        if found:
            wrong[each.path] = tuple(found)
    return wrong


def _is_echo(step: Step, text: str) -> bool:
    premise = folded(step.unlike)
    return len(premise) >= _ECHO_CHARS and premise in folded(text)


def _at(answer: dict[str, Any], path: Path) -> str:
    value: Any = answer
    for name in path:
        value = value[name]
    return str(value)


def _put(answer: dict[str, Any], path: Path, text: str) -> None:
    *outer, last = path
    for name in outer:
        answer = answer.setdefault(name, {})
    answer[last] = text
