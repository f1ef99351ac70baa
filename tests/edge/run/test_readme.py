"""The README's first world works as printed, and so do the calls of gRPC tools."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from conjure.contract.files import PROTOSET
from support.programs import go_program, needed
from support.rest import import_world
from support.revs import number
from support.until import LIMIT_S
from support.users import user_token

ROOT = Path(__file__).parents[3]


def blocks(document: str) -> list[tuple[str, str]]:
    """The marked examples of a document, each with its language."""
    return re.findall(
        r"<!-- \S*test_readme\.py runs this block -->\n```(\w+)\n(.*?)```",
        (ROOT / document).read_text(),
        re.DOTALL,
    )


BLOCKS = blocks("README.md")
((_, BY_PROTOSET),) = blocks("protos/README.md")


@pytest.fixture
async def newcomer(stack, rest, app, tmp_path) -> Path:
    """A folder in which `conjure dev` seems to run."""
    await app.admin.apps.adopt(app.id, app.user_id)
    facts = {
        "restUrl": stack.rest_url,
        "grpcTarget": stack.edge_grpc_target,
        "secretKey": app.secret,
        "worldId": await import_world(rest, app.secret),
        "appId": app.id,
        "userToken": user_token(app.user_id),
    }
    (tmp_path / ".conjure").mkdir()
    (tmp_path / ".conjure" / "dev.json").write_text(json.dumps(facts))
    return tmp_path


GHZ_RACE = "panic: send on closed channel"
"""How ghz 0.93 sometimes ends by itself: a connection of its own ends after it has closed its results."""


async def run(
    *command: str, folder: Path, programs: tuple[str, ...] = (), attempts: int = 3
) -> str:
    places = (Path(sys.executable).parent, *(Path(program).parent for program in programs))
    path = os.pathsep.join((*map(str, places), os.environ["PATH"]))
    environment = {**os.environ, "PATH": path, "NO_PROXY": "*"}
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await asyncio.wait_for(process.communicate(), LIMIT_S)
    if GHZ_RACE.encode() in errors and attempts > 1:
        return await run(*command, folder=folder, programs=programs, attempts=attempts - 1)
    assert process.returncode == 0, errors.decode()
    return output.decode()


def test_the_readme_marks_its_examples():
    """A block that is not marked would not be run."""
    assert [language for language, _ in BLOCKS] == ["sh", "python", "python", "sh"]


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


async def test_a_backend_is_told_and_reads_the_world(newcomer):
    """The receiver's block prints the name of the world that the job has made, and takes its webhook away."""
    output = await run(sys.executable, "-c", BLOCKS[2][1], folder=newcomer)
    assert output.strip()


@pytest.mark.parametrize("block", [BLOCKS[3][1], BY_PROTOSET], ids=["reflection", "protoset"])
async def test_grpc_tools_work(newcomer, block):
    """grpcurl and ghz are made with Go where they are not there; buf comes with the tests."""
    with needed():
        programs = tuple(go_program(name) for name in ("grpcurl", "ghz"))
    (newcomer / "build").mkdir()
    protoset = ROOT / "server/conjure/v1" / PROTOSET
    shutil.copy(protoset, newcomer / "build" / "conjure.protoset")
    output = await run("bash", "-euo", "pipefail", "-c", block, folder=newcomer, programs=programs)
    assert output.count('"rev":') + output.count('"expiresIn":') == 2
    assert re.search(r"\[OK\] +20 responses", output), output
