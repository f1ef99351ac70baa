"""The built-in editor: edits worlds by sentences of a documented grammar, offline; it never guesses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from conjure.kernel.wording import shown
from conjure.providers.editor.builtin import answers, reading
from conjure.providers.editor.builtin.clause import Clause
from conjure.providers.editor.builtin.examples import EXAMPLES
from conjure.providers.editor.builtin.marks import CLOSE, OPEN, Marked, QuoteLeftOpen, cleaned
from conjure.providers.editor.builtin.questions import Ask, Unknown
from conjure.providers.editor.builtin.rules import RULES, locks
from conjure.providers.editor.builtin.work import Work
from conjure.providers.editor.draft import Draft
from conjure.providers.editor.port import ProposedEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjure.providers.editor.builtin.work import Mark
    from conjure.providers.editor.port import EditRequest, Report

MOST_CHARACTERS: Final = 4_000
"""Of an instruction."""

MOST_CLAUSES: Final = 50
"""In an instruction."""

_JOINED: Final = 4  # pieces that may be one clause although a boundary is between them
_SOME_EXAMPLES: Final = (
    "add a place called attic: A low attic under the roof.",
    "connect the hall to the cellar with “Climb down”",
    "lock the gate until the player has the key",
    "make the throne room a winning ending",
)


class BuiltinEditor:
    """Understands what GRAMMAR.md documents, and answers a question otherwise.

    Needs neither network nor key; the same instruction on the same world gives the same edit.
    """

    async def edit(self, request: EditRequest, report: Report | None = None) -> ProposedEdit:
        """Proposes an edit, of all clauses or of none."""
        if report is not None:
            await report("reading", 0.0)
        proposed = await asyncio.to_thread(propose, request)
        if report is not None:
            await report("checking", 1.0)
        return proposed


def propose(request: EditRequest) -> ProposedEdit:
    """The edit that an instruction asks for; a question when it is not clear, or not possible."""
    if len(request.instruction) > MOST_CHARACTERS:
        return _unchanged(
            f"That is too long: an instruction has at most {MOST_CHARACTERS:,} characters. "
            "Which part shall come first?"
        )
    try:
        marked = Marked(cleaned(request.instruction))
    except QuoteLeftOpen:
        return _unchanged("A quote is opened and not closed. Where shall it end?")
    pieces = reading.pieces(marked.text)
    if not pieces:
        return _unchanged(f"What shall be changed? {_examples('')}")
    if len(pieces) > MOST_CLAUSES:
        return _unchanged(
            f"Those are more than {MOST_CLAUSES} sentences. Which of them shall come first?"
        )
    draft = Draft(request.world)
    work = Work(draft, request.verified_objects)
    reader = _Reader(work, marked, pieces)
    try:
        reader.read()
    except Ask as ask:
        where = f"About “{_cut(marked.restored(reader.clause))}”: " if reader.is_one_of_many else ""
        return _unchanged(f"{where}{ask}")
    findings = draft.findings()
    if not findings.passes:
        return _unchanged(f"{answers.told(findings.errors)} What shall be done about that?")
    done = " ".join(work.done)
    if not draft.is_changed:
        return _unchanged(done)
    return draft.proposed(answers.with_advice(done, findings))


def _unchanged(question: str) -> ProposedEdit:
    end = "" if question.endswith("\n") else " "
    return ProposedEdit(answers.bounded(f"{question}{end}Nothing is changed."))


def _cut(text: str) -> str:
    return shown(text, 160)


class _NotUnderstood(Unknown):
    """No sentence of the grammar fits."""


class _Reader:
    """Carries out the pieces of an instruction, one clause after the other."""

    def __init__(self, work: Work, marked: Marked, pieces: list[reading.Piece]) -> None:
        self._work = work
        self._marked = marked
        self._pieces = pieces
        self.clause = ""
        """The clause that is being read."""
        self._is_after_prose = False
        work.promised = {work.new_flag(clause.name("flag")) for clause in self._giving()}

    @property
    def is_one_of_many(self) -> bool:
        """Whether the instruction holds more than the clause."""
        return len(self._pieces) > 1

    def read(self) -> None:
        """Carries out all of them. Raises Ask at the first that cannot be."""
        at = 0
        before: tuple[int, Mark] | None = None
        while at < len(self._pieces):
            mark = self._work.begin()
            try:
                at, before = self._next(at), (at, mark)
            except Unknown:
                if before is None or not self._tells(*before, at):
                    raise
                at, before = at + 1, None

    def _next(self, at: int) -> int:
        """Carries out the clause that begins there; returns where the next one begins."""
        self.clause = text = self._pieces[at].text
        problem: Ask | None = None
        for end in range(at + 1, min(at + _JOINED, len(self._pieces)) + 1):
            mark = self._work.begin()
            try:
                is_open = self._run(text)
            except Unknown as unknown:
                problem = problem or unknown
            else:
                self._is_after_prose = is_open
                return self._with_prose(text, mark, end) if is_open else end
            if end == len(self._pieces) or not self._may_join(end, text):
                break
            text += self._pieces[end].before.replace("\n", " ") + self._pieces[end].text
        if problem is None or isinstance(problem, _NotUnderstood):
            raise _NotUnderstood(self._not_understood(is_after_prose=self._is_after_prose))
        raise problem

    def _tells(self, start: int, mark: Mark, at: int) -> bool:
        """Carries out the clause before again when this piece tells what is shown of it: `and show "…"`."""
        piece = self._pieces[at]
        if not (piece.is_soft and reading.tells(piece.text)):
            return False
        text = self._pieces[start].text
        for part in self._pieces[start + 1 : at + 1]:
            text += part.before + part.text
        self._work.undo(mark)
        self._work.begin()
        try:
            return not self._run(text)  # never with prose without quotes, which takes in anything
        except Ask:
            return False

    def _may_join(self, at: int, text: str) -> bool:
        piece = self._pieces[at]
        is_told_below = text.endswith(":") and piece.before == "\n"
        return is_told_below or (piece.is_soft and not reading.begins_like_one(piece.text))

    def _with_prose(self, text: str, mark: Mark, end: int) -> int:
        """Lets prose without quotes run on over the sentences after it that are no instructions."""
        first = end
        while end < len(self._pieces) and self._may_join(end, text):
            piece = self._pieces[end]
            if self._would_run(piece.text):
                self.clause = piece.text
                raise Ask(
                    "Does this belong to the words before it, or is it something to do? Put those words "
                    "in quotes, or this on a line of its own."
                )
            text += piece.before + piece.text
            end += 1
        if end > first:
            self._work.undo(mark)
            self._work.begin()
            self._run(text)
        return end

    def _would_run(self, text: str) -> bool:
        mark = self._work.begin()
        try:
            self._run(text)
        except Unknown:
            return False
        except Ask:
            return True
        finally:
            self._work.undo(mark)
        return True

    def _run(self, text: str) -> bool:
        """Carries out one clause; returns whether it ends in prose without quotes.

        Of the readings that fit the first one of which all names are known counts. Raises Unknown when
        there is none, and Ask when a reading is clear but cannot be done.
        """
        text, is_question = reading.plain(text)
        problem: Unknown | None = None
        for said in self._readings(text):
            for rule in RULES:
                for expression in rule.expressions:
                    match = expression.match(said)
                    if match is None:
                        continue
                    clause = Clause(match, self._marked)
                    if is_question and not clause.is_open:
                        continue  # "the hall is a win?" asks, or doubts
                    mark = self._work.begin()
                    try:
                        rule.run(self._work, clause)
                    except Unknown as unknown:
                        problem = problem or unknown
                        self._work.undo(mark)
                    except Ask:
                        self._work.undo(mark)
                        raise
                    else:
                        return clause.is_open
        if is_question and problem is None:
            raise Unknown("That reads as a question. What shall be changed?")
        raise problem or _NotUnderstood(self._not_understood())

    def _readings(self, text: str) -> Iterator[str]:
        """The clause with the names of several words that it holds marked as one, and as it is."""
        spans = [
            (start, end)
            for start, end in self._work.names.spans(text)
            if OPEN not in text[start:end] and CLOSE not in text[start:end]
        ]
        if spans:
            parts, at = [], 0
            for start, end in spans:
                name = text[start:end]
                parts += [text[at:start], self._marked.stand_in(self._marked.restored(name), name)]
                at = end
            yield "".join((*parts, text[at:]))
        yield text

    def _giving(self) -> Iterator[Clause]:
        """The clauses in which an event gives something."""
        for piece in self._pieces:
            text, _ = reading.plain(piece.text)
            for expression in locks.GIVE.expressions:
                match = expression.match(text)
                if match is not None:
                    clause = Clause(match, self._marked)
                    if not clause.name("flag").is_pronoun:
                        yield clause
                    break

    def _not_understood(self, *, is_after_prose: bool = False) -> str:
        clause = self._marked.restored(self.clause)
        prose = "If it belongs to the words before it, put all of those in quotes. "
        return f"I do not understand “{_cut(clause)}”. {prose if is_after_prose else ''}{_examples(clause)}"


def _examples(clause: str) -> str:
    """Sentences of the grammar that begin as the clause does, else some that show what can be said."""
    first = reading.plain(clause)[0].partition(" ")[0].casefold()
    alike = [
        example.says
        for examples in EXAMPLES.values()
        for example in examples
        if example.changes and example.says.partition(" ")[0].casefold() == first
    ]
    listed = "\n".join(f"- {says}" for says in (alike or _SOME_EXAMPLES)[:4])
    return f"You can say, for example:\n{listed}\n"
