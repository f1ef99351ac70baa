"""What tests fork (`support/warm.py`) is what a shell starts."""

from __future__ import annotations

import asyncio
import json
import os

import pytest

from support import warm
from support.cli import Conjure
from support.until import LIMIT_S


@pytest.fixture
def conjure(stack, tmp_path) -> Conjure:
    return Conjure(stack, tmp_path)


@pytest.mark.parametrize(
    ("arguments", "stdin", "code"),
    [
        (("version",), b"", 0),
        (("nothing",), b"", 2),
        (("lint",), b"", 2),
        (("lint", "-"), b"[\xff", 2),
        (("lint", "-"), b'{"name": "' + b"x" * 2**20 + b'"}', 1),
        (("edge", "--write", "/dev/stdout"), b"", 0),
    ],
    ids=["output", "usage", "options", "one-line", "large-input", "large-output"],
)
async def test_a_forked_command_is_as_a_new_one(conjure, arguments, stdin, code):
    """Output, errors and exit code, to the letter."""
    forked, cold = await asyncio.gather(
        conjure(*arguments, stdin=stdin), conjure.cold(*arguments, stdin=stdin)
    )
    assert forked == cold
    assert forked[0] == code


async def test_forked_processes_share_nothing_that_is_a_processes_own(tmp_path):
    """What is made by chance when a module is imported is made again: names of steps, phases of workers."""
    told = [
        await asyncio.to_thread(
            warm.run, "support.own", stdin=b"", folder=tmp_path, environment=os.environ,
            limit_s=LIMIT_S,
        )
        for _ in range(2)
    ]  # fmt: skip
    first, second = (json.loads(output) for _, output, _ in told)
    assert all(one != other for one, other in zip(first, second, strict=True))


async def test_what_python_reads_once_is_not_forked():
    """Such a process starts anew."""
    assert warm.shows(os.environ)
    for name in ("PYTHONPATH", "LD_PRELOAD", "GRPC_EXPERIMENTS", "LC_ALL"):
        assert not warm.shows({**os.environ, name: "x"})
