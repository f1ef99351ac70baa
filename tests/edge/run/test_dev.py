"""`conjure dev`, as a newcomer runs it."""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import httpx
import miniaudio

from conjure.administration import administration
from conjure.providers.voice.local.available import is_installed
from conjure.settings import AuthSettings, StoreSettings
from conjure.store import keyspace
from conjure.store.format import FORMAT
from support.collector import running_collector
from support.dev import Dev, dev
from support.rest import bearer
from support.until import LIMIT_S

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

RATES = {"CONJURE_RATES_KEY_PER_S": "0.01", "CONJURE_RATES_KEY_BURST": "10"}


def commands(output: str) -> list[str]:
    """What the guide prints to be copied."""
    return [
        line
        for line in output.splitlines()
        if re.match(r"(curl|sed|TOKEN=|TALK=|JOB=|\S*/bin/conjure) ?", line)
    ]


def is_running(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


async def test_a_first_a_second_and_a_third_start(tmp_path):
    """The printed commands work; all of it ends; the second start finds the worlds, and each is as its shell says.

    The second is unmetered and traced: CONJURE_DEV_UNMETERED lifts every cap and rate. CONJURE_TRACING_ENDPOINT sends
    the traces of server and edge, and dev.json and the screen say where they go. The third has the shell of a
    production, and is metered again: the store is dev's own; what server and edge share is for both.
    """
    async with dev(tmp_path) as first:
        facts = first.facts
        assert {
            "restUrl", "grpcTarget", "appId", "mode", "secretKey", "publishableKey", "userToken",
            "worldId", "characterId", "pids", "metricsUrl", "edgeMetricsUrl", "tracingEndpoint", "logs",
        } <= set(facts)  # fmt: skip
        assert set(facts["pids"]) == {"store", "server", "edge"}
        assert (tmp_path / ".conjure" / "dev.json").stat().st_mode & 0o077 == 0
        await assert_links_play(first)
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

    async with running_collector() as collector:
        environment = {
            "CONJURE_DEV_UNMETERED": "1",
            "CONJURE_TRACING_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        async with dev(tmp_path, **environment, **RATES) as second:
            await assert_finds_what_the_first_left(second, facts)
            await assert_traced(second, collector)
            usages = await usages_of(second.facts, 20)
            assert {usage.status_code for usage in usages} == {200}
            assert set(usages[0].json()["caps"].values()) == {1_000_000_000}

    async with dev(tmp_path, **PRODUCTION, **RATES) as third:
        usages = await usages_of(third.facts, 20)
        assert usages[0].json()["caps"]["generation"] == 50
        assert usages[-1].status_code == 429
        assert third.facts["storeUrl"].startswith("unix:///")
        config = (tmp_path / ".conjure" / "envoy.yaml").read_text()
        assert '"max_request_body_size": 54321' in config
        log = (tmp_path / ".conjure" / "server.log").read_text()
        assert "store check" not in log
        assert "store format" not in log  # nothing is left to do


async def assert_links_play(first: Dev) -> None:
    """The first things that are printed: a click plays the demo world, another the character, a third tells what runs."""
    facts = first.facts
    links = re.findall(r"http://\S+", first.output)[:3]
    world, character, home = links
    async with httpx.AsyncClient(trust_env=False, timeout=LIMIT_S) as browser:
        page = await browser.get(home)
        for link, name in ((world, "worldId"), (character, "characterId")):
            assert html.escape(urlsplit(link)._replace(scheme="", netloc="").geturl()) in page.text
            led = await browser.get(link)
            assert led.status_code == 303
            played = await browser.get(urljoin(link, led.headers["location"]))
            assert played.headers["content-type"].startswith("text/html")
            token = led.headers["location"].partition("?token=")[2]
            connected = await browser.post(
                f"{facts['restUrl']}/v1/sessions/connect", json={"token": token}
            )
            assert connected.json()["worldId"] == facts[name]
    assert "The Lighthouse at Skarn Head" in page.text
    for secret in ("secretKey", "publishableKey", "userToken"):
        assert facts[secret] not in page.text


async def assert_finds_what_the_first_left(second: Dev, facts: dict[str, Any]) -> None:
    """The demo app is its user's, and the worlds are there; the store was upgraded, without a word from anybody."""
    assert f"the store was upgraded from format 1 to {FORMAT}" in second.output
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
    """The demo app as it was when nobody owned it, in a store that does not name its format."""
    async with administration(StoreSettings(url=facts["storeUrl"]), AuthSettings()) as admin:
        await admin.store.write("HSET", keyspace.app(facts["appId"]), "owner", "")
        for key in (
            keyspace.user_apps("demo-user"),
            keyspace.user_app_rows("demo-user"),
            keyspace.store_format(),
        ):
            await admin.store.write("DEL", key)


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
