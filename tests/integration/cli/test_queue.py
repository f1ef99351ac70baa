"""`conjure queue`: what operators see of durable work, and what they do about dead letters.

The dead letters are of kind `jobs`, which has none by itself: no other test's are listed, retried or dropped.
"""

from __future__ import annotations

import json
import uuid

import pytest

from conjure.core.caller import Tenant
from conjure.queue.directory import Directory
from conjure.queue.store import QueueStore
from conjure.queue.survey import Survey
from support.cli import Conjure
from support.queue import put

CAUSE = "no use\x1b[2J"


@pytest.fixture
def conjure(stack, tmp_path) -> Conjure:
    return Conjure(stack, tmp_path)


@pytest.fixture
def tenant(app) -> Tenant:
    return Tenant(app.id, "live")


@pytest.fixture
async def buried(stack, tenant) -> list[str]:
    """Three dead letters, as workers leave them."""
    store, directory = stack.admin.store, Directory(stack.admin.store)
    queue = QueueStore(store, lease_s=60, kept_s=600)
    ids = [f"letter-{uuid.uuid4()}" for _ in range(3)]
    for entry_id in ids:
        await put(store, tenant, "jobs", entry_id, lane="test", payload='{"jobId":"ü"}')
    for entry in (await queue.claim(tenant, "jobs", "test", want=3, most_in_lane=3)).entries:
        await queue.bury(entry, CAUSE)
    await directory.note_grave(tenant, "jobs")
    return ids


async def test_kinds_are_listed_with_what_waits(conjure, buried):
    code, table, _ = await conjure.cold("queue", "list")
    assert code == 0
    header, *rows = table.splitlines()
    assert header.split() == ["kind", "lanes", "entries", "running", "oldest-due", "dead"]
    assert [row.split()[0] for row in rows] == ["jobs", "events", "deliveries", "forgetting"]
    _, output, _ = await conjure("queue", "list", "jobs", "--json")
    (jobs,) = json.loads(output)
    assert jobs["kind"] == "jobs"
    assert jobs["dead"] >= 3
    assert {"lanes", "entries", "running", "oldestDueSeconds"} < set(jobs)


async def test_dead_letters_are_listed_dropped_and_retried(conjure, stack, buried, tenant):
    _, table, _ = await conjure("queue", "list", "--dead", "jobs")
    rows = [line for line in table.splitlines() if tenant.app in line]
    assert {row.split()[3] for row in rows} == set(buried)
    assert all(
        row.split()[:3] == [tenant.app, "live", "jobs"] and "no use\\x1b[2J" in row for row in rows
    )
    _, output, _ = await conjure("queue", "list", "--dead", "jobs", "--json")
    letters = [letter for letter in json.loads(output) if letter["app"] == tenant.app]
    assert {letter["payload"] for letter in letters} == {'{"jobId":"ü"}'}
    assert {(letter["cause"], letter["attempts"], letter["lane"]) for letter in letters} == {
        (CAUSE, 1, "test")
    }

    of_app = ("--app", tenant.app, "--mode", "live")
    first, second, third = buried
    assert await conjure("queue", "drop", "jobs", "--id", first, *of_app) == (
        0, "1 dead letter was dropped\n", "",
    )  # fmt: skip
    assert await conjure("queue", "retry", "jobs", "--id", second, *of_app) == (
        0, "1 dead letter is due again\n", "",
    )  # fmt: skip
    code, _, errors = await conjure("queue", "retry", "jobs", "--id", first, *of_app)
    assert (code, errors.startswith(f"conjure: {first!r} is no dead letter")) == (2, True)
    assert "marked failed" in errors  # why there is none of a job
    survey = Survey(stack.admin.store, Directory(stack.admin.store))
    left = await survey.dead_letters("jobs", limit=1000)
    assert [letter.id for letter in left if letter.tenant == tenant] == [third]


async def test_all_dead_letters_of_all_apps(conjure, buried):
    code, output, _ = await conjure("queue", "drop", "jobs", "--all")
    assert code == 0
    assert int(output.split()[0]) >= 3
    assert await conjure("queue", "retry", "jobs", "--all") == (
        0, "0 dead letters are due again\n", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list", "letters"), "kinds: jobs, events, deliveries, forgetting"),
        (("retry", "events"), "either --id or --all"),
        (("drop", "events", "--all", "--id", "x", "--app", "y"), "either --id or --all"),
        (("drop", "events", "--id", "", "--app", "y"), "--id needs an id"),
        (("drop", "events", "--all", "--app", "x", "--mode", "dead"), "--mode must be"),
        (("drop", "events", "--id", "x", "--app", "nobody"), "no app 'nobody'"),
    ],
)
async def test_a_mistake_is_one_line_and_drops_nothing(conjure, arguments, said):
    code, output, errors = await conjure("queue", *arguments)
    assert (code, output) == (2, "")
    assert said in errors
    assert len(errors.splitlines()) == 1


async def test_another_apps_dead_letter_is_none_of_this_app(conjure, buried, stack):
    from support.stack import new_app

    other = await new_app(stack.admin)
    code, _, errors = await conjure("queue", "drop", "jobs", "--id", buried[0], "--app", other.id)
    assert code == 2
    assert "is no dead letter" in errors
