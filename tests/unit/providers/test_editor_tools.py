"""The tools of the editing model are the kernel's ops, told as the kernel has them, and two to read."""

import json

import jsonschema
import pytest

from conjure.kernel.ops import OPS
from conjure.kernel.schema import DEFINITIONS
from conjure.providers.editor import Draft
from conjure.providers.editor.openai import prompts
from conjure.providers.editor.openai.tools import ASK, DONE, READ_EVENT, READ_STATE, SAID_BY, TOOLS
from conjure.providers.openai.messages import tokens_of, wire_tool
from support.kernel.worlds import rich_world

BY_NAME = {tool.name: tool for tool in TOOLS}
FACTORED = {"set_slot_fill"}  # its example is about templates, and so is what it takes


def test_every_op_is_a_tool_or_is_said_by_another():
    ops = BY_NAME.keys() - {ASK, DONE, READ_EVENT, READ_STATE}

    assert ops | SAID_BY.keys() == OPS.keys()
    assert not ops & SAID_BY.keys()
    assert set(SAID_BY.values()) <= ops
    assert len(BY_NAME) == len(TOOLS)


@pytest.mark.parametrize("name", sorted(OPS.keys() - SAID_BY.keys()))
def test_the_example_of_an_op_is_what_its_tool_takes(name):
    parameters = BY_NAME[name].parameters
    jsonschema.Draft202012Validator.check_schema(parameters)
    example = json.loads(json.dumps(OPS[name].example))
    if name in {"add_event", "add_transition"} and isinstance(example["from"], str):
        example["from"] = [example["from"]]

    jsonschema.validate(example, parameters)

    assert example.keys() <= parameters["properties"].keys()
    assert Draft(rich_world()).apply({**example, "op": name}) is None


@pytest.mark.parametrize(
    ("name", "definition", "nested"),
    [("add_state", "state", False), ("update_state", "state", True), ("add_event", "event", False), ("update_event", "event", True)],
)  # fmt: skip
def test_members_come_from_the_schema_of_worlds(name, definition, nested):
    members = BY_NAME[name].parameters["properties"]
    members = members["patch"]["properties"] if nested else members

    missing = DEFINITIONS[definition]["properties"].keys() - members.keys()

    assert missing <= {"minPlayMs", "drivePulseMs", "autoAfterMs", "waypoint", "autopilot"}


def test_all_of_it_fits_many_times_into_what_an_edit_may_cost():
    sent = json.dumps([wire_tool(tool) for tool in TOOLS], separators=(",", ":"))

    assert tokens_of(sent) < 5_000
    assert tokens_of(prompts.RULES) < 700


def test_the_texts_of_a_version_do_not_change():
    """Another text is another version: what came of it is told apart in logs and tables."""
    assert prompts.VERSION == 1
    task = prompts.task(world="{}", objects="[]", instruction='"$world $instruction"')
    assert task.endswith('The instruction, as JSON:\n"$world $instruction"')
