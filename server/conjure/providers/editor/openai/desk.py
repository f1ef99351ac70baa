"""Where the model's tool calls are carried out: on the draft, and on nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from conjure.core import jsondoc
from conjure.kernel.ops import OPS
from conjure.kernel.values import child, children, text
from conjure.kernel.wording import listed, nearest, quoted, shortened
from conjure.providers.editor.openai import view
from conjure.providers.editor.openai.tools import ASK, DONE, READ_EVENT, READ_STATE, TOOLS
from conjure.providers.openai.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjure.kernel import Diagnostic
    from conjure.providers.editor.draft import Draft, DraftFindings
    from conjure.providers.openai.messages import ToolCall

_MOST_SAID: Final = 600  # characters of a refusal or a finding
_MOST_FINDINGS: Final = 8
_MOST_READINGS: Final = 12  # states and events that are read in one edit

# As lenient as browsers are: `//host` and `\\host` are addresses where a link stands, `https:host` is one,
# and line breaks and tabs in one are passed over. Of a scheme its last character is enough: to read one from
# its beginning is to read a long word once for each of its characters, and a model may write half a megabyte.
_ADDRESS: Final = re.compile(
    r"[a-z0-9+.-]:[\\/]{2}|\bdata:[\w/+.-]*[;,]|\b(?:https?|ftp|wss?|blob|file|javascript|vbscript):"
    r"|\A[\x00-\x20]*[\\/]{2}",
    re.IGNORECASE,
)
_PASSED_OVER: Final = str.maketrans(dict.fromkeys("\t\n\r", ""))


@dataclass(slots=True)
class Served:
    """What came of the calls of a turn: a result for each, and whether the model has come to an end."""

    results: list[Message] = field(default_factory=list)
    question: str | None = None
    """It asks the person, and nothing is changed."""
    reply: str | None = None
    """It says that it is done."""
    was_of_use: bool = False
    """Something was changed, or read for the first time."""

    def with_findings(self, findings: DraftFindings, *, is_end: bool) -> list[Message]:
        """The results with what the kernel says after them. `is_end`: the model thought that it was done."""
        told = [_finding(item) for item in (*findings.errors, *findings.warnings)[:_MOST_FINDINGS]]
        if not told and self.results:
            return self.results
        more: dict[str, Any] = {"findings": told}
        if is_end and findings.errors:
            more["note"] = "not done: the world cannot be kept like this"
        elif is_end:
            more["note"] = "mend these if that is possible, then call done again"
        added = jsondoc.dumps(more).decode()
        if not self.results:
            return [Message("user", added)]
        *first, last = self.results
        return [*first, replace(last, text=f"{last.text}\n{added}")]


class Desk:
    """Carries out tool calls on a draft."""

    def __init__(self, draft: Draft, instruction: str) -> None:
        self._draft = draft
        self._instruction = instruction
        self._read: set[tuple[str, str]] = set()
        self._addresses: set[str] | None = None  # of the world's films and pictures

    def serve(self, calls: Sequence[ToolCall]) -> Served:
        """Carries out the calls of a turn in their order; nothing after a question."""
        served = Served()
        for call in calls:
            result = self._result(call, served)
            if served.question is not None:
                break
            served.results.append(
                Message("tool", jsondoc.dumps(result).decode(), tool_call_id=call.id)
            )
        return served

    def _result(self, call: ToolCall, served: Served) -> dict[str, Any]:
        arguments = call.arguments
        if arguments is None:
            return _refused("the arguments are no JSON object")
        if call.name == ASK:
            served.question = _said(arguments, "question")
            return {}
        if call.name == DONE:
            served.reply = _said(arguments, "reply")
            return {"noted": True}
        if call.name in {READ_STATE, READ_EVENT}:
            return self._reading(call.name, arguments, served)
        if call.name not in OPS:
            return _refused(f"there is no such tool; there are {_NAMES}")
        if self._has_foreign_address(arguments):
            return _refused(
                "addresses of pictures, films and pages are only such as the person has given"
            )
        refusal = self._draft.apply({**arguments, "op": call.name})
        if refusal is not None:
            return _refused(refusal)
        served.was_of_use = True
        self._read.clear()  # it may say something else now
        name = self._draft.names[-1]
        return {"applied": True} if name is None else {"applied": True, "name": name}

    def _reading(self, tool: str, arguments: dict[str, Any], served: Served) -> dict[str, Any]:
        scene = child(self._draft.world, "scene")
        if tool == READ_STATE:
            kind, name, things = "state", arguments.get("id"), child(scene, "states")
        else:
            kind, name = "event", arguments.get("name")
            things = {text(event, "name") or "": event for _, event in children(scene, "events")}
        if not isinstance(name, str):
            return _refused(f"say which {kind}")
        if name not in things:
            near = nearest(name, things)
            hint = f"did you mean {quoted(near)}?" if near else f"there are {listed(things)}"
            return _refused(f"there is no {kind} {quoted(name)}; {hint}")
        if (kind, name) in self._read:
            return _refused("it was shown before, and is still the same")
        if len(self._read) >= _MOST_READINGS:
            return _refused("enough was read; make the change, or ask")
        self._read.add((kind, name))
        served.was_of_use = True
        return {kind: name, "is": view.whole(things[name])}

    def _has_foreign_address(self, arguments: dict[str, Any]) -> bool:
        """Whether there is an address that neither the person gave nor a film or picture of the world has.

        What stands in a world's prose may be somebody else's, who would like to be called by every player.
        """
        for string in _strings(arguments):
            if not _ADDRESS.search(string.translate(_PASSED_OVER)) or string in self._instruction:
                continue
            if self._addresses is None:
                self._addresses = set(_media(self._draft.start))
            if string not in self._addresses:
                return True
        return False


_NAMES: Final = ", ".join(tool.name for tool in TOOLS)


def _refused(why: str) -> dict[str, Any]:
    return {"refused": shortened(why, _MOST_SAID)}


def _said(arguments: dict[str, Any], member: str) -> str:
    said = arguments.get(member)
    return said if isinstance(said, str) else ""


def _finding(item: Diagnostic) -> dict[str, str]:
    return {"severity": item.severity.value, "message": shortened(item.message, _MOST_SAID)}


def _strings(value: Any) -> Iterator[str]:
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            left += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            left += item


def _media(world: dict[str, Any]) -> Iterator[str]:
    """The addresses of a world's films and pictures."""
    found = [
        world.get("cover"),
        world.get("introVideo"),
        child(world, "outro").get("video"),
        child(child(world, "entrance"), "image").get("src"),
        *(cutscene.get("video") for _, cutscene in children(world, "cutscenes")),
    ]
    yield from (item for item in found if isinstance(item, str))
