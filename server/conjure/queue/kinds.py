"""The kinds of durable work. Each has entries, lanes and workers of its own."""

from __future__ import annotations

from typing import Final

JOBS: Final = "jobs"
"""Generations that a caller did not wait for."""

EVENTS: Final = "events"
"""What happened, on its way to the endpoints that want to be told."""

DELIVERIES: Final = "deliveries"
"""One event for one endpoint; its lane is the endpoint's id."""

FORGETTING: Final = "forgetting"
"""A character that was deleted, with more players than its deletion could forget."""

KINDS: Final = (JOBS, EVENTS, DELIVERIES, FORGETTING)
