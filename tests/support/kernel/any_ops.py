"""Ops of any shape for property tests: those of the tables, some with members exchanged, and any JSON."""

from __future__ import annotations

from hypothesis import strategies as st

from conjure.kernel.ops import OPS
from support.kernel.documents import JSON
from support.kernel.op_cases import DOES, REFUSES

NAMES = st.sampled_from(
    [
        "atrium",
        "cellar",
        "spare",
        "fall",
        "tour",
        "Step down",
        "a",
        "b",
        "state_1",
        "dusk",
        "",
        "ü🙂/'",
    ]
)
KEYS = st.sampled_from(
    [
        "id",
        "stateId",
        "state",
        "name",
        "eventName",
        "event",
        "patch",
        "base",
        "kind",
        "from",
        "to",
        "newId",
        "field",
        "value",
        "variant",
        "index",
        "label",
        "image",
        "entrance",
        "beat",
        "story",
        "outro",
        "intro",
        "cutscene",
        "sequence",
        "mission",
        "slot",
        "fill",
        "ending",
        "hotkey",
        "drive",
        "phases",
        "anchor",
        "grants",
        "requires",
        "lockedHint",
        "summary",
        "states",
        "video",
        "beats",
        "objectives",
        "cutsceneId",
        "sequenceId",
        "fromState",
        "toState",
        "title",
        "subtitle",
        "aliases",
        "minProximity",
        "expectedAspect",
        "movement",
        "lookHorizontal",
        "pulseMs",
        "hint",
        "logline",
        "arc",
        "static",
        "styleTail",
        "flag",
    ]
)
FIELDS = st.sampled_from(
    ["base", "camera.static", "ambient[0]", "from[0]", "x.y[0].z", "fills.mood", "landWhen.hits"]
)
MEMBERS = st.dictionaries(KEYS, NAMES | FIELDS | st.integers(-1, 3) | JSON, max_size=5)
# Near the truth: an op of the tables, with some members exchanged or gone.
SOUND = [
    {"op": name, **case[0]}
    for table in (DOES, REFUSES)
    for name, cs in table.items()
    for case in cs
]
OP_NAMES = st.sampled_from(sorted(OPS))

# Values that no member is made for.
HOSTILE = (
    *(
        None,
        True,
        5,
        -1,
        1e308,
        10**400,
        "",
        " ",
        "x",
        "x" * 10_000,
        "ü🙂\u202e\ud800\0/..",
        "..",
        [],
    ),
    *(
        [None],
        ["x"],
        [[]],
        [{}],
        {},
        {"": None},
        {"template": 5},
        {"x": {"x": {}}},
        {"id": {"id": []}},
    ),
)


def deep(levels):
    """A list in a list in a list."""
    value = 1
    for _ in range(levels):
        value = [value]
    return value


DEEP = deep(3_000)


def spoiled(op):
    """The op with each of its members gone, or exchanged for each hostile value."""
    for key in [key for key in op if key != "op"]:
        rest = {name: value for name, value in op.items() if name != key}
        yield rest
        for value in (*HOSTILE, DEEP):
            yield {**rest, key: value}
        if isinstance(op[key], dict):
            yield from ({**rest, key: inner} for inner in spoiled(op[key]))


# Ops that only move names about, or take away what nothing needs: they find nothing to break.
TIDYING = st.one_of(
    st.builds(
        lambda op, name: {"op": op, "state": name},
        st.sampled_from(["delete_state", "remove_state"]),
        NAMES,
    ),
    st.builds(lambda old, new: {"op": "rename_state", "from": old, "to": new}, NAMES, NAMES),
    st.builds(lambda old, new: {"op": "update_event", "event": old, "name": new}, NAMES, NAMES),
    st.builds(lambda name: {"op": "remove_event", "event": name}, NAMES),
    st.builds(lambda name: {"op": "remove_cutscene", "cutsceneId": name}, NAMES),
    st.builds(lambda name: {"op": "remove_sequence", "sequenceId": name}, NAMES),
    st.builds(lambda name: {"op": "add_state", "id": name, "base": "A room."}, NAMES),
    st.builds(
        lambda name: {"op": "add_cutscene", "id": name, "video": "v", "from": "b", "to": "b"}, NAMES
    ),
    st.just({"op": "set_outro", "video": None}),
    st.just({"op": "add_story_beat", "summary": "x"}),
)
ANY_OPS = st.one_of(
    st.builds(lambda op, members: {**op, **members}, st.sampled_from(SOUND), MEMBERS),
    st.sampled_from(SOUND),
    st.builds(lambda name, members: {"op": name, **members}, OP_NAMES, MEMBERS),
    st.dictionaries(st.sampled_from(["op", "id"]), JSON),
    JSON,
)
