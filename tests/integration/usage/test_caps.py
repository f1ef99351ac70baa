"""Caps of an app: what may be set, and what an older release let in."""

from __future__ import annotations

import re

import pytest

from conjure.core.errors import InvalidField, Reason
from conjure.settings import MOST_UNITS, UNITS, CapSettings
from conjure.store import keyspace
from support.cli import Conjure
from support.rpc import Client, refused

# Text that stands in the store, and the cap that it is; None: the default.
STORED = {
    "99999999999999999999999": MOST_UNITS,
    "9" * 400: MOST_UNITS,
    "1e300": MOST_UNITS,
    "inf": MOST_UNITS,
    "1000000001": MOST_UNITS,
    "1000000000": 1_000_000_000,
    "12.7": 12,
    "-3": 0,
    "-99999999999999999999999": 0,
    "nan": None,
    "many": None,
    "": None,
    "3": 3,
}


@pytest.fixture
def caller(server_channel, app):
    return Client(server_channel, app.secret)


@pytest.mark.parametrize("text", STORED, ids=lambda text: text[:12] or "empty")
async def test_a_cap_that_an_older_release_let_in_is_read_safely(stack, app, caller, text):
    """Usage is answered and work is done; every script takes the same cap."""
    cap = STORED[text]
    for unit in (*UNITS, "live_sessions"):
        await stack.admin.store.write("HSET", keyspace.caps(app.tenant()), unit, text)
    usage = await caller.get_usage()
    assert dict(usage.caps) == {
        unit: CapSettings().of(unit) if cap is None else cap for unit in UNITS
    }
    if cap == 0:
        await refused(caller.create(), Reason.QUOTA_EXCEEDED)
        return
    (minted,) = await caller.new_tokens(1)
    if cap is None or cap > 300:
        connected = await caller.connect(minted.token)
        assert connected.world.json
    else:
        await refused(caller.connect(minted.token), Reason.SESSION_MINUTES_EXHAUSTED)


@pytest.mark.parametrize(
    ("number", "is_taken"),
    [
        ("0", True), (str(MOST_UNITS), True), (str(MOST_UNITS + 1), False),
        ("99999999999999999999999", False), ("9" * 5_000, False), ("-1", False), ("1.5", False),
        ("nan", False), ("", False), ("²", False),
    ],
)  # fmt: skip
async def test_the_command_line_takes_what_a_cap_may_be(
    stack, app, caller, tmp_path, number, is_taken
):
    code, _, errors = await Conjure(stack, tmp_path)(
        "caps", "--app", app.id, f"generation={number}"
    )
    assert (code == 0) is is_taken, errors
    if not is_taken:
        assert len(errors.splitlines()) == 1
        assert "generation" in errors
    caps = (await caller.get_usage()).caps
    assert caps["generation"] == (int(number) if is_taken else CapSettings().generation)


async def test_whoever_sets_caps_meets_the_same_bounds(app):
    for cap in (-1, MOST_UNITS + 1, 2**63):
        with pytest.raises(InvalidField, match=f"say must be from 0 to {MOST_UNITS}"):
            await app.set_caps(say=cap)


@pytest.mark.parametrize(
    "command",
    [
        ("signing-keys", "rotate", "--ahead-s", "99999999999999999999"),
        ("signing-keys", "rotate", "--ahead-s", "-1"),
        ("world", "list", "--limit", "0"),
        ("world", "list", "--limit", "99999999999999999999"),
        ("certs", "made", "--days", "99999999999"),
        ("certs", "made", "--days", "0"),
        ("dev", "--rest-port", "65536"),
        ("dev", "--grpc-port", "0"),
        ("edge", "--concurrency", "99999999999999999999"),
        ("edge", "--rest", "127.0.0.1:0", "--write", "x"),
        ("edge", "--upstream", "127.0.0.1:" + "9" * 5_000, "--write", "x"),
        ("edge", "--metrics", "127.0.0.1:65536", "--write", "x"),
        ("edge", "--tracing-ratio", "nan", "--write", "x"),
        ("edge", "--tracing-ratio", "1e400", "--write", "x"),
    ],
    ids=lambda command: " ".join(command)[:50],
)
async def test_a_number_beyond_its_bounds_is_refused_before_anything_happens(
    stack, tmp_path, command
):
    ring = await stack.admin.signing_keys.list()
    code, _, errors = await Conjure(stack, tmp_path)(*command)
    assert code == 2
    assert re.search(r"from \S+ to|should be (less|greater) than or equal to", errors)
    assert not list(tmp_path.iterdir())
    assert await stack.admin.signing_keys.list() == ring
