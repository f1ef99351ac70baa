"""The editor port: from a sentence to ops on a world's graph (CONTRACT 3.4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from conjure.kernel import Diagnostic

Step = Literal["reading", "editing", "checking"]
"""What an editor does; `editing` and `checking` may take turns."""

Report = Callable[[Step, float], Awaitable[None]]
"""Is told how far an editor has come: its step, and the part of the whole that is done, 0 to 1."""


class EditorError(Exception):
    """No edit could be made, and no question asked; the message is for the log, and the caller refunds."""


class UnfitEdit(EditorError):
    """What came of it is a world that the gate refuses (CONTRACT 3.4: 422); `errors` say why."""

    def __init__(self, errors: Sequence[Diagnostic]) -> None:
        super().__init__(f"the gate would refuse what came of it: {len(errors)} errors")
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class EditRequest:
    """What to change. The instruction is what a person typed: any text at all.

    `world` is the document as it is stored, not the editor's to change. `verified_objects` are objects that
    a detector has found in the picture (CONTRACT 3.4 `verifiedObjects`): data that may be asked about.
    """

    world: dict[str, Any]
    instruction: str
    verified_objects: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class ProposedEdit:
    """What an editor makes of an instruction: ops in the order in which they apply, and what to say.

    The ops are of the kernel's register (CONTRACT 3.3), applied to `world` one after the other, each of them
    applies, and the result passes the gate. Without any, nothing is changed: the reply is a question, or an
    answer. The reply names no op, no tool and no model.
    """

    reply: str
    ops: tuple[dict[str, Any], ...] = ()


class Editor(Protocol):
    """Edits worlds."""

    async def edit(self, request: EditRequest, report: Report | None = None) -> ProposedEdit:
        """Proposes an edit; stores nothing. Raises EditorError, and what `report` raises.

        A caller that is cancelled ends whatever costs.
        """
        ...
