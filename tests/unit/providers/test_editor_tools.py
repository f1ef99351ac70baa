"""The tools of the editing model are the kernel's ops, told as the kernel has them, and two to read."""

import json

import jsonschema
import pytest

from conjure.kernel.ops import OPS
from conjure.kernel.schema import DEFINITIONS
from conjure.providers.editor import Draft
from conjure.providers.editor.openai import prompts
from conjure.providers.editor.openai.desk import Desk
from conjure.providers.editor.openai.tools import (
    ASK,
    DONE,
    READ_EVENT,
    READ_STATE,
    SAID_BY,
    TOOLS,
    tools_for,
)
from conjure.providers.openai.messages import ToolCall, tokens_of, wire_tool
from support.cases import each_of
from support.cost import assert_cheap
from support.kernel.worlds import rich_world

BY_NAME = {tool.name: tool for tool in TOOLS}


def test_every_op_is_a_tool_or_is_said_by_another():
    ops = BY_NAME.keys() - {ASK, DONE, READ_EVENT, READ_STATE}

    assert ops | SAID_BY.keys() == OPS.keys()
    assert not ops & SAID_BY.keys()
    assert set(SAID_BY.values()) <= ops
    assert len(BY_NAME) == len(TOOLS)


@each_of("name", sorted(OPS.keys() - SAID_BY.keys()))
def test_the_example_of_an_op_is_what_its_tool_takes(name):
    parameters = BY_NAME[name].parameters
    jsonschema.Draft202012Validator.check_schema(parameters)
    example = json.loads(json.dumps(OPS[name].example))
    if name in {"add_event", "add_transition"} and isinstance(example["from"], str):
        example["from"] = [example["from"]]

    jsonschema.validate(example, parameters)

    assert example.keys() <= parameters["properties"].keys()
    assert Draft(rich_world()).apply({**example, "op": name}) is None


@pytest.mark.parametrize(("name", "definition"), [("add_state", "state"), ("add_event", "event")])
def test_members_come_from_the_schema_of_worlds(name, definition):
    members = BY_NAME[name].parameters["properties"]

    missing = DEFINITIONS[definition]["properties"].keys() - members.keys()

    assert missing <= {"minPlayMs", "drivePulseMs", "autoAfterMs", "waypoint", "autopilot"}


@each_of(
    ("instruction", "members", "sent"),
    [
        ("Make the hall darker", {}, set()),
        ("Add a quest about the lamp", {}, {"add_mission"}),
        ("Neue Aufgabe: finde die Lampe", {}, {"add_mission"}),
        ("Make the story shorter", {}, {"set_story", "add_story_beat"}),
        ("Make the hall darker", {"kernel": {"templates": {}}}, {"set_slot_fill"}),
        ("Delete the hall", {"cutscenes": [{}]}, {"add_cutscene", "remove_cutscene"}),
        ("Delete the hall", {"story": {}, "missions": [{}]}, set()),
    ],
)
def test_tools_for_what_few_edits_are_about_are_sent_when_needed(instruction, members, sent):
    names = {tool.name for tool in tools_for(members, instruction)}
    usual = {tool.name for tool in tools_for({}, "")}

    assert names - usual == sent
    assert {ASK, DONE, READ_STATE, "add_state", "delete_event", "set_subject"} <= usual


def test_rules_and_tools_leave_room_where_a_model_reads_little():
    sent = json.dumps([wire_tool(tool) for tool in tools_for({}, "")], separators=(",", ":"))

    assert tokens_of(sent) < 2_500
    assert tokens_of(prompts.RULES) < 700


def test_the_texts_of_a_version_do_not_change():
    """Another text is another version: what came of it is told apart in logs and tables."""
    assert prompts.VERSION == 1
    task = prompts.task(world="{}", objects="[]", instruction='"$world $instruction"')
    assert task.endswith('The instruction, as JSON:\n"$world $instruction"')


@pytest.mark.parametrize("word", ["x", "x.", "data:", "://"])
def test_whatever_a_model_writes_is_looked_through_at_once(word):
    """Else one long word would hold up everybody whom this process serves."""

    def serve():
        arguments = {"state": "hall", "field": "base", "value": word * (100_000 // len(word))}
        Desk(Draft(rich_world()), "").serve([ToolCall("1", "set_field", arguments)])

    assert_cheap(serve, most=60)


@each_of(
    ("address", "is_refused"),
    [
        ("https://evil.example/a.png", True),
        ("Look at web+x-1.2://y.", True),
        ("data:image/png;base64,AA==", True),
        ("JavaScript:alert(1)", True),
        ("Two ways: left/right, 3:1, a // b.", False),
    ],
)
def test_addresses_that_nobody_gave_are_refused(address, is_refused):
    arguments = {"state": "hall", "field": "base", "value": address}
    (result,) = Desk(Draft(rich_world()), "").serve([ToolCall("1", "set_field", arguments)]).results
    assert ("addresses of pictures" in result.text) == is_refused
