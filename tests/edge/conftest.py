"""What the REST tests begin with: a world, and what stands in the store before a refusal."""

from __future__ import annotations

import pytest

from support.rest import import_world


@pytest.fixture
async def world_id(rest, app) -> str:
    """A small world of `app`, in test mode, at its first revision."""
    return await import_world(rest, app.secret)
