"""The page of the grammar is what the code says, and its sentences do what it says."""

import asyncio
import copy
import re

from conjure.kernel import check
from conjure.kernel.ops import apply_batch
from conjure.providers.editor import BuiltinEditor
from conjure.providers.editor.builtin.demo import changes, demo_world
from conjure.providers.editor.builtin.examples import EXAMPLES
from conjure.providers.editor.builtin.grammar_page import PAGE, page
from conjure.providers.editor.builtin.rules import RULES
from conjure.providers.editor.port import EditRequest
from support.cases import each_of

ALL = [example for examples in EXAMPLES.values() for example in examples]
DOING = [example for example in ALL if example.changes]


def edited(says, world=None):
    """The reply to a sentence, and all that is different afterwards."""
    before = demo_world() if world is None else world
    untouched = copy.deepcopy(before)
    proposed = asyncio.run(BuiltinEditor().edit(EditRequest(before, says)))
    assert untouched == before
    if not proposed.ops:
        return proposed.reply, {}
    batch = apply_batch(before, list(proposed.ops))
    assert batch.errors == ()
    return proposed.reply, changes(before, batch.world)


def test_the_page_is_current():
    command = "python -m conjure.providers.editor.builtin.grammar_page"
    assert PAGE.read_text(encoding="utf-8") == page(), f"run: {command}"


def test_every_rule_has_examples_and_every_example_a_rule():
    assert list(EXAMPLES) != []
    assert {rule.title for rule in RULES} == set(EXAMPLES)
    assert all(EXAMPLES.values())


def test_the_world_of_the_examples_is_sound():
    assert check(demo_world()) == ()


@each_of("example", ALL, ids=lambda example: example.says)
def test_an_example_does_what_the_page_says_and_nothing_else(example):
    assert edited(example.says) == (example.reply, example.changes)


# ruff: noqa: RUF001 (quotes of many scripts)
QUOTES = ('""', "''", "„“", "«»", "「」", "‘’", "``")


@each_of("example", DOING, ids=lambda example: example.says)
def test_an_example_may_be_said_otherwise(example):
    """Politeness, blanks, the first letter, full stops, quotes of all kinds."""
    says = example.says
    variants = [
        f"Please {says}",
        f"  please,  {says.replace(' ', '  ')} ",
        says[:1].upper() + says[1:],
        f"1. {says}",
        f"- {says}",
        f"Could you please {says}",
        f"and then {says}",
        f"{says}\n",
    ]
    if says.endswith("”") or not any(mark in says for mark in (":", "“", " as ")):
        variants += [
            f"{says}.",
            f"{says}!",
            f"{says}, please.",
            f"{says}, thank you!",
            f"Can you {says}?",
        ]
    if "“" in says:
        variants += [says.replace("“", q[0]).replace("”", q[1]) for q in QUOTES]
    assert {says: edited(says) for says in variants} == dict.fromkeys(
        variants, (example.reply, example.changes)
    )


@each_of("example", DOING, ids=lambda example: example.says)
def test_an_example_among_others_is_carried_out_or_nothing_is(example):
    """Two sentences do what both do; one that cannot be keeps the other from being done."""
    other = "set the detail of Sit down to “Dust falls.”"
    expected = {**example.changes, "events.Sit down.detail": "Dust falls."}
    refused = "delete the moon"

    for divided in (
        f"{other}; {example.says}",
        f"{other}\n{example.says}",
        f"{other}. {example.says}",
    ):
        assert edited(divided)[1] == expected
    for divided in (f"{refused}; {example.says}", f"{example.says}\n{refused}"):
        reply, changed = edited(divided)
        assert changed == {}
        assert "“the moon”" in reply


def renamed_world():
    """The world of the examples with other names for everything in it."""
    world = demo_world()
    scene = world["scene"]
    ids = {name: f"zq{at}" for at, name in enumerate(scene["states"])}
    scene["states"] = {
        ids[name]: {"base": state["base"]} for name, state in scene["states"].items()
    }
    world["entrance"]["state"] = ids["hall"]
    scene["events"] = [
        {"name": f"Xv{at}", "kind": "override", "from": [ids["hall"]]}
        for at, event in enumerate(scene["events"])
    ]
    return {key: world[key] for key in ("id", "name", "entrance", "scene")}


NAMELESS = (
    "Add a place",
    "Add an ending",
    "Say whom",
    "Set the style",
    "Set the logline",
    "Add a beat",
    "Set the video",
)


@each_of("title", [title for title in EXAMPLES if not title.startswith(NAMELESS)])
def test_a_sentence_with_names_that_are_not_there_changes_nothing(title):
    for example in EXAMPLES[title]:
        reply, changed = edited(example.says, renamed_world())
        assert changed == {}
        assert "Nothing is changed." in reply


def test_two_slots_are_divided_by_words():
    """Where a slot without quotes follows another, nobody could tell where the first one ends."""
    close = []
    for pattern in (pattern for rule in RULES for pattern in rule.patterns):
        needed = pattern
        while needed != (shorter := re.sub(r"\[[^\[\]]*\] ?", "", needed)):
            needed = shorter
        if re.search(r"\w\} ?\{\w+[}…]", needed):
            close.append(pattern)
    assert close == []
