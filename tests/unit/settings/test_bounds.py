"""Every number of the settings has bounds, which are said in a refusal, and with which everything works."""

from __future__ import annotations

import asyncio
import math
import re
import typing
from dataclasses import fields, replace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conjure.edge.config import EdgeConfig
from conjure.edge.observe import Insight
from conjure.edge.render import EdgeError, render, validate
from conjure.rates.gcra import Limit, spend
from conjure.settings import (
    MOST_UNITS,
    Settings,
    SettingsError,
    TracingSettings,
    bounds_of,
    variable,
)
from conjure.store.client import Script
from support.cases import each_of

SECTIONS = typing.get_type_hints(Settings)
NUMBERS = {
    variable(name, item.name): (name, item.name, kind, bounds_of(item))
    for name, section in SECTIONS.items()
    for item in fields(section)
    if (kind := typing.get_type_hints(section)[item.name]) in (int, float)
}
EXACT = 2**53  # what Lua and JavaScript count up to
LONGEST_TIMER_S = 2**31 / 1000  # of poll(2) and of Envoy's timers, in milliseconds
NUMERIC_TEXTS = st.one_of(
    st.integers().map(str),
    st.integers(-(10**40), 10**40).map(str),
    st.floats().map(str),
    st.sampled_from(
        ("", " ", "nan", "-nan", "inf", "-inf", "infinity", "1e400", "-1e400", "5e-324", "-0", "-0.0", "00",
         "1_000", "0x10", "1,5", "1e3", "\u0663", "\uff11\uff12", "9" * 4_300, "9" * 5_000, "1" + "0" * 30, "+7", " 7 ", "7\n")
    ),
    st.text(max_size=20),
)  # fmt: skip


def test_every_number_has_bounds_that_hold_its_default():
    """A new setting without them is found here."""
    without = [name for name, (*_, bounds) in NUMBERS.items() if bounds is None]
    assert without == []
    defaults = Settings()
    for section, field, _, bounds in NUMBERS.values():
        assert bounds.allow(getattr(getattr(defaults, section), field))


def test_every_bound_is_a_number_that_nothing_overflows():
    for name, (_, _, kind, bounds) in NUMBERS.items():
        assert math.isfinite(bounds.least), name
        assert math.isfinite(bounds.most), name
        assert bounds.least < bounds.most < EXACT / 1000, f"{name}: in milliseconds, too"
        assert type(bounds.least) is kind, name
        if name.endswith("_S"):
            assert bounds.most < LONGEST_TIMER_S * (2 if kind is int else 1), name


def outcome(name: str, text: str) -> Settings | str:
    """The settings that a text makes of one variable, or why it is refused."""
    try:
        return Settings.from_environment({name: text})
    except SettingsError as error:
        return str(error)


@given(name=st.sampled_from(list(NUMBERS)), text=NUMERIC_TEXTS)
@settings(max_examples=1_500)  # twenty of each
def test_any_text_is_refused_by_name_or_is_within_the_bounds(name, text):
    section, field, kind, bounds = NUMBERS[name]
    found = outcome(name, text)
    if isinstance(found, str):
        # Within its bounds it may still not go together with another one; then both are named.
        is_beside = re.match(r"CONJURE_[A-Z_]+ must (be (above|below) |be 2 |leave )", found)
        assert found == bounds.refusal(name) or is_beside
        return
    value = getattr(getattr(found, section), field)
    assert type(value) is kind
    assert bounds.allow(value)


@each_of("name", NUMBERS)
@each_of("end", ["below", "above"])
def test_one_beyond_a_bound_is_refused_with_both(name, end):
    _, _, kind, bounds = NUMBERS[name]
    step = 1 if kind is int else 1e-6
    beyond = bounds.least - step if end == "below" else bounds.most + step
    if bounds.or_zero and end == "below":
        beyond = bounds.least / 2
    with pytest.raises(SettingsError) as raised:
        Settings.from_environment({name: str(beyond)})
    assert str(raised.value) == bounds.refusal(name)
    assert f"{bounds}" in str(raised.value)


def edge_of(settings: Settings) -> EdgeConfig:
    """The configuration of an edge as `conjure edge` makes it of settings."""
    return EdgeConfig(
        upstreams=(("127.0.0.1", settings.server.port or 1),),
        insight=Insight(settings.tracing),
        max_body_bytes=settings.server.max_body_bytes,
        max_connection_streams=settings.server.max_connection_streams,
        health_interval_s=settings.edge.health_interval_s,
        health_timeout_s=settings.edge.health_timeout_s,
    )


SHARED = (
    "CONJURE_SERVER_MAX_BODY_BYTES", "CONJURE_SERVER_MAX_CONNECTION_STREAMS", "CONJURE_TRACING_RATIO",
    "CONJURE_EDGE_HEALTH_INTERVAL_S", "CONJURE_EDGE_HEALTH_TIMEOUT_S",
)  # fmt: skip
ODD = {"CONJURE_TRACING_RATIO": "1e-9", "CONJURE_EDGE_HEALTH_INTERVAL_S": "0.30000000000000004"}


@pytest.mark.parametrize("which", ["least", "most", "odd"])
def test_envoy_takes_what_the_settings_take(which):
    """Its durations have nine digits and no exponent, its numbers 32 bits."""
    ends = (
        {name: str(getattr(NUMBERS[name][3], which)) for name in SHARED} if which != "odd" else ODD
    )
    taken = Settings.from_environment({"CONJURE_TRACING_ENDPOINT": "http://127.0.0.1:4317", **ends})
    text = render(edge_of(taken))
    assert yaml.safe_load(text)
    validate(text)


def test_what_envoy_refuses_is_said_without_the_configuration():
    """It repeats all of it, or the part that is wrong: a collector's credential would be on the screen."""
    tracing = TracingSettings(endpoint="http://c:4317", headers="x=hunter2")
    text = render(edge_of(replace(Settings(), tracing=tracing)))
    for broken in (
        text.replace('"key": "x"', '"key": ""'),
        text.replace('"interval": "1s"', '"interval": "1e9s"').replace("interval: ", "nothing: "),
    ):
        assert broken != text
        with pytest.raises(EdgeError) as raised:
            validate(broken)
        assert "hunter2" not in str(raised.value)
        assert re.search("validation failed|INVALID_ARGUMENT|no such field", str(raised.value))


@pytest.mark.parametrize("end", ["least", "most"])
def test_rates_count_with_any_bounds(end):
    bounds = {name: NUMBERS[name][3] for name in NUMBERS if name.startswith("CONJURE_RATES_")}
    per_s = getattr(bounds["CONJURE_RATES_KEY_PER_S"], end)
    for burst in (1, bounds["CONJURE_RATES_KEY_BURST"].most):
        limit = Limit(per_s, int(burst))
        decision, tat = spend(0.0, 0.0, limit)
        assert decision.allowed
        assert tat > 0
        # What a report adds, in microseconds, is exact in the script.
        assert limit.interval_s * 1_000_000 * burst < EXACT


def test_the_loop_can_wait_for_the_longest_of_times():
    async def wait() -> None:
        loop = asyncio.get_running_loop()
        for name, (*_, bounds) in NUMBERS.items():
            if name.endswith("_S") and bounds is not None:
                loop.call_later(bounds.most, print).cancel()
                async with asyncio.timeout(bounds.most):
                    await asyncio.sleep(0)

    asyncio.run(wait())


def test_the_scripts_know_the_same_highest_cap():
    source = Script("conjure.usage", "read", reads_only=True).source.decode()
    assert f"MOST_UNITS = {MOST_UNITS}\n" in source
