"""A real Prometheus with rules and targets of a test's, and what it says: queries, alerts, its own health."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from conjure.run.child import Child
from support.ports import claimed_port
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """A series of an answer, with its value."""

    labels: Mapping[str, str]
    value: float


class QueryRefused(Exception):
    """Prometheus does not take a query; the text says why."""


@dataclass
class Prometheus:
    """One that runs."""

    http: httpx.AsyncClient

    async def query(self, expression: str) -> list[Sample]:
        """The series of an expression now. Raises QueryRefused."""
        found = await self._asked("query", query=expression)
        if found["resultType"] == "scalar":
            return [Sample({}, float(found["result"][1]))]
        return [Sample(row["metric"], float(row["value"][1])) for row in found["result"]]

    async def values(self, label: str, of: str) -> list[str]:
        """The values that a label has in the series of a metric: what Grafana calls label_values."""
        found: list[str] = await self._asked(f"label/{label}/values", **{"match[]": of})
        return found

    async def alerts(self) -> dict[str, str]:
        """Whoever is `pending` or `firing` now, by name. Of several series the one that is further counts."""
        states: dict[str, str] = {}
        for alert in (await self._asked("alerts"))["alerts"]:
            name = alert["labels"]["alertname"]
            if states.get(name) != "firing":
                states[name] = alert["state"]
        return states

    async def fired_within(self, seconds: float) -> set[str]:
        """Who has fired at any evaluation of the last seconds."""
        window = f"{max(1, round(seconds * 1000))}ms"
        found = await self.query(
            f'count by (alertname) (count_over_time(ALERTS{{alertstate="firing"}}[{window}]))'
        )
        return {sample.labels["alertname"] for sample in found}

    async def faults(self) -> list[str]:
        """What it cannot do: targets that it does not reach, rules that it cannot evaluate."""
        targets = (await self._asked("targets", state="active"))["activeTargets"]
        groups = (await self._asked("rules"))["groups"]
        return [
            *(f"{t['scrapeUrl']}: {t['lastError']}" for t in targets if t["health"] != "up"),
            *(
                f"{rule['name']}: {rule.get('lastError', rule['health'])}"
                for group in groups
                for rule in group["rules"]
                if rule["health"] != "ok"
            ),
        ]

    async def _asked(self, path: str, **parameters: str) -> Any:
        answer = await self.http.get(f"/api/v1/{path}", params=parameters)
        body = answer.json()
        if body["status"] != "success":
            raise QueryRefused(f"{parameters}: {body['error']}")
        return body["data"]


@contextlib.asynccontextmanager
async def running_prometheus(
    program: str,
    directory: Path,
    *,
    targets: Mapping[str, Sequence[str]],
    rules: Mapping[str, Any],
    every_s: float,
) -> AsyncIterator[Prometheus]:
    """Starts one that scrapes each job's targets and evaluates the rules at this interval."""
    every = f"{round(every_s * 1000)}ms"
    configuration = {
        "global": {
            "scrape_interval": every,
            "scrape_timeout": every,
            "evaluation_interval": every,
        },
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": list(at)}]}
            for job, at in targets.items()
        ],
        "rule_files": ["rules.yaml"],
    }
    _write(directory, {"rules.yaml": dict(rules), "prometheus.yaml": configuration})
    port = claimed_port()
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", timeout=LIMIT_S, trust_env=False
    ) as http:

        async def ready() -> None:
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get("/-/ready")).status_code == 200:
                        return
                await asyncio.sleep(0.05)

        child = Child(
            "prometheus",
            lambda: [
                program,
                f"--config.file={directory / 'prometheus.yaml'}",
                f"--storage.tsdb.path={directory / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--log.level=warn",
            ],
            ready=ready,
            environment={**os.environ, "GOMAXPROCS": "1"},
            log_file=directory / "prometheus.log",
            start_s=LIMIT_S,
        )
        async with child:
            yield Prometheus(http)


def _write(directory: Path, files: Mapping[str, Any]) -> None:
    directory.mkdir()
    for name, content in files.items():
        (directory / name).write_text(yaml.safe_dump(content))
