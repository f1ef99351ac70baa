"""What a process keeps of worlds is bounded, with all that the kernel knows of them."""

from conjure.core import jsondoc
from conjure.core.caller import Tenant
from conjure.kernel import examine
from conjure.settings import StoreSettings, WorldSettings
from conjure.store.client import Store
from conjure.worlds.model import Snapshot
from conjure.worlds.store import WorldStore
from support.kernel.worlds import make_world

TENANT = Tenant("app", "test")
WORLD = make_world(states=100)
TEXT = jsondoc.dumps(WORLD)
EXAMINED = examine(WORLD)
WEIGHT = Snapshot("1", TEXT, WORLD, EXAMINED).weight


def kept(worlds, count):
    """Which of so many worlds are at hand."""
    return [n for n in range(count) if worlds.cached(TENANT, f"world {n}") is not None]


def cache(size):
    """Never connected: what is remembered is asked of no store."""
    return WorldStore(
        Store(StoreSettings()), WorldSettings(cache_entries=100, cache_bytes=size, idempotency_s=60)
    )


def test_what_the_kernel_knows_has_weight():
    assert Snapshot("1", TEXT).weight == len(TEXT)
    assert len(TEXT) + 100 * 2 * 200 < WEIGHT


def test_as_many_worlds_are_kept_as_there_is_room_for():
    worlds = cache(3 * WEIGHT)
    for n in range(10):
        worlds.remember(TENANT, f"world {n}", "1", TEXT, WORLD, EXAMINED)
    assert kept(worlds, 10) == [7, 8, 9]


def test_a_newer_revision_takes_the_place_of_the_older():
    worlds = cache(3 * WEIGHT)
    for rev in range(1, 50):
        for n in range(3):
            # Now as an edit of this process leaves it, now as the store gave it.
            if rev % 2:
                worlds.remember(TENANT, f"world {n}", str(rev), TEXT, WORLD, EXAMINED)
            else:
                worlds.remember(TENANT, f"world {n}", str(rev), TEXT)
        assert kept(worlds, 4) == [0, 1, 2]
    worlds.remember(TENANT, "world 3", "1", TEXT, WORLD, EXAMINED)
    assert kept(worlds, 4) == [1, 2, 3]


def test_one_that_is_too_large_for_all_is_not_kept():
    worlds = cache(WEIGHT - 1)
    assert worlds.remember(TENANT, "world 0", "1", TEXT, WORLD, EXAMINED).text == TEXT
    assert kept(worlds, 1) == []


def test_numbers_tell_which_is_newer_only_within_an_incarnation():
    """The store may have lost what is at hand, and gone on from before it (worlds/revisions.py)."""
    worlds = cache(10 * WEIGHT)

    def kept_after(rev, **how):
        worlds.remember(TENANT, "world 0", rev, TEXT, **how)
        snapshot = worlds.cached(TENANT, "world 0")
        return None if snapshot is None else snapshot.rev

    assert kept_after("7-aaaaaaaa") == "7-aaaaaaaa"
    assert kept_after("5-aaaaaaaa") == "7-aaaaaaaa"
    assert kept_after("6-bbbbbbbb") == "6-bbbbbbbb"
    assert kept_after("5") == "5"
    # An answer to a question that was asked with this one at hand is not older.
    at_hand = worlds.cached(TENANT, "world 0")
    assert kept_after("4", after=at_hand) == "4"
    assert kept_after("3", after=at_hand) == "4"
