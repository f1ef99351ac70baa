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
    ]
)
FIELDS = st.sampled_from(
    ["base", "camera.static", "ambient[0]", "from[0]", "x.y[0].z", "fills.mood"]
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
ANY_OPS = st.one_of(
    st.builds(lambda op, members: {**op, **members}, st.sampled_from(SOUND), MEMBERS),
    st.sampled_from(SOUND),
    st.builds(lambda name, members: {"op": name, **members}, OP_NAMES, MEMBERS),
    st.dictionaries(st.sampled_from(["op", "id"]), JSON),
    JSON,
)
