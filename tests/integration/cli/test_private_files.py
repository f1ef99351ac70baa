"""What commands write that may hold a secret: nobody else's to read, and never half of it."""

from __future__ import annotations

import asyncio
import os
import stat
import tempfile
from pathlib import Path

import pytest

from support.cli import Conjure
from support.ports import claimed_ports
from support.until import until

CREDENTIAL = "CONJURE_TRACING_HEADERS"
TRACED = {"CONJURE_TRACING_ENDPOINT": "http://127.0.0.1:4317", CREDENTIAL: "authorization=hunter2"}


@pytest.fixture(params=[0o000, 0o022], ids=oct)
def umask(request):
    """As the shell that starts a command may have it."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def readable_by_others(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if stat.S_IMODE(path.lstat().st_mode) & 0o077
    }


@pytest.mark.usefixtures("umask")
async def test_the_configuration_of_an_edge_is_private(stack, tmp_path):
    """It names the collector's credential; also where a readable one stands already."""
    conjure = Conjure(stack, tmp_path)
    (tmp_path / "old.yaml").write_text("written by an older release")
    (tmp_path / "old.yaml").chmod(0o644)
    (tmp_path / "link.yaml").symlink_to("linked.yaml")
    for name in ("new.yaml", "old.yaml", "link.yaml"):
        code, _, errors = await conjure("edge", "--write", name, **TRACED)
        assert (code, errors) == (0, "")
        assert "hunter2" in (tmp_path / name).read_text()
    assert (tmp_path / "link.yaml").is_symlink()
    assert readable_by_others(tmp_path) <= {"link.yaml"}  # a link has no mode of its own
    assert {path.name for path in tmp_path.iterdir()} == {
        "new.yaml", "old.yaml", "link.yaml", "linked.yaml",
    }  # fmt: skip


async def test_a_configuration_can_go_down_a_pipe(stack, tmp_path):
    code, output, errors = await Conjure(stack, tmp_path)("edge", "--write", "/dev/stdout")
    assert (code, errors) == (0, "")
    assert output.startswith("# The edge of Conjure")


async def test_where_it_cannot_be_written_is_said_in_one_line(stack, tmp_path):
    code, _, errors = await Conjure(stack, tmp_path)("edge", "--write", "nowhere/envoy.yaml")
    assert code == 2
    assert "nowhere" in errors
    assert "No such file or directory" in errors


async def test_two_that_write_the_same_file_leave_one_of_both(stack, tmp_path):
    """Whoever reads meanwhile, as an Envoy that is started again, sees all of one configuration."""
    conjure = Conjure(stack, tmp_path)
    path = tmp_path / "envoy.yaml"
    texts = []
    for port in ("8081", "8082"):
        assert (await conjure("edge", "--rest", f"h:{port}", "--write", "envoy.yaml"))[0] == 0
        texts.append(path.read_text())
    seen = set()

    async def write(port: str) -> None:
        await conjure("edge", "--rest", f"h:{port}", "--write", "envoy.yaml")

    writers = [asyncio.create_task(write(port)) for port in ("8081", "8082") * 2]
    while not all(writer.done() for writer in writers):
        seen.add(path.read_text())
        await asyncio.sleep(0.001)
    assert seen <= set(texts)
    assert {item.name for item in tmp_path.iterdir()} == {"envoy.yaml"}


@pytest.mark.usefixtures("umask")
async def test_keys_of_certificates_are_private(stack, tmp_path):
    """Certificates themselves are shown to everybody who connects; their folder is private too."""
    code, _, errors = await Conjure(stack, tmp_path)("certs", "made")
    assert (code, errors) == (0, "")
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o700
    found = readable_by_others(tmp_path / "made")
    assert {path.name for path in (tmp_path / "made").glob("*-key.pem")}
    assert found == {
        path.name for path in (tmp_path / "made").glob("*.pem") if not path.match("*-key.pem")
    }


@pytest.fixture
def scratch():
    """A folder of a name that is short enough for a socket in there, as that of a test's own may not be."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        yield Path(name)


async def test_what_validation_and_a_running_edge_have_in_tmp_is_private_and_goes(
    stack, tmp_path, scratch
):
    """Also its access log, when Envoy has to make it. The folder goes even when Envoy is killed."""
    conjure = Conjure(stack, tmp_path)
    places = {"TMPDIR": str(scratch), "XDG_RUNTIME_DIR": ""}
    before = os.umask(0)
    try:
        code, _, errors = await conjure("edge", "--validate", **places, **TRACED)
        assert (code, errors) == (0, "")
        assert not list(scratch.iterdir())
        rest, grpc, admin = claimed_ports(3)
        listeners = ("--rest", f"127.0.0.1:{rest}", "--grpc", f"127.0.0.1:{grpc}",
                     "--admin", f"127.0.0.1:{admin}")  # fmt: skip
        log = tmp_path / "access.log"
        async with conjure.running(
            "edge", *listeners, "--access-log", str(log), **places, **TRACED
        ):
            await until(log.exists)
            await until(
                lambda: list(scratch.iterdir())
            )  # which of the two comes first is not promised
            assert readable_by_others(tmp_path) | readable_by_others(scratch) == set()
            # A second one on the same ports: Envoy would share them with the first.
            code, _, errors = await conjure("edge", *listeners, **places)
            assert code == 2
            assert f"127.0.0.1:{rest} cannot be listened on" in errors
            assert len(list(scratch.iterdir())) == 1
        await until(lambda: not list(scratch.iterdir()))
    finally:
        os.umask(before)


async def test_a_second_server_on_a_port_is_refused(stack, tmp_path):
    """One process, and a supervisor of several: the first one serves on alone."""
    port = stack.server_target.rpartition(":")[2]
    for workers in ("1", "2"):
        code, _, errors = await Conjure(stack, tmp_path)(
            "serve", CONJURE_SERVER_PORT=port, CONJURE_SERVER_WORKERS=workers
        )
        assert (code, f"127.0.0.1:{port} cannot be" in errors) == (2, True), errors
