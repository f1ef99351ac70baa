"""The attacks of tests/abuse again, as floods: the largest documents, many callers, again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conjure.settings import EdgeSettings, ServerSettings
from support.abuse.attacks import ATTACKS, FLOOD
from support.abuse.ground import Ground, ground
from support.abuse.verdict import assert_served_beside_a_flood

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.chaos


@pytest.fixture(scope="module")
async def attacked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    """As in production: an edge that gives a server up as soon as by default, as many streams as by default."""
    edge = EdgeSettings()
    async with ground(
        tmp_path_factory.mktemp("flooded"),
        streams=ServerSettings().max_streams,
        health_interval_s=edge.health_interval_s,
        health_timeout_s=edge.health_timeout_s,
    ) as made:
        yield made


@pytest.mark.parametrize("name", ATTACKS)
async def test_a_neighbour_is_served_beside_a_flood(attacked, name):
    """No call of it fails; its p99 is at most four times what it is when nobody attacks, or half a second."""
    attack = ATTACKS[name]
    await attacked.renew_keys()
    act = await attack.prepare(attacked, FLOOD)

    await assert_served_beside_a_flood(attacked, act, reaches=attack.reaches)
