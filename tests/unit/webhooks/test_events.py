"""Which events a webhook asks for, and what is sent of one."""

from __future__ import annotations

import json

import pytest

from conjure.core.errors import InvalidField
from conjure.webhooks.events import body_of
from conjure.webhooks.model import EVENT_TYPES, Webhook, wanted_events
from support.cases import each_of

GENERATION = ("world.generation.succeeded", "world.generation.failed")


def webhook(*events: str, enabled: bool = True) -> Webhook:
    return Webhook("id", "https://example.com/", events, "whsec_", 0, enabled=enabled)


@each_of(
    ("names", "wanted"),
    [
        ([], GENERATION),
        (["session.ended"], ("session.ended",)),
        (["session.ended", GENERATION[0], "session.ended"], ("session.ended", GENERATION[0])),
        (["*"], ("*",)),
        (["session.ended", "*"], ("*",)),
    ],
)
def test_events_are_read_each_once_and_none_means_the_two_of_generation(names, wanted):
    assert wanted_events(names) == wanted


@each_of(
    "names",
    [
        ["nope"],
        ["session.ended", ""],
        ["SESSION.ENDED"],
        ["session.*"],
        ["session.ended "],
        ["*"] * 101,
    ],
)
def test_an_unknown_event_is_refused(names):
    with pytest.raises(InvalidField):
        wanted_events(names)


def test_everything_is_what_comes_later_too():
    assert webhook("*").wants("character.memory.forgotten")
    assert not webhook(*EVENT_TYPES).wants("character.memory.forgotten")
    assert webhook(*EVENT_TYPES).wants("session.ended")
    assert not webhook("*", enabled=False).wants("session.ended")


def test_the_body_has_the_members_of_the_contract():
    body = body_of("e", "session.ended", 12, {"seconds": 3, "jti": "j"})
    assert json.loads(body) == {
        "id": "e",
        "type": "session.ended",
        "created": 12,
        "data": {"seconds": 3, "jti": "j"},
        "schemaVersion": "1.0",
    }
