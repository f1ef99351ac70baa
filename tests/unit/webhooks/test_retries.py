"""When a failed delivery is tried again (CONTRACT 8)."""

from __future__ import annotations

import pytest

from conjure.settings import Settings, SettingsError, WebhookSettings
from conjure.webhooks.retries import JITTER, wait_s
from support.cases import each_of

PLAN = WebhookSettings().plan


def test_the_plan_is_the_contracts():
    assert PLAN == (5, 30, 120, 600, 1_800, 7_200, 21_600, 43_200)


@each_of("attempt", range(1, 9))
def test_each_wait_is_about_the_plans(attempt):
    planned = PLAN[attempt - 1]
    earliest, usual, latest = (wait_s(PLAN, attempt, dice) for dice in (0.0, 0.5, 1.0))
    assert earliest == pytest.approx(planned * (1 - JITTER))
    assert usual == pytest.approx(planned)
    assert latest == pytest.approx(planned * (1 + JITTER))


@pytest.mark.parametrize("attempt", [9, 10, 1_000])
def test_after_the_last_there_is_none(attempt):
    assert wait_s(PLAN, attempt, 0.5) is None


@each_of("text", ["5,x", "0", "-1", "inf", "nan", "5,,3000000", ",".join("1" * 51)])
def test_a_plan_that_cannot_work_is_refused_by_name(text):
    with pytest.raises(SettingsError, match="CONJURE_WEBHOOKS_RETRY_AFTER_S"):
        Settings.from_environment({"CONJURE_WEBHOOKS_RETRY_AFTER_S": text})
