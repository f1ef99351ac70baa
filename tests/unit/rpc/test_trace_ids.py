"""Which trace a caller says its call belongs to (W3C Trace Context, 3.2); and that the library is not loaded for it."""

from __future__ import annotations

import subprocess
import sys

from conjure.rpc.call import trace_id_of
from support.cases import each_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_a_trace_id_is_read():
    assert trace_id_of({"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}) == TRACE
    assert trace_id_of({"traceparent": f"00-{TRACE}-00f067aa0ba902b7-00"}) == TRACE


@each_of(
    "header",
    [
        None,
        "",
        "garbage",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-00f067aa0ba902b7-01",
        f"00-{TRACE}-00f067aa0ba902b7-01, 00-{TRACE}-00f067aa0ba902b7-01",
        f"00-{TRACE}-00f067aa0ba902b7-01\n",
        f"00-{TRACE}-00f067aa0ba902b7",
    ],
)
def test_what_is_malformed_is_none(header):
    assert trace_id_of({} if header is None else {"traceparent": header}) is None


def test_without_a_collector_nothing_that_sends_spans_is_even_imported():
    """redis-py imports what it finds of the library by itself; the exporter and its protocol are ours."""
    code = "import sys, conjure.run.serve; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "conjure.rpc.tracing" in loaded
    assert not [
        name
        for name in loaded
        if name.startswith(("opentelemetry.exporter", "opentelemetry.sdk.trace"))
    ]
