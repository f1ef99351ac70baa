"""Ten thousand malformed requests over REST and as many over gRPC, with a seed that changes."""

from __future__ import annotations

import os
import secrets

import pytest

from support.fuzz.run import Fuzz
from support.stack import new_app, running_stack

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]
COUNT = int(os.environ.get("CONJURE_FUZZ_COUNT", "10000"))


@pytest.fixture(scope="module")
async def fuzz(tmp_path_factory):
    """A stack of its own without rates: ten thousand bad credentials are not what is tried here."""
    environment = {f"CONJURE_RATES_{rate}_PER_S": "0" for rate in ("KEY", "SESSION", "FAILURES")}
    seed = os.environ.get("CONJURE_FUZZ_SEED") or secrets.token_hex(4)
    async with running_stack(tmp_path_factory.mktemp("fuzz"), environment) as stack:
        yield Fuzz(stack, await new_app(stack.admin), seed)


async def test_ten_thousand_over_rest(fuzz):
    await fuzz.over_rest(COUNT)


async def test_ten_thousand_over_grpc(fuzz):
    fuzz.wrong.clear()
    await fuzz.over_grpc(COUNT)
