"""The README's first world works as printed."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path

import pytest

from support.rest import import_world
from support.revs import number
from support.until import LIMIT_S

ROOT = Path(__file__).parents[3]
BLOCKS = re.findall(
    r"<!-- \S*test_readme\.py runs this block -->\n```(\w+)\n(.*?)```",
    (ROOT / "README.md").read_text(),
    re.DOTALL,
)


@pytest.fixture
async def newcomer(stack, rest, app, tmp_path) -> Path:
    """A folder in which `conjure dev` seems to run."""
    facts = {
        "restUrl": stack.rest_url,
        "grpcTarget": stack.edge_grpc_target,
        "secretKey": app.secret,
        "worldId": await import_world(rest, app.secret),
    }
    (tmp_path / ".conjure").mkdir()
    (tmp_path / ".conjure" / "dev.json").write_text(json.dumps(facts))
    return tmp_path


async def run(*command: str, folder: Path) -> str:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await asyncio.wait_for(process.communicate(), LIMIT_S)
    assert process.returncode == 0, errors.decode()
    return output.decode()


def test_the_readme_marks_both_examples():
    """A block that is not marked would not be run."""
    assert [language for language, _ in BLOCKS] == ["sh", "python"]


async def test_the_five_curl_calls_work(newcomer):
    """The shell block prints the new revision and the seconds of the runtime token."""
    output = await run("bash", "-euo", "pipefail", "-c", BLOCKS[0][1], folder=newcomer)
    rev, seconds = output.split()
    assert (number(rev), seconds) == (2, "300")


async def test_the_ten_lines_of_python_work(newcomer):
    """The Python block sets the entrance over gRPC and prints the new revision."""
    output = await run(sys.executable, "-c", BLOCKS[1][1], folder=newcomer)
    (rev,) = output.split()
    assert number(rev) == 2
