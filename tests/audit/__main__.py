"""`python tests/audit requirements.lock`: no locked package has a known vulnerability that nobody has looked at.

Asks OSV (https://osv.dev, the database behind pip-audit and GitHub's advisories) about every pinned version, in
one request that holds names and versions and nothing else. Exit code 1: a vulnerability. When the service cannot
be reached it says so in capitals and ends with 0, so that `make lint` works offline; AUDIT=strict makes that 1
too, for continuous integration. What was reviewed and found harmless stands in ignored.toml, with a reason and a
day on which it is looked at again.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import sys
import tomllib
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OSV = "https://api.osv.dev/v1/querybatch"
IGNORED = Path(__file__).parent / "ignored.toml"
TIMEOUT_S = 15
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


class Unreachable(Exception):
    """The service did not give an answer that can be read."""


@dataclass(frozen=True)
class Finding:
    """A known vulnerability of a pinned version."""

    package: str
    version: str
    id: str


def pins(text: str) -> list[tuple[str, str]]:
    """The packages of a lock file, by name and version."""
    return sorted(set(_PIN.findall(text)))


def ask(url: str, packages: list[tuple[str, str]]) -> list[Finding]:
    """Raises Unreachable."""
    queries = [
        {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
        for name, version in packages
    ]
    request = urllib.request.Request(
        url,
        data=json.dumps({"queries": queries}).encode(),
        headers={"content-type": "application/json", "user-agent": "conjure-audit"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            results: list[dict[str, Any]] = json.load(answer)["results"]
            found = [
                Finding(name, version, vulnerability["id"])
                for (name, version), result in zip(packages, results, strict=True)
                for vulnerability in result.get("vulns", ())
            ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from error
    return found


def judge(found: list[Finding], ignored: list[dict[str, Any]], today: dt.date) -> list[str]:
    """What is to be fixed: findings that nobody reviewed, and reviews that are over or of nothing."""
    problems = []
    reviewed = {(item["package"], item["id"]): item for item in ignored}
    for finding in found:
        item = reviewed.pop((finding.package, finding.id), None)
        if item is None:
            problems.append(
                f"{finding.package} {finding.version}: https://osv.dev/vulnerability/{finding.id}"
            )
        elif item["until"] < today:
            problems.append(
                f"{finding.package}: the review of {finding.id} ended on {item['until']}"
            )
    problems += [f"{package}: {id_} is ignored and not found" for package, id_ in reviewed]
    for item in ignored:
        if len(item.get("reason", "")) < 20:
            problems.append(f"{item['package']}: {item['id']} is ignored without a reason")
    return problems


def main(locks: list[str]) -> int:
    packages = sorted({pin for lock in locks for pin in pins(Path(lock).read_text())})
    if not packages:
        print(f"audit: no pinned package in {locks}")
        return 1
    try:
        found = ask(os.environ.get("AUDIT_URL", OSV), packages)
    except Unreachable as error:
        print(
            f"audit: SKIPPED, NOTHING WAS CHECKED: the vulnerability service said nothing ({error})"
        )
        return 1 if os.environ.get("AUDIT") == "strict" else 0
    ignored = tomllib.loads(IGNORED.read_text()).get("ignored", [])
    problems = judge(found, ignored, dt.datetime.now(dt.UTC).date())
    for problem in problems:
        print(f"audit: {problem}")
    if not problems:
        print(f"audit: {len(packages)} packages, no known vulnerability, {len(ignored)} ignored")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
