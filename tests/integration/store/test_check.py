"""What `conjure serve` says about its store at the start: real stores, configured to be unfit."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path

import pytest

from conjure.settings import StoreSettings
from conjure.store.check import COMMANDS, Kind, UnfitStore, check_store, examine_store
from support.ports import claimed_port, claimed_ports
from support.stack import running_server, running_store
from support.stores import cluster_is_up, command, configured_store, own_address
from support.until import LIMIT_S

SERVER = Path(__file__).parents[3] / "server" / "conjure"
EVICTS = ("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")


def at(port, login="", host="127.0.0.1", **settings):
    return StoreSettings(url=f"redis://{login}{host}:{port}/0", **settings)


async def found(settings):
    return [(item.kind, item.text) for item in await examine_store(settings)]


async def test_nothing_is_wrong_with_our_own_store(tmp_path):
    async with running_store(tmp_path) as (_, url):
        assert await found(StoreSettings(url=url)) == []


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        (("--appendonly", "no"), Kind.RISK, "appendonly is off"),
        (("--appendfsync", "everysec"), Kind.RISK, "appendfsync is everysec"),
        (EVICTS, Kind.UNFIT, "maxmemory-policy allkeys-lru deletes worlds"),
        (EVICTS[2:], Kind.RISK, "once maxmemory is set"),
        ((*EVICTS[:3], "volatile-ttl"), Kind.RISK, "volatile-ttl deletes leases"),
        (("--replicaof", "127.0.0.1", "1"), Kind.FAULT, "a read-only replica"),
        (("--requirepass", "hunter2"), Kind.FAULT, "needs a password, in CONJURE_STORE_URL"),
        (("--cluster-enabled", "yes"), Kind.FAULT, "CONJURE_STORE_CLUSTER must be true"),
        (("--rename-command", "EVAL", ""), Kind.FAULT, "scripts cannot run"),
    ],
    ids=lambda item: " ".join(item) if isinstance(item, tuple) else "",
)
async def test_a_fault_is_named(tmp_path, options, kind, text):
    async with configured_store(tmp_path, *options) as port:
        findings = await found(at(port))
    assert [item for item in findings if item[0] is kind and text in item[1]], findings
    assert len(findings) == 1 or "cluster" in options[0], findings


async def test_a_wrong_password_a_missing_replica_and_an_absent_store(tmp_path):
    async with configured_store(tmp_path) as port:
        ((_, password),) = await found(at(port, "app:hunter2@"))
        ((_, replica),) = await found(at(port, wait_replicas=1))
        ((_, cluster),) = await found(at(port, cluster=True))
    ((_, absent),) = await found(at(claimed_port()))
    assert "user and password in CONJURE_STORE_URL" in password
    assert "hunter2" not in password
    assert "0 replicas are connected, and CONJURE_STORE_WAIT_REPLICAS is 1" in replica
    assert "cluster support disabled" in cluster
    assert "it cannot be used" in absent


async def test_protected_mode(tmp_path):
    host = own_address()
    if host is None:
        pytest.skip("this machine has no address but loopback, where protected mode lets all in")
    async with configured_store(tmp_path, bind="0.0.0.0") as port:
        findings = await found(at(port, host=host))
    assert [kind for kind, _ in findings] == [Kind.FAULT]
    assert "protected mode" in findings[0][1]


async def test_missing_permissions_are_named(tmp_path):
    async with configured_store(tmp_path) as port:
        await command(port, "ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "-zadd", "-hset")
        ((_, commands),) = await found(at(port, "app:pw@"))
        await command(port, "ACL", "SETUSER", "app", "resetkeys", "~t:*", "+@all")
        ((_, keys),) = await found(at(port, "app:pw@"))
        await command(port, "ACL", "SETUSER", "app", "allkeys", "-eval")
        ((_, scripts),) = await found(at(port, "app:pw@"))
    assert commands == "the user has no permission to run HSET, ZADD"
    assert "no access to keys such as public:id, public-step:{public:id}, places" in keys
    assert "scripts cannot run: User app has no permissions to run the 'eval' command" in scripts


async def test_what_a_managed_store_does_not_say_is_said_to_be_unchecked(tmp_path):
    async with configured_store(tmp_path) as port:
        await command(port, "ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "-config")
        ((kind, config),) = await found(at(port, "app:pw@"))
        await command(port, "ACL", "SETUSER", "app", "-info")
        ((_, info),) = await found(at(port, "app:pw@"))
        await check_store(at(port, "app:pw@"))
    assert kind is Kind.UNCHECKED
    assert "appendfsync is not checked" in config
    assert "version, role, persistence and memory policy are not checked" in info


async def test_each_master_of_a_cluster_is_examined(tmp_path):
    """One server that serves all slots is a cluster too, and the smallest."""
    options = ("--cluster-enabled", "yes", "--appendfsync", "no")
    async with configured_store(tmp_path, *options) as port:
        await command(port, "CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        await cluster_is_up(port)
        findings = await found(at(port, cluster=True, wait_replicas=0))
    assert [text.partition(":")[0] for _, text in findings] == ["appendfsync is no"]


async def test_a_store_that_deletes_worlds_is_refused_unless_the_setting_allows_it(tmp_path):
    async with configured_store(tmp_path / "store", *EVICTS) as port:
        with pytest.raises(UnfitStore, match="CONJURE_STORE_CHECK=warn"):
            await check_store(at(port))
        await check_store(at(port, check="warn"))
        await check_store(at(port, check="off"))
        url = at(port).url
        code, errors = await _serve(CONJURE_STORE_URL=url, CONJURE_LOG_FORMAT="text")
        assert code == 2
        assert errors.splitlines()[-1].startswith("conjure: maxmemory-policy allkeys-lru deletes")
        assert "Traceback" not in errors
        async with running_server(tmp_path, url, {"CONJURE_STORE_CHECK": "warn"}):
            pass
    assert [line["kind"] for line in _findings(tmp_path)] == ["unfit"]


async def test_several_workers_say_it_once(tmp_path):
    port = claimed_ports(2)[0]
    workers = {"CONJURE_SERVER_WORKERS": "2", "CONJURE_SERVER_DRAIN_PAUSE_S": "3"}
    async with (
        configured_store(tmp_path / "store", "--appendonly", "no") as store,
        running_server(tmp_path, at(store).url, workers, port=port),
    ):
        pass
    assert [line["kind"] for line in _findings(tmp_path)] == ["risk"]


def test_the_commands_are_those_that_are_used():
    """Scripts say `redis.call('GET', …`, services `store.read("GET", …`."""
    lua = "\n".join(path.read_text() for path in SERVER.rglob("*.lua"))
    code = "\n".join(path.read_text() for path in SERVER.rglob("*.py"))
    used = set(re.findall(r"redis\.p?call\(\s*['\"](\w+)['\"]", lua))
    used |= set(re.findall(r"\.(?:read|write)\(\s*\"([A-Z]+)\"", code))
    # CLUSTER is of a cluster only, where SLOTS was just asked for; without INFO the clock stands in for it.
    assert set(COMMANDS) == used - {"CLUSTER", "INFO"}
    assert list(COMMANDS) == sorted(COMMANDS)


def _findings(folder):
    lines = (folder / "server.log").read_text().splitlines()
    return [line for line in map(json.loads, lines) if line["event"] == "store check"]


async def _serve(**environment):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "conjure", "serve",
        env={**os.environ, "CONJURE_SERVER_PORT": str(claimed_port()), **environment},
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, errors = await asyncio.wait_for(process.communicate(), LIMIT_S)
    return process.returncode, errors.decode()
