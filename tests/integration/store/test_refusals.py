"""A store that lets us do nothing is a store that is not there: 503 until it is mended, and one line in the log."""

from __future__ import annotations

import json

import grpc
import pytest
from redis.exceptions import RedisError

from conjure.administration import administration
from conjure.core.errors import Reason, StoreUnavailable
from conjure.settings import AuthSettings, StoreSettings
from conjure.store.client import Script, Store
from support.rpc import client, refused
from support.stack import new_app, running_server
from support.stores import command, configured_store, own_address

SCRIPT = Script("conjure.worlds", "read", reads_only=True)


async def test_protected_mode(tmp_path):
    host = own_address()
    if host is None:
        pytest.skip("this machine has no address but loopback, where protected mode lets all in")
    async with (
        configured_store(tmp_path, bind="0.0.0.0") as port,
        Store(StoreSettings(url=f"redis://{host}:{port}/0")) as store,
    ):
        for _ in range(5):
            with pytest.raises(StoreUnavailable):
                await store.read("GET", "places")
            with pytest.raises(StoreUnavailable):
                await store.write("SET", "places", "1")


async def test_a_command_and_a_key_without_permission(tmp_path, capsys):
    """NOPERM of a command and of a key, by itself and in a script."""
    async with configured_store(tmp_path) as port:
        await command(
            port, "ACL", "SETUSER", "app", "on", ">pw", "~t:*", "+@all", "-set", "-hmget", "-hget"
        )
        async with Store(StoreSettings(url=f"redis://app:pw@127.0.0.1:{port}/0")) as store:
            for _ in range(3):
                with pytest.raises(StoreUnavailable) as denied:
                    await store.write("SET", "t:x", "1")
                assert isinstance(denied.value.__cause__, RedisError)
                with pytest.raises(StoreUnavailable):
                    await store.read("GET", "places")
                with pytest.raises(StoreUnavailable) as in_script:
                    await store.query(SCRIPT, ["t:x"], ["", "0"])
                assert "no permissions to run" in str(in_script.value.__cause__)
            await command(port, "ACL", "SETUSER", "app", "allkeys", "+@all")
            await store.write("SET", "t:x", "1")
            assert await store.read("GET", "t:x") == b"1"
    told = [line for line in capsys.readouterr().out.splitlines() if "refuses to serve" in line]
    assert len(told) == 2  # NOPERM, and how scripts say it; each once


async def test_a_wrong_password_is_logged(tmp_path, capsys):
    async with (
        configured_store(tmp_path) as port,
        Store(StoreSettings(url=f"redis://app:hunter2@127.0.0.1:{port}/0")) as store,
    ):
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                await store.ping()
    told = [line for line in capsys.readouterr().out.splitlines() if "refuses to serve" in line]
    assert len(told) == 1
    assert "WRONGPASS" in told[0]
    assert "hunter2" not in told[0]


async def test_callers_are_told_503_and_the_server_recovers_by_itself(tmp_path):
    """A permission that is taken away while the server runs, and given back."""
    async with configured_store(tmp_path / "store") as port:
        await command(port, "ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all")
        url = f"redis://app:pw@127.0.0.1:{port}/0"
        async with (
            administration(StoreSettings(url=url), AuthSettings()) as admin,
            running_server(tmp_path, url) as (_, server),
        ):
            app = await new_app(admin)
            async with client(server, app.secret) as caller:
                world = (await caller.create()).world_id
                await command(port, "ACL", "SETUSER", "app", "-hset", "-hget", "-hmget")
                for _ in range(3):
                    refusal = await refused(caller.world(world), Reason.STORE_UNAVAILABLE)
                    assert refusal.code is grpc.StatusCode.UNAVAILABLE
                    await refused(caller.create(), Reason.STORE_UNAVAILABLE)
                await command(port, "ACL", "SETUSER", "app", "+@all")
                assert (await caller.world(world)).world.id == world
    lines = list(map(json.loads, (tmp_path / "server.log").read_text().splitlines()))
    assert [line["code"] for line in lines if line["level"] == "error"] == ["ERR"]
