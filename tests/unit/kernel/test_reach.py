"""What revisions with the same graph share: entrances that lead to each other reach the same states."""

from hypothesis import given, settings
from hypothesis import strategies as st

from conjure.kernel import check, examine, set_entrance
from conjure.kernel.document import World
from support.kernel.worlds import transition

IDS = [f"s{number}" for number in range(7)]
GATES = ["gate", "slide"]


def world_of(ways, cutscenes=()):
    """A world of all these states and so many ways from one to another."""
    events = [transition(f"Go {at}", source, to) for at, (source, to) in enumerate(ways)]
    scene = {"states": {name: {"base": "A hall."} for name in IDS}, "events": events}
    return {
        "id": "w_loops",
        "name": "Loops",
        "entrance": {"state": "s0", "image": {"src": "https://x.test/hall.png"}},
        "scene": scene,
        "cutscenes": list(cutscenes),
    }


@st.composite
def worlds(draw):
    """Worlds of few states and random ways between them, some through cutscenes, some to nowhere."""
    ends = st.sampled_from(IDS)
    ways = draw(st.lists(st.tuples(ends, st.sampled_from([*IDS, *GATES, "lost"])), max_size=14))
    cutscenes = [
        {"id": name, "video": "https://x.test/v.mp4", "from": "s0", "to": draw(ends)}
        for name in draw(st.sets(st.sampled_from(GATES)))
    ]
    return world_of(ways, cutscenes)


@given(worlds(), st.lists(st.sampled_from([*IDS, "nowhere"]), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_each_entrance_is_told_what_it_does_not_reach(world, entrances):
    known = examine(world)
    for state in entrances:
        world = set_entrance(world, state, None)
        known = examine(world, known)
        assert known.findings == check(world)


def test_entrances_of_one_loop_have_one_answer():
    world = world_of([("s0", "s1"), ("s1", "s2"), ("s2", "s0"), ("s2", "s3"), ("s4", "s0")])
    first = World(world)
    second = World(set_entrance(world, "s2", None), first)
    assert second.graph is first.graph
    of_loop = first.graph.unreachable("s0", first.states)
    assert of_loop == ["s4", "s5", "s6"]
    assert second.graph.unreachable("s2", second.states) is of_loop
    assert second.graph.unreachable("s3", second.states) == [name for name in IDS if name != "s3"]
    assert second.graph.unreachable("s4", second.states) == ["s5", "s6"]


def test_a_graph_ends_with_the_ways_it_was_made_of():
    world = world_of([("s0", "s1")])
    first = World(world)
    scene = {**world["scene"], "events": [transition("Go 0", "s0", "s2")]}
    assert World({**world, "scene": scene}, first).graph is not first.graph
    scene = {**world["scene"], "states": {**world["scene"]["states"], "s7": {"base": "New."}}}
    assert World({**world, "scene": scene}, first).graph is not first.graph
