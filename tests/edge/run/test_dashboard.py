"""The dashboard and the alerts ask for what is there: names and labels of a real scrape, after traffic."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from conjure.core.catalog import OK, Code
from conjure.core.errors import Reason
from support.cases import each_of
from support.rest import bearer, connect, import_world, mint
from support.scrape import Scrape, scrape
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Iterator

EDGE = Path(__file__).parents[3] / "edge"
BOARD: dict[str, Any] = json.loads((EDGE / "dashboard.json").read_text())
ALERTS: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((EDGE / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = {
    **{f"panel {p['title']}/{t['refId']}": t["expr"] for p in PANELS for t in p["targets"]},
    **{f"alert {rule['alert']}": rule["expr"] for rule in ALERTS},
    **{
        f"variable {variable['name']}": variable["definition"]
        for variable in BOARD["templating"]["list"]
        if variable["type"] == "query"
    },
}
# What Prometheus adds when it scrapes.
ADDED = {"instance", "job"}
FUNCTIONS = {
    "sum", "min", "max", "count", "absent", "rate", "increase", "histogram_quantile", "by", "label_values",
}  # fmt: skip
METRIC = re.compile(r"\b((?:conjure|envoy|process)_[a-z0-9_]+)(?:\{([^{}]*)\})?")
MATCHER = re.compile(r'([a-z_]+)(=~|!=|=)"([^"]*)"')


def selectors(expression: str) -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
    """The metrics that an expression asks for, each with its matchers."""
    asked = re.sub(r"\bby \([^)]*\)", "", expression)
    asked = re.sub(r"(label_values\([^,]*),[^)]*\)", r"\1)", asked)
    for name, matchers in METRIC.findall(asked):
        yield name, {label: (how, value) for label, how, value in MATCHER.findall(matchers)}


@pytest.fixture(scope="module")
async def scraped(watched, watched_rest, stack) -> Scrape:
    """Both scrapes, after calls of every kind that the dashboard shows."""
    from support.stack import new_app

    app = await new_app(stack.admin)
    key = bearer(app.secret)
    world = await import_world(watched_rest, app.secret)
    token = (await mint(watched_rest, app.secret, world))["token"]
    assert (await connect(watched_rest, token)).status_code == 200
    assert (await watched_rest.get(f"/v1/worlds/{world}", headers=key)).status_code == 200
    path = f"/v1/worlds/{world}/entrance"
    assert (
        await watched_rest.patch(path, json={"state": "cellar"}, headers=key)
    ).status_code == 200
    refused = await watched_rest.patch(path, json={"state": "nowhere"}, headers=key)
    assert refused.status_code == 422
    server, edge = await scrape(watched.metrics_url), await scrape(watched.edge_metrics_url)
    server.samples += edge.samples
    return server


def test_the_patterns_of_this_test_see_what_they_should():
    found = dict(selectors('sum by (le) (rate(conjure_x_total{a="b",c!="d"}[5m])) / process_y'))
    assert found == {"conjure_x_total": {"a": ("=", "b"), "c": ("!=", "d")}, "process_y": {}}
    assert len(EXPRESSIONS) > 60
    assert all(list(selectors(expression)) for expression in EXPRESSIONS.values())


@each_of("where", EXPRESSIONS)
async def test_every_name_and_label_exists(scraped, where):
    for name, matchers in selectors(EXPRESSIONS[where]):
        series = [sample.labels for sample in scraped.samples if sample.name == name]
        assert series, f"{name} is in no scrape"
        labels = {label for found in series for label in found}
        assert set(matchers) - ADDED <= labels, name
        grouped = {
            label.strip()
            for group in re.findall(r"\bby \(([^)]*)\)", EXPRESSIONS[where])
            for label in group.split(",")
        }
        # A ratio may be of two metrics; what it is grouped by, each of them has.
        assert grouped - ADDED <= labels, name
        for label, (how, value) in matchers.items():
            if "$" in value or how != "=":
                continue
            assert value in {found.get(label) for found in series}, f"{name}: no {label}={value}"


@each_of("where", EXPRESSIONS)
def test_every_expression_is_whole(where):
    """Brackets close, ranges and quantiles are numbers, functions are Prometheus' own."""
    expression = EXPRESSIONS[where]
    left: list[str] = []
    for character in re.sub(r'"[^"]*"', "", expression):
        if character in "([{":
            left.append(character)
        elif character in ")]}":
            assert left.pop() + character in {"()", "[]", "{}"}
    assert not left
    assert set(re.findall(r"\b([a-z_]+) ?\(", re.sub(r'"[^"]*"', "", expression))) <= FUNCTIONS
    for window in re.findall(r"\[([^\]]*)\]", re.sub(r'"[^"]*"', "", expression)):
        assert window == "$__rate_interval" or re.fullmatch(r"[1-9]\d*[smh]", window)
    counters = {name for name, _ in selectors(expression) if re.match("conjure.*_total$", name)}
    for name in counters:
        if where.startswith("variable"):
            continue
        assert re.search(rf"(rate|increase)\({name}\b", expression), f"{name} is not a rate"


async def test_the_edges_listener_gives_its_numbers_and_nothing_else(watched):
    """The admin page can stop Envoy and tell its configuration: none of it is reachable here."""
    base = watched.edge_metrics_url.removesuffix("/metrics")
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=LIMIT_S) as asking:
        for path in (
            "/", "/quitquitquit", "/stats", "/stats/prometheus", "/config_dump", "/metrics/",
            "/metrics/../config_dump", "/metrics%2F..%2Fconfig_dump", "//config_dump", "/clusters",
        ):  # fmt: skip
            assert (await asking.get(path)).status_code == 404, path
        for verb in ("POST", "PUT", "DELETE", "HEAD", "OPTIONS"):
            assert (await asking.request(verb, "/metrics")).status_code == 404, verb
        # A query chooses among the numbers, as on the page itself.
        for query in ("usedonly", "usedonly&x=/quitquitquit"):
            shown = await asking.get(f"/metrics?{query}")
            assert "envoy_http_downstream_rq_total" in shown.text
        assert (await asking.get("/metrics")).status_code == 200  # it has not quit


def test_codes_and_reasons_are_those_of_the_catalog():
    codes = {code.name for code in Code} | {OK}
    reasons = {reason.value.lower() for reason in Reason}
    for expression in EXPRESSIONS.values():
        for _, matchers in selectors(expression):
            if "code" in matchers:
                assert set(matchers["code"][1].split("|")) <= codes
            if "reason" in matchers:
                assert matchers["reason"][1] in reasons


def test_the_dashboard_is_one_that_grafana_reads():
    assert BOARD["schemaVersion"] >= 39
    assert BOARD["title"]
    assert BOARD["uid"]
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(ids) == len(set(ids))
    variables = {variable["name"] for variable in BOARD["templating"]["list"]}
    source = {"type": "prometheus", "uid": "${datasource}"}
    assert (
        BOARD["templating"]["list"][0] | {"name": "datasource", "type": "datasource"}
        == (BOARD["templating"]["list"][0])
    )
    for panel in PANELS:
        assert panel["type"] in {"timeseries", "stat"}
        assert panel["title"]
        assert panel["datasource"] == source
        assert panel["fieldConfig"]["defaults"]["unit"]
        references = [target["refId"] for target in panel["targets"]]
        assert len(references) == len(set(references))
        for target in panel["targets"]:
            assert target["datasource"] == source
            used = set(re.findall(r"\$([a-z]+)", target["expr"]))
            assert used <= variables


def test_no_two_panels_share_a_place():
    taken: dict[tuple[int, int], str] = {}
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        assert place["w"] > 0
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in taken, f"{panel['title']} lies on {taken[x, y]}"
                taken[x, y] = panel["title"]
    rows = [panel["title"] for panel in BOARD["panels"] if panel["type"] == "row"]
    assert len(rows) == 9


def test_every_alert_says_what_it_means():
    names = [rule["alert"] for rule in ALERTS]
    assert len(names) == len(set(names)) >= 8
    for rule in ALERTS:
        assert re.fullmatch(r"Conjure[A-Za-z]+", rule["alert"])
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule["annotations"]) == {"summary", "description"}
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert re.search(r"[<>=] ?[\d.]+$|< sum(?: by \([a-z_]+\) )?\(", rule["expr"].strip())
