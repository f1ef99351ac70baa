"""Fifty premises in eight languages: the built-in author writes them all, one with a model the bar or nothing."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

from conjure.providers.author import AuthorError, AuthorRequest, BuiltinAuthor, author_of
from conjure.providers.author.bar import misses
from conjure.settings.models import AuthorSettings, OpenaiSettings
from support.author.fifty import FIFTY
from support.model import ModelServer, misbehave
from support.model.outcomes import Cut, Drip

# What takes long by its nature has tests of its own: megabytes, endless bodies, a second until it may be asked again.
_LONG = {"huge", "endless", "too_many", "too_many_by_date", "overloaded"}
_WRONG = [
    one
    for name, one in (misbehave.WORDS | misbehave.TRANSPORT).items()
    if name not in _LONG and not isinstance(one, Cut | Drip)
] + [misbehave.TRANSPORT["cut_in_body"]]
_AT_ONCE = 10


async def test_the_built_in_author_meets_the_bar_with_all_of_them():
    lacking = {}
    for premise in FIFTY:
        made = await BuiltinAuthor().create_world(AuthorRequest(premise))
        lacking[premise] = misses(made.document, premise)
    assert [premise for premise, lacks in lacking.items() if lacks] == []


async def test_accepted_worlds_meet_the_bar_and_others_are_refused():
    """Two answers of five are wrong, each in a way of its own; nothing but AuthorError ever comes of it."""
    dice = random.Random(13)
    outcomes = Counter()

    def answer(call):
        if dice.random() < 0.6:
            return call.good()
        wrong = dice.choice(_WRONG)
        return wrong(call) if callable(wrong) else wrong

    async def create(premise):
        async with turns:
            try:
                made = await author.create_world(AuthorRequest(premise))
            except AuthorError:
                outcomes["refused"] += 1
            else:
                assert misses(made.document, premise) == []
                outcomes["mended" if made.effort.mended else "accepted"] += 1

    turns = asyncio.Semaphore(_AT_ONCE)
    with ModelServer() as server:
        server.answers = answer
        settings = AuthorSettings(provider="openai", model="a-model", most_calls=40, most_s=60.0)
        openai = OpenaiSettings(url=server.url, timeout_s=10.0, circuit_failures=1_000)
        async with author_of(settings, openai) as author:
            await asyncio.gather(*map(create, FIFTY))
    assert outcomes.total() == len(FIFTY)
    assert outcomes["accepted"] + outcomes["mended"] > len(FIFTY) // 3, outcomes
