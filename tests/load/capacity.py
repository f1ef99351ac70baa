"""On paper: what one node carries, from what was measured, and which resource ends first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conjure.settings import SessionSettings
from load.report import markdown

if TYPE_CHECKING:
    from collections.abc import Mapping

STORE_BYTES = 8e9  # of a node's memory that the data may take: a rewrite may need as much again
BUSY = 0.7  # of a core: beyond it queues grow faster than load
LEASE_S = SessionSettings().lease_s  # a player renews as often
VERSION = "version of a 17 KB world, one edit after the other"


def capacity_table(report: Mapping[str, Any]) -> str:
    """A row per resource of one store node: how many sessions, worlds, connects a second."""
    return markdown(
        ("one store node carries", "how much", "ends with"),
        [(what, f"{much:,.0f}", why) for what, much, why in capacity(report)],
    )


def capacity(report: Mapping[str, Any]) -> list[tuple[str, float, str]]:
    """Numbers of one node whose data may take STORE_BYTES and whose store is BUSY."""
    bytes_of = {size["what"]: size["memory"] for size in report["sizes"]}
    connects = [row for row in report["rows"] if row["name"].startswith("connect, fresh token")]
    store_us = min(row["cost"]["cpu_us"]["store"] for row in connects)
    server_us = min(row["cost"]["cpu_us"]["server"] for row in connects)
    envoy_us = min(row["cost"]["cpu_us"]["envoy"] for row in connects)
    per_second = BUSY * 1e6 / store_us
    session, written = (report["fill"][f"{name}_per_session"] for name in ("memory", "file"))
    world, version = bytes_of["world, 17 KB, 40 states"], bytes_of[VERSION]
    return [
        ("connects a second", per_second, "the store's one core"),
        ("server cores for as many", per_second * server_us / 1e6 / BUSY, ""),
        ("Envoy cores for as many", per_second * envoy_us / 1e6 / BUSY, ""),
        ("MB a second to the file for as many", per_second * written / 1e6, ""),
        (f"live sessions, renewed every {LEASE_S} s", per_second * LEASE_S, "the store's one core"),
        ("live sessions in memory, nothing else", STORE_BYTES / session, "memory"),
        ("worlds of 17 KB, nothing else", STORE_BYTES / world, "memory"),
        ("worlds of 17 KB with 20 versions each", STORE_BYTES / (world + 20 * version), "memory"),
    ]
