"""What a caller says of a character, checked (CONTRACT 5)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conjure.core import jsondoc
from conjure.core.errors import InvalidField, UnprocessableCreation
from conjure.kernel import stances
from conjure.kernel.character import KIND
from conjure.kernel.names import unaddressable, world_name_problem
from conjure.kernel.stances import MOST_STANCES, NewStance
from conjure.kernel.stances.imports import INTRO, LONGEST_ID, OF_A_STANCE, TEXTS
from conjure.worlds.model import MAX_DESCRIPTION
from conjure.worlds.requests import NewWorld, digest
from conjure.worlds.requests import checked as checked_world

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROUTE: Final = "characters"
"""The route that Idempotency-Keys of creations are scoped to (CONTRACT 0)."""

FORK_ROUTE: Final = "character-forks"
"""That of forks."""


@dataclass(frozen=True, slots=True)
class AskedCharacter:
    """What to create: by importing `document` (JSON text), from what is said of it, or `is_authored`.

    `members` are those of `character` that are given, by their names in JSON.
    """

    document: bytes | None = None
    is_authored: bool = False
    premise: str | None = None
    frame_b64: str | None = None
    frame_url: str | None = None
    name: str | None = None
    description: str | None = None
    cover: str | None = None
    stances: tuple[NewStance, ...] = ()
    members: Mapping[str, Any] = field(default_factory=dict)

    @property
    def written_from(self) -> NewWorld:
        """What an author is given."""
        return NewWorld(
            premise=self.premise,
            name=self.name,
            frame_b64=self.frame_b64,
            frame_url=self.frame_url,
        )

    def said(self, document: Any) -> tuple[Any, ...]:
        """What an Idempotency-Key is bound to; `document` is the parsed one."""
        cover = None if self.cover is None else digest(self.cover)
        told = [stance.entry | {"label": stance.label} for stance in self.stances]
        members = dict(self.members)
        return (
            document, self.is_authored, self.premise, *self.written_from.frame_said,
            self.name, self.description, cover, told, members,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CharacterPatch:
    """What to change; None erases. `members` are those of the document, `character` those of its part."""

    members: Mapping[str, str | None]
    character: Mapping[str, Any]
    stances: tuple[NewStance, ...] | None
    visibility: str | None


def document_of(asked: AskedCharacter) -> Any:
    """The parsed document that is to be imported; None when there is none. Raises MalformedRequest."""
    return None if asked.document is None else jsondoc.loads(asked.document)


def checked(asked: AskedCharacter, given: Any) -> dict[str, Any] | None:
    """Checks what is asked for; returns the document to import, made whole, with what was said beside it.

    `given` is what `document_of` returns. Raises UnprocessableCreation.
    """
    problems = list(_problems_of_form(asked))
    if asked.name is not None and (problem := world_name_problem(asked.name)) is not None:
        problems.append(problem)
    if asked.description is not None and len(asked.description) > MAX_DESCRIPTION:
        problems.append(f"description must have at most {MAX_DESCRIPTION} characters")
    if asked.cover == "":
        problems.append("cover must be a URL or a data URL")
    problems += problems_of_members(asked.members)
    problems += problems_of_stances(asked.stances)
    document = None
    if asked.document is not None:
        if not isinstance(given, dict):
            problems.append("world must be an object: a complete SMWorld")
        elif found := stances.problems(given):
            problems += found
        else:
            document = stances.completed(_overridden(given, asked))
    if problems:
        raise UnprocessableCreation(*problems)
    return document


def check_patch(patch: CharacterPatch) -> None:
    """Raises InvalidField."""
    problems = list(problems_of_members(patch.character))
    if patch.stances is not None:
        problems += problems_of_stances(patch.stances)
    if problems:
        raise InvalidField(*problems)


def problems_of_members(members: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with members of `character`."""
    for name, most in TEXTS.items():
        value = members.get(name)
        if value is not None and len(value) > most:
            yield f"{name} must have at most {most} characters"
    persona = members.get("persona")
    if persona is not None and not persona.strip():
        yield "persona must have at least one character that is no white space"
    for name, value in (members.get("intro") or {}).items():
        if value is not None and len(value) > INTRO[name]:
            yield f"intro.{name} must have at most {INTRO[name]} characters"


def problems_of_stances(given: Sequence[NewStance]) -> Iterator[str]:
    """What is wrong with stances, each with its place."""
    if len(given) > MOST_STANCES:
        yield f"stances must hold at most {MOST_STANCES} stances"
        return
    seen: dict[str, int] = {}
    for at, stance in enumerate(given):
        problem = _problem_of_id(stance.id)
        if problem is not None:
            yield f"stances[{at}].id {problem}"
        elif (first := seen.setdefault(_folded(stance.id), at)) != at:
            same = stance.id == given[first].id
            how = "is" if same else "differs only in case or in the form of its characters from"
            yield f"stances[{at}].id {how} the id of stances[{first}]"
        if stance.label is not None and not stance.label.strip():
            yield f"stances[{at}].label must have at least one character that is no white space"
        for name, most in OF_A_STANCE.items():
            value = getattr(stance, name)
            if value is not None and len(value) > most:
                yield f"stances[{at}].{name} must have at most {most} characters"


def _problem_of_id(stance_id: str) -> str | None:
    if not 1 <= len(stance_id) <= LONGEST_ID:
        return f"must have 1 to {LONGEST_ID} characters"
    if (problem := unaddressable(stance_id)) is not None:
        return f"cannot be addressed: {problem}"
    return None if stance_id == stance_id.strip() else "must not begin or end with white space"


def _folded(stance_id: str) -> str:
    """What two ids have in common that people, and models, take for one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", stance_id).casefold())


def _problems_of_form(asked: AskedCharacter) -> Iterator[str]:
    from_premise = {
        "premise": asked.premise,
        "frame_b64": asked.frame_b64,
        "frame_url": asked.frame_url,
    }
    given = [name for name, value in from_premise.items() if value is not None]
    if asked.document is not None:
        beside = [*(["authored"] if asked.is_authored else ()), *given]
        if asked.stances:
            beside.append("stances")
        for name in beside:
            yield f"{name} must not be given together with world"
    elif asked.is_authored:
        try:
            checked_world(asked.written_from)
        except UnprocessableCreation as refused:
            yield from (problem for problem in refused.errors if not problem.startswith("name "))
    else:
        for name in given:
            yield f"{name} is only for characters that are written: set authored to true"
        if asked.name is None:
            yield "name is required"
        if asked.members.get("persona") is None:
            yield "persona is required"
        if not asked.stances:
            yield "stances is required"


def _overridden(document: dict[str, Any], asked: AskedCharacter) -> dict[str, Any]:
    """The document with what was said beside it, which wins."""
    members = {"description": asked.description, "cover": asked.cover}
    given = {name: value for name, value in members.items() if value is not None}
    said = {**(document.get(KIND) or {}), **asked.members}
    return {**document, **given, KIND: said}
