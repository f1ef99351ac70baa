"""What the load harness reads: the tools' reports, the store's monitor, the clocks of processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from conjure.settings import Settings
from conjure.store.client import Script
from load.meters import cpu_us, resident_bytes, round_trips, store_bytes
from load.stand import UNLIMITED
from load.tools import LoadFailed, read_ghz, read_wrk
from support.processes import family

WRK = """Running 1s test @ http://127.0.0.1:8080
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     9.02ms    1.66ms  24.93ms   82.35%%
  1733 requests in 1.00s, 33.00MB read
Requests/sec:   1731.12
{"requests": 1733, "duration": 1001080, "p50": 8712, "p99": 17950, "status": %d, "connect": 0, "read": 0, "write": 0, "timeout": %d}
"""


def test_wrk_tells_rate_and_latencies():
    """Microseconds become seconds and milliseconds."""
    outcome = read_wrk(WRK % (0, 0))
    assert (outcome.requests, outcome.failed, outcome.failures) == (1733, 0, "")
    assert outcome.seconds == pytest.approx(1.00108)
    assert outcome.rate == pytest.approx(1731.13, abs=0.01)
    assert (outcome.p50_ms, outcome.p99_ms) == (8.712, 17.95)


def test_wrk_answers_that_were_errors_are_failures():
    """Errors by status and calls without an answer both count, and are named."""
    outcome = read_wrk(WRK % (7, 2))
    assert outcome.failed == 9
    assert outcome.failures == "7 status, 2 timeout"


def test_wrk_names_the_statuses_and_the_longest_wait_of_who_rests():
    """A neighbour that is refused is told apart from one that is forgotten."""
    told = WRK.replace('"timeout": %d}', '"timeout": %d, "max": 24930, "refusals": {"503": 7}}')
    outcome = read_wrk(told % (7, 2))
    assert outcome.worst_ms == 24.93
    assert (outcome.failed, outcome.failures) == (9, "7 status, 2 timeout, 7 503")


def test_wrk_tells_the_bytes_of_an_answer():
    """All that came, over all that was answered."""
    told = WRK.replace('"requests": 1733,', '"requests": 1733, "bytes": 34660,')
    assert read_wrk(told % (0, 0)).answer_bytes == 20


def test_wrk_that_did_not_measure_is_no_result():
    """A wrong address must not become an empty row."""
    with pytest.raises(LoadFailed, match="unable to connect"):
        read_wrk("unable to connect to 127.0.0.1:1 Connection refused\n")


def ghz_report(statuses: dict[str, int], count: int) -> dict[str, object]:
    """The members that are read, as ghz 0.93 writes them (times in nanoseconds)."""
    return {
        "count": count,
        "total": 2_000_000_000,
        "rps": count / 2,
        "statusCodeDistribution": statuses,
        "errorDistribution": {},
        "latencyDistribution": [
            {"percentage": 50, "latency": 3_500_000},
            {"percentage": 99, "latency": 9_250_000},
        ],
    }


def test_ghz_tells_rate_and_latencies():
    """Nanoseconds become seconds and milliseconds."""
    outcome = read_ghz(ghz_report({"OK": 500}, 500))
    assert (outcome.requests, outcome.rate, outcome.failed) == (500, 250.0, 0)
    assert (outcome.p50_ms, outcome.p99_ms) == (3.5, 9.25)


def test_ghz_counts_every_status_but_ok_and_what_was_never_answered():
    """All calls have to be accounted for."""
    outcome = read_ghz(ghz_report({"OK": 480, "Unauthenticated": 15}, 500))
    assert outcome.failed == 20
    assert outcome.failures == "15 Unauthenticated, 5 unanswered"


def test_ghz_that_made_no_calls_is_no_result():
    """As when nobody listens."""
    with pytest.raises(LoadFailed):
        read_ghz({"count": 0, "total": 0, "statusCodeDistribution": {}, "errorDistribution": {}})


def test_round_trips_are_what_clients_send():
    """Not what a script calls, nor what runs all the time beside calls."""
    exchange = Script("conjure.rates", "exchange").sha
    lines = [
        f'+1339518083.107400 [0 127.0.0.1:60866] "EVALSHA" "{exchange}" "1" "rate:{{a:test}}:key:1"\r\n',
        '+1339518083.107412 [0 127.0.0.1:60866] "EVALSHA" "b8c1" "1" "t:{a:test}:world:1"\r\n',
        '+1339518083.107420 [0 lua] "HGET" "t:{a:test}:world:1" "rev"\r\n',
        '+1339518083.107430 [0 127.0.0.1:60866] "GET" "security:epoch"\r\n',
        '+1339518083.107431 [0 127.0.0.1:60866] "EVALSHA" "77aa" "1" "queue:jobs" "16" "2000"\r\n',
        '+1339518083.107432 [0 127.0.0.1:60866] "SMEMBERS" "t:{a:test}:queue-lanes"\r\n',
        '+1339518083.107440 [0 127.0.0.1:60867] "GET" "t:{a:test}:world:[0 lua] "\r\n',
    ]
    assert round_trips(lines) == 2


def test_bytes_of_who_asks_and_of_who_monitors_do_not_count():
    """They belong to the harness."""
    clients = [
        {"id": "3", "flags": "N", "tot-net-in": "100", "tot-net-out": "20"},
        {"id": "4", "flags": "N", "tot-net-in": "7", "tot-net-out": "7000"},
        {"id": "5", "flags": "O", "tot-net-in": "7", "tot-net-out": "9000"},
    ]
    assert store_bytes(clients, own_id=4) == 120


def test_the_clock_of_a_process_runs_with_its_work():
    """It agrees with what the process says of itself just before and just after it is read."""
    outer = time.process_time_ns()
    before = cpu_us(os.getpid())
    inner = time.process_time_ns()
    while time.process_time_ns() - inner < 50_000_000:
        pass
    least = time.process_time_ns() - inner
    worked = cpu_us(os.getpid()) - before
    most = time.process_time_ns() - outer
    assert least <= worked * 1000 <= most
    assert resident_bytes(os.getpid()) > 10_000_000


def test_a_supervisors_workers_and_their_heavy_workers_are_of_its_family():
    """Whatever process a call is worked on in, its CPU counts."""
    starts = "import subprocess, sys; subprocess.run([sys.executable, '-c', {!r}])"
    grandchild = starts.format("input()")
    child = subprocess.Popen(
        [sys.executable, "-c", starts.format(grandchild)], stdin=subprocess.PIPE
    )
    assert child.stdin is not None
    try:
        until_three = time.monotonic() + 30
        while len(found := family(child.pid)) < 3 and time.monotonic() < until_three:
            time.sleep(0.01)
    finally:
        child.stdin.close()
        child.wait()
    assert found[0] == child.pid
    assert len(set(found)) == 3


def test_the_settings_of_what_is_measured_are_within_their_bounds():
    """Caps that are out of the way are still caps that a server starts with."""
    assert Settings.from_environment(UNLIMITED).caps.session >= 1_000_000
