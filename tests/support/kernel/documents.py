"""Documents of any shape for property tests: JSON values, and worlds in which a few places are changed."""

from __future__ import annotations

import copy

from hypothesis import strategies as st

from support.kernel.worlds import override, transition, with_events

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just(10**400)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)

RICH = with_events(
    override(
        "Deed",
        "atrium",
        requires=["key"],
        grants=["key"],
        hotkey="w",
        phases=[{"base": "x"}, {"base": "y", "camera": {"static": "close"}}],
        terminal={"persona": "p", "facts": [{"text": "t", "requires": ["key"]}]},
    ),
    transition("Fall", "atrium", "fall", landWhen={"minLuminance": 0.2, "auto": True}),
    cutscenes=[{"id": "fall", "video": "v", "from": "atrium", "to": "cellar", "requires": ["key"]}],
    sequences=[{"id": "tour", "beats": [{"state": "atrium", "dwell": {"ms": 5}}]}],
    missions=[
        {
            "id": "m",
            "verified": ["lamp"],
            "objectives": [{"id": "o", "text": "t", "grounded": {"target": "lamp"}}],
        }
    ],
    outro={"state": "cellar", "flag": "key"},
    story={"logline": "l", "beats": [{"summary": "s", "states": ["atrium"]}]},
    kernel={
        "templates": {"hall": {"text": "A {mood} hall.", "slots": {"mood": {"default": "calm"}}}}
    },
)


def places(value, at=()):
    """Every place in a document."""
    yield at
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*at, key))


PLACES = list(places(RICH))


@st.composite
def mutated_worlds(draw):
    """The rich world with one to three places exchanged for any JSON value, or taken away."""
    world = copy.deepcopy(RICH)
    for place in draw(st.lists(st.sampled_from(PLACES[1:]), min_size=1, max_size=3)):
        node = world
        try:
            for key in place[:-1]:
                node = node[key]
            if draw(st.booleans()):
                node[place[-1]] = draw(JSON)
            else:
                del node[place[-1]]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier mutation took the place away
    return world


def same(one, other):
    """Whether two documents are written alike."""
    return repr(one) == repr(other)  # NaN differs from itself, and 1 is not 1.0
