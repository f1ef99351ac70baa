"""What a piece of work may cost at a model, and how long a busy endpoint is waited for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from conjure.providers.openai.abilities import Abilities, Mode, Negotiation, Traits
from conjure.providers.openai.failures import BudgetSpent
from conjure.providers.openai.messages import Message, Turn, tokens_of, tokens_of_messages, wire
from conjure.providers.openai.patience import MOST_TRIES, wait_s
from conjure.providers.openai.spending import Spending
from conjure.providers.pictures.port import Picture
from support.cases import each_of


class Clock:
    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        return self.now


def test_calls_tokens_and_seconds_each_end_the_work():
    clock = Clock()
    spending = Spending(most_calls=2, most_tokens=1_000, most_s=10, clock=clock)
    with spending.call(reads=100, writes=200) as room:
        assert room == 200
    spending.used(read=600, written=200)
    with spending.call(reads=100, writes=200) as room:
        assert room == 100
    with pytest.raises(BudgetSpent, match="calls"), spending.call(reads=1, writes=1):
        pass
    spending.most_calls = 9
    with pytest.raises(BudgetSpent, match="tokens"), spending.call(reads=190, writes=100):
        pass
    clock.now += 10
    with pytest.raises(BudgetSpent, match="10 s"), spending.call(reads=1, writes=1):
        pass
    assert (spending.calls, spending.tokens_left, spending.seconds_left) == (2, 200, 0)


def test_what_calls_under_way_may_use_is_nobody_elses():
    spending = Spending(most_calls=9, most_tokens=1_000, most_s=10)
    with spending.call(reads=300, writes=400), spending.call(reads=100, writes=400) as room:
        assert room == 200
        with pytest.raises(BudgetSpent), spending.call(reads=0, writes=100):
            pass
    with spending.call(reads=300, writes=400) as room:
        assert room == 400


@each_of(
    ("retry_after", "least", "most"),
    [("3", 3, 4), ("0", 0, 0.2), ("-5", 0, 0.2), ("nan", 1, 2), ("soon", 1, 2), (None, 1, 2)],
)
def test_a_limit_is_waited_for_as_it_says_with_some_jitter(retry_after, least, most):
    waits = {wait_s(1, retry_after, is_limit=True) for _ in range(20)}
    assert len(waits) > 1
    assert all(least <= wait <= most for wait in waits)


def test_a_time_to_come_back_may_be_a_date():
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 55 <= wait_s(1, then, is_limit=False) <= 80
    past = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    assert wait_s(1, past, is_limit=False) < 1


def test_patience_ends():
    assert wait_s(MOST_TRIES, "1", is_limit=True) is None
    assert wait_s(1, None, is_limit=False) is None
    assert wait_s(3, None, is_limit=True) >= 4


def refused(abilities, *texts, wants_tools=False):
    negotiation = Negotiation(abilities, wants_tools=wants_tools)
    return [
        negotiation.traits,
        *(negotiation.traits for text in texts if negotiation.refused(text)),
    ]


def test_what_a_refusal_speaks_of_is_left_out_first():
    known = Abilities()
    assert refused(known, "Use max_completion_tokens")[1].limit == "max_completion_tokens"
    assert not refused(known, "'temperature' must be 1")[1].has_temperature
    assert not refused(known, "System role not supported")[1].has_system_role
    assert [each.mode for each in refused(known, "no", "no")] == list(Mode)
    assert not refused(known, "no", wants_tools=True)[1].has_native_tools


def test_negotiation_ends_whatever_is_refused():
    negotiation = Negotiation(Abilities(), wants_tools=False)
    seen = [negotiation.traits]
    while negotiation.refused("temperature max_tokens system role"):
        seen.append(negotiation.traits)
    assert len(seen) == len(set(seen)) <= 9


def misses(abilities, *, is_json):
    """How many answers it takes until JSON is asked for in another way."""
    mode = abilities.traits.mode
    for number in range(1, 20):
        abilities.missed(abilities.traits, is_json=is_json)
        if abilities.traits.mode is not mode:
            return number
    raise AssertionError


def test_an_endpoint_that_pays_no_heed_to_schemas_is_asked_in_another_way():
    abilities = Abilities()
    assert misses(abilities, is_json=True) == 2
    assert abilities.traits.mode is Mode.TOOL
    # Late answers to requests of another kind say nothing of this one.
    abilities.missed(Traits(), is_json=False)
    assert abilities.traits.mode is Mode.TOOL
    assert misses(abilities, is_json=False) == 1
    assert abilities.traits.mode is Mode.PLAIN


def test_a_model_that_errs_is_not_the_endpoint():
    abilities = Abilities()
    abilities.heeded()
    assert misses(abilities, is_json=False) == 8


def test_what_was_found_out_is_examined_again_when_it_no_longer_works():
    abilities = Abilities()
    abilities.worked(Traits(mode=Mode.PLAIN))
    assert refused(abilities, "no")[1].mode is Mode.SCHEMA
    assert misses(abilities, is_json=False) == 8
    assert abilities.traits.mode is Mode.SCHEMA


def test_messages_stand_as_the_protocol_has_them():
    picture = Picture(b"\x89PNG", "image/png")
    assert wire(Message("user", "look \ud800", (picture,))) == {
        "role": "user",
        "content": [
            {"type": "text", "text": "look ?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}},
        ],
    }
    assert wire(Turn("ok").message()) == {"role": "assistant", "content": "ok"}
    assert wire(Message("tool", "done", tool_call_id="7")) == {
        "role": "tool",
        "tool_call_id": "7",
        "content": "done",
    }


def test_tokens_are_estimated_where_nobody_counts_them():
    assert tokens_of("word " * 40) == 50
    assert tokens_of("\u6d77" * 10) == 10
    assert tokens_of_messages([Message("user", "", (Picture(b"", "image/png"),))]) >= 1_000
