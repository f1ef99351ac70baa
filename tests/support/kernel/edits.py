"""Edits that can come between two revisions of a world, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

# Edits that go through: words that lints look for, other routes, flags, templates, names that clash.
WORDS = st.sampled_from(
    [
        "A quiet hall.",
        "No light, nothing.",
        "A blinding whiteout; he shoots.",
        {"template": "hall", "fills": {"mood": "calm"}},
        {"template": "hall", "fills": {"mood": "loud", "x": "y"}},
        {"template": "nowhere"},
        "A stone arch. " * 150,
    ]
)
IDS = st.sampled_from(["atrium", "cellar", "spare", "fall", "attic", "gone"])
EVENT_NAMES = st.sampled_from(["Step down", "Deed", "Fall", "Wave", "x"])
FLAGS = st.lists(st.sampled_from(["key", "lamp"]), max_size=2)
EVENT = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["transition", "override", "terminal"]),
        "from": st.lists(IDS, max_size=3),
        "to": IDS | st.none(),
        "detail": WORDS,
        "requires": FLAGS,
        "grants": FLAGS,
        "hotkey": st.sampled_from(["w", "f"]),
        "anchor": st.just({"label": "lamp"}),
        "landWhen": st.fixed_dictionaries(
            {}, optional={"minLuminance": st.floats(0, 1), "maxLuminance": st.floats(0, 1)}
        )
        | st.just({"auto": True}),
        "phases": st.just([{"base": "x"}, {"base": "y"}]),
    },
)
STATE = st.fixed_dictionaries(
    {},
    optional={
        "base": WORDS,
        "ambient": st.lists(WORDS, max_size=2),
        "ending": st.sampled_from([None, {"kind": "win"}, {"kind": 5}]),
    },
)
TEXTS = st.sampled_from(["A {mood} hall.", "", "{>hall}", "A hall.", "{>other}"])
SOUND_OPS = st.one_of(
    st.builds(lambda name, patch: {"op": "update_state", "id": name, "patch": patch}, IDS, STATE),
    st.builds(lambda name, state: {"op": "add_state", **state, "id": name}, IDS, STATE),
    st.builds(lambda name, to: {"op": "rename_state", "id": name, "newId": to}, IDS, IDS),
    st.builds(lambda name: {"op": "delete_state", "id": name}, IDS),
    st.builds(
        lambda name, patch: {"op": "update_event", "name": name, "patch": patch}, EVENT_NAMES, EVENT
    ),
    st.builds(
        lambda name, to: {"op": "update_event", "name": name, "patch": {"name": to}},
        EVENT_NAMES,
        EVENT_NAMES,
    ),
    st.builds(lambda name, event: {"op": "add_event", **event, "name": name}, EVENT_NAMES, EVENT),
    st.builds(lambda name: {"op": "delete_event", "name": name}, EVENT_NAMES),
    st.builds(lambda name: {"op": "set_entrance", "state": name}, IDS),
    st.builds(lambda name: {"op": "remove_cutscene", "id": name}, IDS),
    st.builds(
        lambda name, to: {"op": "add_cutscene", "id": name, "video": "v", "from": to, "to": to},
        IDS,
        IDS,
    ),
    # Not an op of the contract: what a checkout or an import may bring.
    st.builds(lambda text: {"templates": {"hall": {"text": text}}}, TEXTS),
    st.just({"reordered": True}),
    st.builds(lambda name: {"copied": name}, EVENT_NAMES),
)
