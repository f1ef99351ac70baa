"""The tools of the editing model: the kernel's ops, made from what the kernel knows of each, and two to read.

Names, meanings and parameters come from `kernel.ops`, the shapes of members from the schema of worlds. What a
model gives is judged by the op itself: a tool's schema only helps it to get that right.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.ops import OPS
from conjure.kernel.schema import DEFINITIONS, PROSE, ROOT, definition
from conjure.providers.editor.openai import phrases
from conjure.providers.editor.openai.mentions import normal
from conjure.providers.openai.messages import Tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjure.kernel.ops import Op

SAID_BY: Final = {
    "remove_state": "delete_state",
    "remove_event": "delete_event",
    "add_transition": "add_event",
    "add_override": "add_event",
    "set_event_field": "update_event",
    "set_event_kind": "update_event",
    "set_event_drive": "update_event",
    "set_event_hotkey": "update_event",
    "set_event_phases": "update_event",
    "set_event_anchor": "update_event",
    "set_event_grants": "update_event",
    "set_event_requires": "update_event",
    "set_event_locked_hint": "update_event",
    "set_state_ending": "update_state",
    "set_variant_field": "update_state",
}
"""Ops that are no tools, for another one does the same: tools cost tokens in every turn, and choice."""

_DEEPEST: Final = 3  # levels of members that are described; below, any JSON is taken
_LONGEST: Final = 110  # characters of a description inside a schema

# Members that nobody asks for in words; a model that knows them may still set them.
_NO_WORDS: Final = frozenset({"minPlayMs", "drivePulseMs", "autoAfterMs", "waypoint", "autopilot"})
_PATCH: Final = "the members to replace, as"  # … as the op takes them that adds such a thing
_CODE: Final = re.compile(r"`([^`]*)`")
_INSIDE: Final = re.compile(r"^(?:\w+\[\])?\.|^\w+\[\]")  # `.grants?`, `objectives[].id`


def _op_tools() -> Iterator[Tool]:
    for op in OPS.values():
        if op.name not in SAID_BY:
            yield Tool(op.name, f"{op.meaning[0].upper()}{op.meaning[1:]}.", _parameters(op))


def _parameters(op: Op) -> dict[str, Any]:
    """The JSON Schema of the members of an op, from what its page says of them."""
    members: dict[str, Any] = {}
    required: list[str] = []
    for spelled, told in op.parameters.items():
        if _INSIDE.match(spelled):
            continue  # they are described with what they are in
        for name in re.split(r", | or ", spelled):
            if name.startswith("…"):
                defined = DEFINITIONS[_lower(name[1:])]
                members |= {
                    key: item for key, item in _members(defined).items() if key not in members
                }
                required += [
                    key for key in defined["required"] if key not in required and _is_said(op, key)
                ]
                continue
            key = name.removesuffix("?")
            said = (
                told if key != "patch" else f"{_PATCH} add_{_thing(op)} takes them; null erases one"
            )
            members[key] = {**_shape(op, key, told), "description": _plain(said)}
            if not name.endswith("?"):
                required.append(key)
    return {"type": "object", "properties": members, "required": required}


def _is_said(op: Op, key: str) -> bool:
    """Whether a required member has to be said: an op makes a name or an id where there is none."""
    return f"{key}?" not in op.parameters and key not in {"id", "name"} and op.name != "set_story"


def _thing(op: Op) -> str:
    """The definition of what an op is about: `add_story_beat` is about a storyBeat."""
    first, *rest = op.name.split("_")[1:]
    return first + "".join(word.capitalize() for word in rest)


def _shape(op: Op, key: str, told: str) -> dict[str, Any]:
    """The schema of a parameter: what the member is that it sets, or what its description says."""
    thing = _thing(op)
    about: dict[str, Any] = DEFINITIONS.get(thing, {})
    if key == "patch":
        return {"type": "object"}
    if not op.name.startswith(("remove_", "delete_")):
        if key in {"variant", "beat"}:
            return _inlined({"$ref": f"#/$defs/{thing}"}, 1)
        for found in (
            about.get("properties", {}).get(key),
            ROOT["properties"].get(f"{thing}{key.capitalize()}"),
            ROOT["properties"].get(key),
        ):
            if found is not None:
                return _inlined(found, 1)
    if told.startswith("`{"):
        return {"type": "object"}
    kind = "integer" if key == "index" else "string"
    return {"type": [kind, "null"] if "null " in told else kind}


def _members(defined: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _inlined(schema, 1)
        for key, schema in defined["properties"].items()
        if key not in _NO_WORDS
    }


def _inlined(schema: dict[str, Any], depth: int) -> dict[str, Any]:
    """A part of the schema of worlds without references, and with no more of it than helps."""
    name, resolved = definition(schema)
    is_text = name in {*PROSE, "name"}
    told = schema.get("description") or ("" if is_text else resolved.get("description"))
    made: dict[str, Any] = {"description": _plain(told)} if told and depth == 1 else {}
    if is_text:
        return {"type": "string", **made}  # templates are filled by an op of their own
    made |= {key: resolved[key] for key in ("type", "enum") if key in resolved}
    if "properties" in resolved and depth < _DEEPEST:
        made["properties"] = {
            key: _inlined(item, depth + 1) for key, item in resolved["properties"].items()
        }
        if resolved.get("required"):
            made["required"] = list(resolved["required"])
    if "items" in resolved:
        made["items"] = _inlined(resolved["items"], depth + 1)
    return made


def _plain(told: str) -> str:
    """A description without Markdown; of a long one the first words."""
    text = _CODE.sub(r"\1", told)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rpartition(' ')[0]} …"


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


def _reading(name: str, description: str, member: str, told: str) -> Tool:
    return Tool(
        name,
        description,
        {
            "type": "object",
            "properties": {member: {"type": "string", "description": told}},
            "required": [member],
        },
    )


READ_STATE: Final = "read_state"
READ_EVENT: Final = "read_event"
ASK: Final = "ask"
DONE: Final = "done"

TOOLS: Final[tuple[Tool, ...]] = (
    _reading(READ_STATE, "Shows all of one state.", "id", "the state's id"),
    _reading(READ_EVENT, "Shows all of one event.", "name", "the event's name"),
    *_op_tools(),
    _reading(
        ASK,
        "Asks the person a question and ends; nothing is changed then. For instructions that are unclear, or "
        "would take away more than was asked for.",
        "question",
        "one or two sentences in the language of the instruction",
    ),
    _reading(
        DONE,
        "Says that the work is finished, and ends.",
        "reply",
        "what was changed, in one or two plain sentences in the language of the instruction",
    ),
)
"""All tools, in the order in which they are sent."""

# Ops about parts that few edits are about: sent when the instruction speaks of the part, or the world has it
# and other ops have to do with it. A model that calls one all the same is served.
_PRESENT: Final = {
    "cutscene": "cutscenes",
    "sequence": "sequences",
    "outro": "outro",
    "slot": "kernel",
    "story": None,
    "mission": None,
    "narrate": None,
    "intro": None,
}


def tools_for(world: dict[str, Any], instruction: str) -> tuple[Tool, ...]:
    """The tools that are sent for an edit."""
    said = normal(instruction)
    left_out = {
        part
        for part, member in _PRESENT.items()
        if not (member is not None and world.get(member))
        and not (part in phrases.PARTS and phrases.PARTS[part].search(said))
    }
    return tuple(
        tool for tool in TOOLS if tool.name not in OPS or tool.name.split("_")[1] not in left_out
    )
