"""Kinds of work are named in places that cannot import each other."""

from __future__ import annotations

import dataclasses

from conjure.core import metrics
from conjure.queue.kinds import KINDS
from conjure.settings import QueueSettings


def test_each_kind_has_its_metrics_from_the_start_and_a_bound():
    assert {kind for (kind, _), _ in metrics.QUEUE_ENTRIES.cells()} >= set(KINDS)
    for family in (metrics.QUEUE_WAIT, metrics.QUEUE_DURATION):
        assert {kind for (kind,), _ in family.cells()} >= set(KINDS)
    assert set(KINDS) <= {field.name for field in dataclasses.fields(QueueSettings)}
