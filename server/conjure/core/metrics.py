"""What is counted: every metric by its name, help and labels, and the cells that code adds to.

Prometheus and OpenMetrics conventions: seconds and bytes, `_total` for what only grows. Labels hold what this
code can name (a method, an outcome, a script), never what a caller can: no app, key, world or text, so that
the number of series is bounded by the code.

Cells are plain numbers: one thread, the event loop, adds to them, and the scrape reads them
(`run.scrape`). prometheus_client's own take a lock each time: 0.6 and 0.9 µs for a counter and a histogram
against 0.06 and 0.15 here, with some six of them in a call. The format is still that library's.

They belong to the process, as a scrape does; that is why they are not passed around.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.core.cells import Count, Distribution, Family, Gauge
from conjure.core.errors import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence


FAMILIES: Final[list[Family[Count] | Family[Distribution]]] = []
GAUGES: Final[list[Gauge]] = []


def _counts(
    name: str, text: str, *labels: str, known: Sequence[Sequence[str]] = ()
) -> Family[Count]:
    family = Family(name, text, Count, labels, known=known)
    FAMILIES.append(family)
    return family


def _distributions(
    name: str,
    text: str,
    *labels: str,
    bounds: Sequence[float],
    known: Sequence[Sequence[str]] = (),
) -> Family[Distribution]:
    family = Family(name, text, lambda: Distribution(bounds), labels, known=known)
    FAMILIES.append(family)
    return family


def _gauge(name: str, text: str, *labels: str) -> Gauge:
    gauge = Gauge(name, text, labels)
    GAUGES.append(gauge)
    return gauge


Counted = dict[str, list[tuple[tuple[str, ...], int | tuple[list[int], float]]]]
"""What was counted, by metric and label values: a number, or a distribution's counts and sum."""


def take_counted() -> Counted:
    """Hands over what a heavy worker has counted, and begins anew.

    Calls and their ends are not in it: the process that a call came to counts those.
    """
    taken: Counted = {}
    for family in FAMILIES:
        if family in (RPC_REQUESTS, RPC_REFUSALS, RPC_DURATION):
            continue
        rows: list[tuple[tuple[str, ...], int | tuple[list[int], float]]] = []
        for labels, cell in family.cells():
            if isinstance(cell, Count):
                if cell.value:
                    rows.append((labels, cell.value))
                    cell.value = 0
            elif any(cell.counts):
                rows.append((labels, (cell.counts, cell.sum)))
                cell.counts, cell.sum = [0] * len(cell.counts), 0.0
        if rows:
            taken[family.name] = rows
    return taken


def add_counted(taken: Counted) -> None:
    """Adds what another process of the same program has counted (`take_counted`)."""
    for family in FAMILIES:
        for labels, amount in taken.get(family.name, ()):
            cell = family.at(*labels)
            if isinstance(cell, Count) and isinstance(amount, int):
                cell.value += amount
            elif isinstance(cell, Distribution) and not isinstance(amount, int):
                counts, total = amount
                cell.counts = [a + b for a, b in zip(cell.counts, counts, strict=True)]
                cell.sum += total


# A call takes from half a millisecond to the deadline; a round trip a tenth of that.
_CALL_S: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0,
)  # fmt: skip
_TRIP_S: Final = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
)  # fmt: skip

# Calls.
RPC_REQUESTS: Final = _counts(
    "conjure_rpc_requests",
    "Calls that have ended, by gRPC status; face is rest (through the edge's transcoder) or grpc.",
    "service", "method", "face", "code",
)  # fmt: skip
RPC_REFUSALS: Final = _counts(
    "conjure_rpc_refusals",
    "Calls that ended with an error, by its reason (errors.proto).",
    "reason",
    known=[[reason.value.lower() for reason in Reason]],
)
RPC_DURATION: Final = _distributions(
    "conjure_rpc_duration_seconds",
    "From the request's arrival to its answer; streams are not in it.",
    "service", "method", "face",
    bounds=_CALL_S,
)  # fmt: skip
RPC_ROUND_TRIPS: Final = _counts(
    "conjure_rpc_store_round_trips",
    "Round trips to the store on behalf of calls; divided by the requests, the cost of one.",
    "service", "method", "face",
)  # fmt: skip
SHARE_REFUSALS: Final = _counts(
    "conjure_share_refusals",
    "Takes refused by a pool that callers share: its share is taken (whose: address, key, app), or all is.",
    "pool", "cause",
    known=[("calls", "streams", "heavy", "large", "looks"), ("address", "key", "app", "full")],
)  # fmt: skip
SHARE_YIELDS: Final = _counts(
    "conjure_share_yields",
    "Places that a caller beyond its share had to give to one below its own.",
    "pool",
    known=[("streams",)],
)
RPC_IN_FLIGHT: Final = _gauge("conjure_rpc_in_flight", "Calls that run now.", "kind")
EDGE_CONNECTIONS: Final = _gauge(
    "conjure_edge_connections",
    "Open connections of edges over HTTP/1.1, each with one call at most.",
)

# The store.
STORE_ROUND_TRIPS: Final = _counts(
    "conjure_store_round_trips",
    "Commands sent, by what came of them; those abandoned had their caller cancelled.",
    "operation", "outcome",
)  # fmt: skip
STORE_DURATION: Final = _distributions(
    "conjure_store_duration_seconds",
    "From handing a command over to its reply.",
    "operation",
    bounds=_TRIP_S,
)
STORE_NOT_SENT: Final = _counts(
    "conjure_store_not_sent", "Commands that did not leave: the store was away or drowning."
)
STORE_SCRIPTS_TAUGHT: Final = _counts(
    "conjure_store_scripts_taught", "Scripts that the store did not know (NOSCRIPT)."
)
STORE_OUTCOMES_UNKNOWN: Final = _counts(
    "conjure_store_outcomes_unknown",
    "Effects sent and never confirmed within the time of recovery: callers were told 504.",
)
STORE_CONNECTS: Final = _counts(
    "conjure_store_connects",
    "Attempts to connect to the store; more than one success is a reconnect.",
    "outcome",
    known=[("connected", "failed")],
)
STORED_DATA_UNREADABLE: Final = _counts(
    "conjure_stored_data_unreadable",
    "Values of the store that could not be read: callers were told 500, the log names the keys.",
)
STORE_PENDING: Final = _gauge(
    "conjure_store_pending", "Round trips under way: handed over, without their reply yet."
)

# Decisions.
ADMISSIONS: Final = _counts(
    "conjure_admission_decisions",
    "What connects were told about their slot; admitted counts renewals, reconnected what changed nothing.",
    "outcome",
    known=[
        (
            "admitted", "reconnected", "tenant_full", "system_full", "minutes_exhausted", "world_gone",
            "revoked",
        )
    ],
)  # fmt: skip
ADMISSIONS_WITHDRAWN: Final = _counts(
    "conjure_admissions_withdrawn", "Admissions taken back, as the call failed after them."
)
SESSIONS_ENDED: Final = _counts(
    "conjure_sessions_ended",
    "Sessions that ended, and by what: the player, the app, the app with revoke, or a lease that ran out.",
    "cause",
    known=[("player", "app", "revoked", "lapsed")],
)
RUNTIME_CREDENTIALS: Final = _counts(
    "conjure_runtime_credentials",
    "Credentials of the runtime: given (new), reused by a reconnect, dropped as their session had ended.",
    "outcome",
    known=[("given", "reused", "dropped")],
)
QUOTA: Final = _counts(
    "conjure_quota_decisions",
    "Units asked for and given back, by outcome; replays come from an Idempotency-Key.",
    "unit", "outcome",
)  # fmt: skip
KERNEL_ERRORS: Final = _counts(
    "conjure_kernel_blocking_findings",
    "Errors of the kernel in refused writes, once per lint and write.",
    "lint",
)

# Calls of providers: runtimes, authors, and whatever else is asked over HTTP.
PROVIDER_CALLS: Final = _counts(
    "conjure_provider_calls",
    "Calls of a provider by outcome. answered: whatever the status; circuit_open, address_refused: nothing"
    " was sent; abandoned: whoever asked went away.",
    "provider", "outcome",
)  # fmt: skip
PROVIDER_DURATION: Final = _distributions(
    "conjure_provider_duration_seconds",
    "From asking a provider to the end of its answer.",
    "provider",
    bounds=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)

PROVIDER_CIRCUITS_OPENED: Final = _counts(
    "conjure_provider_circuits_opened",
    "Times that a provider had failed so often in a row that it was left alone for a while.",
    "provider",
)

# Models that are asked in words.
MODEL_CALLS: Final = _counts(
    "conjure_model_calls",
    "Answers that a model was asked for, by outcome. unfit: not what it was asked for; cut: longer than it"
    " may be; refused: declined, or filtered; unavailable: none came; spent: there was no budget left;"
    " abandoned: whoever asked went away.",
    "provider", "outcome",
    known=[
        ("author", "editor", "vision"),
        ("answered", "unfit", "cut", "refused", "unavailable", "spent", "abandoned"),
    ],
)  # fmt: skip
MODEL_TOKENS: Final = _counts(
    "conjure_model_tokens",
    "Tokens that models have read and written, as the endpoint counts them; estimated where it does not.",
    "provider", "direction",
    known=[("author", "editor", "vision"), ("read", "written")],
)  # fmt: skip

# Webhooks.
WEBHOOK_DELIVERIES: Final = _counts(
    "conjure_webhook_deliveries",
    "Tries to deliver an event to a webhook: succeeded, retrying (tried again), failed (a dead letter);"
    " dropped are those of webhooks that are deleted or disabled.",
    "outcome",
    known=[("succeeded", "retrying", "failed", "dropped")],
)
WEBHOOKS_DISABLED: Final = _counts(
    "conjure_webhooks_disabled", "Webhooks that were disabled after days of failure."
)

# Assets.
ASSETS: Final = _counts(
    "conjure_assets",
    "What became of pictures: stored, read (not at hand), deleted (nobody names it any more), damaged"
    " (missing, or not what its name says), failed (the engine did not do its part).",
    "outcome",
    known=[("stored", "read", "deleted", "damaged", "failed")],
)
ASSETS_KEPT: Final = _gauge(
    "conjure_assets_kept",
    "Assets of the whole system; the same number at every process that counts.",
)

# What a process keeps, and how it is.
CACHE_LOOKUPS: Final = _counts(
    "conjure_cache_lookups",
    "A hit skips a read (api_key, world), a signature (session_token) or a compression (gzip);"
    " stale: the store had a newer world.",
    "cache", "outcome",
    known=[("api_key", "gzip", "session_token", "world"), ("hit", "miss")],
)  # fmt: skip
KEY_CACHE_TRUSTED: Final = _gauge(
    "conjure_key_cache_trusted", "1 while revocations are heard of in time; 0: keys are re-read."
)
WATCHED_WORLDS: Final = _gauge("conjure_watched_worlds", "Worlds that are polled for watchers.")
WATCHED_JOBS: Final = _gauge("conjure_watched_jobs", "Jobs that are polled for watchers.")
JOBS: Final = _counts(
    "conjure_jobs", "Jobs that ended, by outcome: succeeded, failed, cancelled.", "outcome"
)
LOOP_LAG: Final = _distributions(
    "conjure_event_loop_lag_seconds",
    "How much later than asked a timer ran: what every call waits for besides its own work.",
    bounds=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
)
LOOP_HOLDS: Final = _counts(
    "conjure_event_loop_holds",
    "Times that something held the event loop for more than 50 ms: nobody else was served meanwhile.",
)
GC_PAUSES: Final = _distributions(
    "conjure_gc_pause_seconds",
    "Looks for garbage in cycles, by generation: everything in the process waits for them.",
    "generation",
    bounds=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
)


# Durable work (queue/README.md), by kind.
_WORK: Final = ("jobs", "events", "deliveries", "forgetting")
QUEUE_ENTRIES: Final = _counts(
    "conjure_queue_entries",
    "Entries that were handled, by outcome: done, retried, given_back (the process stopped, or the store was"
    " away), buried (a dead letter), lost (another process has it by now), unknown (handled once more).",
    "kind", "outcome", known=[_WORK, ("done", "retried", "given_back", "buried", "lost", "unknown")],
)  # fmt: skip
QUEUE_WAIT: Final = _distributions(
    "conjure_queue_wait_seconds",
    "Time from an entry's cause to its first attempt.",
    "kind", known=[_WORK],
    bounds=(0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0),
)  # fmt: skip
QUEUE_DURATION: Final = _distributions(
    "conjure_queue_duration_seconds",
    "Time that one attempt at an entry took.",
    "kind", known=[_WORK],
    bounds=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0),
)  # fmt: skip
QUEUE_RUNNING: Final = _gauge(
    "conjure_queue_running", "Entries that this process is handling.", "kind"
)
QUEUE_DEPTH: Final = _gauge(
    "conjure_queue_depth",
    "Entries of the whole system, waiting and running; the same number at every process.",
    "kind",
)
QUEUE_OLDEST: Final = _gauge(
    "conjure_queue_oldest_due_seconds",
    "How long due work has waited for a worker to look at its lane; the same number at every process.",
    "kind",
)
QUEUE_DEAD: Final = _gauge(
    "conjure_queue_dead",
    "Dead letters of the whole system; the same number at every process.",
    "kind",
)

# Work beside the event loop.
HEAVY_WAITING: Final = _gauge(
    "conjure_heavy_calls", "Calls that wait for a heavy worker, or that one works on."
)
HEAVY_WAIT: Final = _distributions(
    "conjure_heavy_wait_seconds", "How long calls waited for a heavy worker.", bounds=_CALL_S
)
HEAVY_WORK: Final = _distributions(
    "conjure_heavy_work_seconds", "How long heavy workers took for calls.", bounds=_CALL_S
)
HEAVY_FAILURES: Final = _counts(
    "conjure_heavy_failures",
    "Calls that a heavy worker did not answer; ended: the process did, mostly for its limits.",
    "outcome",
    known=[("ended", "lost")],
)

STALE_WORLDS: Final = CACHE_LOOKUPS.at("world", "stale")


def cache(name: str) -> tuple[Count, Count]:
    """The counts of a cache's hits and misses."""
    return CACHE_LOOKUPS.at(name, "hit"), CACHE_LOOKUPS.at(name, "miss")
