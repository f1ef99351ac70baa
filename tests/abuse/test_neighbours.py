"""What one caller does to the others: nothing. Each attack stands in support/abuse/attacks.py."""

from __future__ import annotations

import pytest

from support.abuse.attacks import ATTACKS, TEST
from support.abuse.verdict import assert_unharmed


@pytest.mark.parametrize("name", ATTACKS)
async def test_a_neighbour_does_not_feel_it(attacked, told, name):
    """All its calls are answered with 200, and none waits behind work for the attacker."""
    attack = ATTACKS[name]
    act = await attack.prepare(attacked, TEST)

    verdict = await assert_unharmed(attacked, act, reaches=attack.reaches)

    told.append(("neighbour", verdict.summary()))
