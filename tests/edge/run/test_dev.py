"""`conjure dev`, as a newcomer runs it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import miniaudio

from conjure.administration import administration
from conjure.providers.voice.local.available import is_installed
from conjure.settings import AuthSettings, StoreSettings
from conjure.store import keyspace
from support.collector import running_collector
from support.dev import Dev, dev
from support.rest import bearer
from support.until import LIMIT_S, until

if TYPE_CHECKING:
    from support.collector import Collector


PRODUCTION = {
    "CONJURE_STORE_URL": "rediss://one.example,rediss://two.example",
    "CONJURE_STORE_CLUSTER": "true",
    "CONJURE_STORE_WAIT_REPLICAS": "2",
    "CONJURE_SERVER_TLS_CERT": "/nowhere.pem",
    "CONJURE_SERVER_TLS_KEY": "/nowhere.pem",
    "CONJURE_SERVER_WORKERS": "8",
    "CONJURE_SERVER_MAX_BODY_BYTES": "54321",
}


def commands(output: str) -> list[str]:
    """What the guide prints to be copied."""
    return [
        line
        for line in output.splitlines()
        if re.match(r"(curl|sed|TOKEN=|TALK=|JOB=|\.venv/bin/conjure) ?", line)
    ]


def is_running(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


async def test_a_first_and_a_second_start(tmp_path):
    """The printed commands work; all of it ends; the second start finds the worlds."""
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    async with dev(tmp_path) as first:
        facts = first.facts
        assert {
            "restUrl", "grpcTarget", "appId", "secretKey", "publishableKey", "userToken",
            "worldId", "characterId", "pids", "metricsUrl", "edgeMetricsUrl", "tracingEndpoint", "logs",
        } <= set(facts)  # fmt: skip
        assert set(facts["pids"]) == {"store", "server", "edge"}
        assert (tmp_path / ".conjure" / "dev.json").stat().st_mode & 0o077 == 0
        printed = commands(first.output)
        assert len(printed) == 23 + is_installed()
        script = "set -e\n" + "\necho\n".join(printed)
        run = await asyncio.create_subprocess_exec(
            "bash", "-c", script, cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, errors = await asyncio.wait_for(run.communicate(), LIMIT_S)
        assert run.returncode == 0, errors.decode()
        answers = [
            json.loads(line) for line in output.decode().splitlines() if line.startswith("{")
        ]
        assert len(answers) == 14
        assert not [answer for answer in answers if "detail" in answer]
        (welcome,) = (answer for answer in answers if "welcome" in answer)
        assert (welcome["returning"], welcome["messageCount"]) == (True, 2)
        if is_installed():
            speech = (tmp_path / ".conjure" / "speech.mp3").read_bytes()
            assert miniaudio.decode(speech, sample_rate=22_050).duration > 1
        assert '"status":"succeeded"' in output.decode()  # the job's last event
        # The server's numbers and Envoy's, after all that was called above.
        numbers = output.decode()
        assert 'conjure_rpc_requests_total{code="OK"' in numbers
        assert "envoy_http_downstream_rq_total{" in numbers
        written = {path.name for path in (tmp_path / ".conjure").iterdir()}
        assert {Path(log).name for log in facts["logs"].values()} <= written
        await as_made_by_an_older_release(facts)
        assert await first.stop() == 0
    assert not [pid for pid in facts["pids"].values() if is_running(pid)]

    async with dev(tmp_path) as second:
        again = second.facts
        for name in ("restUrl", "secretKey", "worldId", "characterId", "appId"):
            assert again[name] == facts[name]
        async with httpx.AsyncClient(
            base_url=again["restUrl"], trust_env=False, timeout=LIMIT_S
        ) as client:
            worlds = await client.get("/v1/worlds", headers=bearer(again["secretKey"]))
            characters = await client.get("/v1/characters", headers=bearer(again["secretKey"]))
            apps = await client.get("/v1/apps", headers=bearer(again["userToken"]))
        assert len(worlds.json()["worlds"]) == 4  # the demo world, and those that curl had made
        assert [item["id"] for item in characters.json()["characters"]] == [facts["characterId"]]
        assert [app["id"] for app in apps.json()["apps"]] == [facts["appId"]]


async def as_made_by_an_older_release(facts: dict[str, Any]) -> None:
    """The demo app as it was when nobody owned it."""
    async with administration(StoreSettings(url=facts["storeUrl"]), AuthSettings()) as admin:
        await admin.store.write("HSET", keyspace.app(facts["appId"]), "owner", "")
        for key in (keyspace.user_apps("demo-user"), keyspace.user_app_rows("demo-user")):
            await admin.store.write("DEL", key)


async def test_a_killed_part_comes_back(tmp_path):
    """Store, server and Envoy are started again; dev.json has the new process ids."""
    async with dev(tmp_path) as running:
        before = running.facts
        async with httpx.AsyncClient(
            base_url=before["restUrl"], trust_env=False, timeout=LIMIT_S
        ) as client:
            for part in ("store", "server", "edge"):
                os.kill(before["pids"][part], signal.SIGKILL)
                await until(partial(is_back, running, client, part, before))


async def is_back(running: Dev, client: httpx.AsyncClient, part: str, before: Any) -> bool:
    """Whether a part that was killed runs again, under another process id, and all of it serves."""
    if running.facts["pids"][part] == before["pids"][part]:
        return False
    with contextlib.suppress(httpx.HTTPError):
        path = f"/v1/worlds/{before['worldId']}"
        answer = await client.get(path, headers=bearer(before["secretKey"]))
        return answer.status_code == 200
    return False


async def test_what_the_shell_says(tmp_path):
    """Unmetered and traced when it says so; the next start is as the next shell says, which may be a production's.

    CONJURE_DEV_UNMETERED lifts every cap and rate. CONJURE_TRACING_ENDPOINT sends the traces of server and edge, and
    dev.json and the screen say where they go. The store is dev's own; what server and edge share is for both.
    """
    rates = {"CONJURE_RATES_KEY_PER_S": "0.01", "CONJURE_RATES_KEY_BURST": "10"}
    async with running_collector() as collector:
        environment = {
            "CONJURE_DEV_UNMETERED": "1",
            "CONJURE_TRACING_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        async with dev(tmp_path, **environment, **rates) as running:
            await assert_traced(running, collector)
            usages = await usages_of(running.facts, 20)
            assert {usage.status_code for usage in usages} == {200}
            assert set(usages[0].json()["caps"].values()) == {1_000_000_000}
    async with dev(tmp_path, **PRODUCTION, **rates) as running:
        usages = await usages_of(running.facts, 20)
        assert usages[0].json()["caps"]["generation"] == 50
        assert usages[-1].status_code == 429
        assert running.facts["storeUrl"].startswith("unix:///")
        config = (tmp_path / ".conjure" / "envoy.yaml").read_text()
        assert '"max_request_body_size": 54321' in config
        log = (tmp_path / ".conjure" / "server.log").read_text()
        assert "store check" not in log


async def assert_traced(running: Dev, collector: Collector) -> None:
    """A call has spans of server and edge, in the collector that was named."""
    facts = running.facts
    assert facts["tracingEndpoint"] == collector.url
    assert f"to {collector.url}" in running.output
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    async with httpx.AsyncClient(
        base_url=facts["restUrl"], trust_env=False, timeout=LIMIT_S
    ) as client:
        await client.get(
            f"/v1/worlds/{facts['worldId']}", headers=headers | bearer(facts["secretKey"])
        )
    spans = await collector.having(lambda found: len(found) >= 3, trace)
    assert {span.service for span in spans} == {"conjure", "conjure-edge"}


async def usages_of(facts, times):
    async with httpx.AsyncClient(
        base_url=facts["restUrl"], trust_env=False, timeout=LIMIT_S
    ) as client:
        return [
            await client.get("/v1/usage", headers=bearer(facts["secretKey"])) for _ in range(times)
        ]
