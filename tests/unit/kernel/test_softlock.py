"""Dead ends: found whenever there are any, by the shortest way, and never where there are none."""

from hypothesis import given, settings

from conjure.kernel import check, examine
from conjure.kernel.play import Game
from support.cases import each_of
from support.cost import assert_cheap
from support.kernel.plays import do, go, nearest_dead_end, world, worlds

ENOUGH = 50_000


def found(played, most=ENOUGH):
    """The path and the message of the finding; None when there is none."""
    softlocks = [d for d in examine(played, most_situations=most).findings if d.lint == "softlock"]
    assert len(softlocks) <= 1
    return (softlocks[0].path, softlocks[0].message) if softlocks else None


CASES = {
    "a room without a way out": (
        world(go("Leave", "a", "end"), go("Fall", "a", "b")), "state[b]", "'Fall'",
    ),
    "a key left behind": (
        world(do("Take", "a", grants=["key"]), go("Drop", "a", "b"), go("Out", "b", "end", requires=["key"])),
        "state[b]", "'Drop'",
    ),
    "the way back is used up": (
        world(
            go("Down", "a", "b"),
            go("Up", "b", "a", oneShot=True),
            do("Find", "b", grants=["key"]),
            go("Out", "a", "end", requires=["key"]),
        ),
        "state[a]",
        "'Down' → 'Up'",
    ),
    "two rooms that lead to each other": (
        world(go("Leave", "a", "end"), go("In", "a", "b"), go("On", "b", "c"), go("Back", "c", "b")),
        "state[b]", "'In'",
    ),
    "no way to any ending": (
        world(do("Look", "a"), go("Out", "b", "end")), "state[a]", "no ending can be reached from it",
    ),
    "a film that needs what is left behind": (
        world(
            do("Take", "a", grants=["key"]), go("Drop", "a", "b"), go("Out", "b", "film"),
            cutscenes=[{"id": "film", "video": "v", "from": ["b"], "to": "end", "requires": ["key"]}],
        ),
        "state[b]", "'Drop'",
    ),
}  # fmt: skip

SOUND = {
    "the key can be fetched": world(
        do("Take", "a", grants=["key"]), go("Drop", "a", "b"), go("Climb", "b", "a"),
        go("Out", "b", "end", requires=["key"]),
    ),
    "the door into the trap needs its key": world(
        do("Take", "a", grants=["key"]), go("Down", "a", "b", requires=["key"]),
        go("Out", "b", "end", requires=["key"]),
    ),
    "a one-shot that is the last step": world(go("Leave", "a", "end", oneShot=True)),
    "a one-shot that only grants": world(
        do("Take", "a", grants=["key"], oneShot=True), go("Leave", "a", "end", requires=["key"]),
    ),
    "the trap is out of reach": world(
        go("Leave", "a", "end"), go("Fall", "a", "b", requires=["nobody grants it"]),
    ),
    "the world has no ending": world(go("Fall", "a", "b"), endings=()),
    "it begins at its ending": world(go("Fall", "b", "c"), endings=("a",)),
}  # fmt: skip


@each_of(("played", "path", "way"), CASES.values(), ids=CASES)
def test_a_dead_end_is_found(played, path, way):
    actual = found(played)
    assert actual is not None
    assert path == actual[0]
    assert way in actual[1]


@each_of("played", SOUND.values(), ids=SOUND)
def test_a_world_without_one_is_left_alone(played):
    assert found(played) is None


@given(worlds())
@settings(max_examples=200)
def test_it_is_exact(played):
    """The same as trying every situation: a dead end or none, and as near as any."""
    expected = nearest_dead_end(Game(played))
    actual = found(played)
    if expected is None or examine(played).counts["error"]:
        assert actual is None
        return
    assert actual is not None
    distance, dead = expected
    path, message = actual
    assert path in {f"state[{situation.state}]" for situation in dead}
    assert message.count("→") == max(distance - 1, 0)


def test_the_way_that_it_tells_leads_there():
    """The events in the message, played by the rules, end where nothing leads to an ending."""
    played = CASES["the way back is used up"][0]
    game = Game(played)
    situation = game.start
    for name in ("Down", "Up"):
        situation = game.step(situation, name)
    found_at_that_distance = nearest_dead_end(game)
    assert found_at_that_distance is not None
    assert situation in found_at_that_distance[1]


def test_a_long_way_is_told_by_its_ends():
    rooms = ["a", *(f"room {n}" for n in range(1, 40))]
    played = world(
        go("Leave", "a", "end"),
        *(go(f"step {n}", rooms[n], rooms[n + 1]) for n in range(39)),
        *(go(f"leave {n}", room, "end") for n, room in enumerate(rooms[1:39])),
    )
    _, message = found(played) or ("", "")
    assert (
        "after 'step 0' → 'step 1' → 'step 2' → 33 more → 'step 36' → 'step 37' → 'step 38' no"
        in message
    )


def _ring(rooms, flags, *extra, last=()):
    """Rooms in a circle with shortcuts; in each of some lies a flag. `last` are what the way out needs."""
    names = ["a", *(f"r{n}" for n in range(1, rooms))]
    return world(
        *(go(f"next {n}", name, names[(n + 1) % rooms]) for n, name in enumerate(names)),
        *(go(f"jump {n}", name, names[(7 * n + 3) % rooms]) for n, name in enumerate(names)),
        *(do(f"take {n}", names[n * rooms // flags], grants=[f"f{n}"], oneShot=True) for n in range(flags)),
        go("Leave", names[rooms // 2], "end", requires=list(last)),
        *extra,
    )  # fmt: skip


FLAGS = [f"f{n}" for n in range(30)]


@each_of(
    ("name", "extra", "last", "is_found"),
    [
        ("flags that nothing needs", (), (), False),
        ("each opens a shortcut, once", tuple(
            go(f"cut {n}", f"r{n + 1}", f"r{5 * n + 2}", requires=[flag], oneShot=True)
            for n, flag in enumerate(FLAGS)
        ), (), False),
        ("all of them open the last door", (), FLAGS, False),
        ("a pit that one of them leads out of", (
            go("Fall", "r900", "pit"), go("Climb", "pit", "a", requires=["f7"]),
        ), FLAGS, True),
        ("the same, and it is needed to get in", (
            go("Fall", "r900", "pit", requires=["f7"]), go("Climb", "pit", "a", requires=["f7"]),
        ), FLAGS, False),
    ],
)  # fmt: skip
def test_a_thousand_states_and_thirty_flags_are_told_exactly(name, extra, last, is_found):
    """2 to the power of 30 situations for each state, and all but a few of them make no difference."""
    played = _ring(1_000, 30, *extra, last=last)
    examined = examine(played, most_situations=5_000)
    assert not examined.is_beyond
    assert is_found == any(d.lint == "softlock" for d in examined.findings)


def test_it_is_linear_where_flags_matter_little():
    """4,000 states, 20 flags that all matter to the last door: some 15 yardsticks, half of them the other lints."""
    played = _ring(4_000, 20, last=FLAGS[:20])
    assert_cheap(lambda: examine(played, most_situations=ENOUGH), most=150)


def test_beyond_the_bound_it_is_silent():
    """Twenty flags in one room that the next one needs: a million situations, and no word of any."""
    keys = [f"k{n}" for n in range(20)]
    played = world(
        *(do(f"take {key}", "a", grants=[key]) for key in keys),
        *(go(f"go by {key}", "a", "b", requires=[key]) for key in keys),
        *(
            go(f"leave by {key}", "b", "c", requires=[key, keys[n - 1]])
            for n, key in enumerate(keys)
        ),
        *(
            go(f"end by {key}", "c", "end", requires=[key, keys[n - 3]])
            for n, key in enumerate(keys)
        ),
    )
    examined = examine(played, most_situations=1_000)
    assert examined.is_beyond
    assert not [d for d in examined.findings if d.lint == "softlock"]


HEAVY = {
    "flags for a megabyte, and each event needs the last": lambda: world(
        *(do(f"take {n}", "a", grants=[f"f{n}"]) for n in range(20_000)),
        *(go(f"go {n}", "a", "b", requires=["f0", f"f{19_999 - n}"]) for n in range(20_000)),
        go("leave", "b", "end"),
    ),
    "one event needs them all, in the order in which they are granted": lambda: world(
        *(do(f"take {n}", "a", grants=[f"f{n}"], requires=[f"f{n - 1}"][: n]) for n in range(20_000)),
        go("leave", "a", "end", requires=[f"f{n}" for n in range(20_000)]),
    ),
    "each can be played once": lambda: world(
        *(go(f"go {n}", "a", "b", oneShot=True) for n in range(20_000)),
        go("back", "b", "a"),
        go("leave", "a", "end"),
    ),
    "each room holds the key to its own way out": lambda: world(
        *(go(f"in {n}", "a", f"r{n}") for n in range(10_000)),
        *(do(f"take {n}", f"r{n}", grants=[f"k{n}"]) for n in range(10_000)),
        *(go(f"out {n}", f"r{n}", "end", requires=[f"k{n}"]) for n in range(10_000)),
    ),
    "one event leaves from all states": lambda: world(
        *(go(f"go {n}", f"r{n}" if n else "a", f"r{n + 1}") for n in range(5_000)),
        {**go("leave", "a", "end"), "from": ["a", *(f"r{n}" for n in range(1, 5_001))]},
    ),
}  # fmt: skip


@each_of("make", HEAVY.values(), ids=HEAVY)
def test_what_is_made_to_be_slow_costs_little(make):
    """What it takes is bounded by the world and the bound, whatever is in the world; some 5 to 30 yardsticks."""
    played = make()
    assert_cheap(lambda: examine(played, most_situations=ENOUGH), most=300)


def test_writes_do_not_look():
    """`check` is what a write asks: it takes time in proportion to the world, and no more."""
    played = CASES["a room without a way out"][0]
    assert not [d for d in check(played) if d.lint == "softlock"]


def test_a_world_with_an_error_is_not_searched():
    """Its ways are not known."""
    played = world(go("Leave", "a", "end"), go("Fall", "a", "b"), go("On", "b", "nowhere"))
    del played["scene"]["states"]["nowhere"]
    assert found(played) is None
