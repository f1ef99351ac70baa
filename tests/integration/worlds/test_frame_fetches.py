"""What `frame_url` reaches as it is deployed: public addresses, by their address, and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from conjure.core.context import WORKING_FOR
from conjure.core.errors import UnprocessableCreation
from conjure.worlds.frames import Frames
from conjure.worlds.requests import NewWorld
from support.picture_files import landscape
from support.receiver import Answer, Close, Endless, Garbage, Hang, Receiver


@pytest.fixture
async def site():
    async with Receiver() as receiver:
        receiver.script("/a.png", Answer(200, landscape()))
        yield receiver


async def problem_of(url, *, allows_private):
    # Only what jobs keep is kept: nothing here asks for assets.
    async with Frames(assets=None, allows_private=allows_private) as frames:
        with pytest.raises(UnprocessableCreation) as refused:
            await frames.of(NewWorld(frame_url=url))
    (problem,) = refused.value.errors
    return problem


async def test_private_addresses_are_not_even_called(site):
    """Whatever they are called: as numbers, by a name, in IPv6. They look like what is not there."""
    urls = [site.url("/a.png"), f"http://localhost:{site.port}/a.png"]
    urls += [
        f"http://{host}:{site.port}/a.png" for host in ("127.1", "0x7f000001", "[::ffff:127.0.0.1]")
    ]
    urls += ["http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[fe80::1]/"]
    urls += ["http://no.such.host.invalid/a.png"]
    problems = {await problem_of(url, allows_private=False) for url in urls}
    assert len(problems) == 1
    assert site.connections == 0


async def test_what_a_site_does_wrong_looks_the_same(site):
    """It never says what came, or from where."""
    site.script("/close", Close())
    site.script("/garbage", Garbage())
    site.script("/endless", Endless())
    paths = ["/close", "/garbage", "/endless"]
    problems = {await problem_of(site.url(path), allows_private=True) for path in paths}
    problems.add(await problem_of("http://127.0.0.1:1/", allows_private=True))
    (problem,) = problems
    assert problem.startswith("frame_url must be the public address of an image")
    assert "127.0.0.1" not in problem


async def test_one_that_is_allowed_is_read(site):
    async with Frames(assets=None, allows_private=True) as frames:
        frame = await frames.of(NewWorld(frame_url=site.url("/a.png")))
    assert (frame.width, frame.height) == (96, 64)


async def test_an_app_whose_hosts_never_answer_keeps_no_other_waiting(site):
    """It is not in line behind them: it would be refused when its own ten seconds are over."""
    site.script("/hang", Hang())

    async def fetched(frames, app, path):
        WORKING_FOR.set(app)
        return await frames.of(NewWorld(frame_url=site.url(path)))

    async with Frames(assets=None, allows_private=True) as frames:
        hanging = [asyncio.create_task(fetched(frames, "a", "/hang")) for _ in range(20)]
        await site.wait_for(3, "/hang")
        frame = await asyncio.create_task(fetched(frames, "b", "/a.png"))
        assert frame is not None
        for task in hanging:
            task.cancel()
        await asyncio.wait(hanging)
