"""`ok` of a creation: whether the author's first draft passed without repair (CONTRACT 2.1)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conjure.providers.author import BuiltinAuthor
from support.jobs import making
from support.stack import running_store

if TYPE_CHECKING:
    from conjure.providers.author import AuthoredWorld, AuthorRequest, Report


class MendingAuthor(BuiltinAuthor):
    """Has mended whatever the word `mend` is asked for in."""

    async def create_world(
        self, request: AuthorRequest, report: Report | None = None
    ) -> AuthoredWorld:
        made = await super().create_world(request, report)
        return replace(made, is_first="mend" not in request.premise)


async def test_a_world_that_was_repaired_says_so(tmp_path):
    """Also to who asks again under the same Idempotency-Key; an import is as it was sent."""
    async with running_store(tmp_path) as (_, url), making(url, MendingAuthor()) as maker:
        caller = maker.jobs.caller
        assert (await caller.generate("a lighthouse")).ok
        for _ in range(2):
            assert not (await caller.generate("mend a clock", idempotency_key="k")).ok
        assert (await caller.create()).ok
