"""What the REST tests begin with: a world, and what stands in the store before a refusal."""

from __future__ import annotations

import pytest

from edge.editor import Editor
from support.rest import import_world


@pytest.fixture
async def world_id(rest, app) -> str:
    """A small world of `app`, in test mode, at its first revision."""
    return await import_world(rest, app.secret)


@pytest.fixture
def editor(rest, app, world_id) -> Editor:
    return Editor(rest, app.secret, world_id)
