"""What a layer is, and what layers need from the process.

A layer is a function from the next step to a step. Layers are composed once per method at start-up
(`rpc.chain`, `rpc.streams`), not looked up per call.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from conjure.core.shares import Shares, YieldingShares
from conjure.rpc.call import Call
from conjure.rpc.deadlines import Deadlines
from conjure.rpc.inflight import InFlight, Streams

if TYPE_CHECKING:
    from conjure.rates.limiter import RateLimiter
    from conjure.rpc.auth import Authenticator
    from conjure.rpc.compression import Compressor
    from conjure.rpc.heavy import HeavyWork
    from conjure.rpc.methods import Method
    from conjure.rpc.tracing import Tracer
    from conjure.settings import Settings

Step = Callable[[Call], Awaitable[Any]]
Layer = Callable[["Method", "ServerContext", Step], Step]
Handler = Callable[..., Awaitable[Any]]
"""Of the request, the call and, where one can be asserted, the precondition (`rpc.assertions`)."""


class ServerContext:
    """What the layers need from the process: who may call, whose calls run, and the limits."""

    def __init__(
        self,
        settings: Settings,
        authenticator: Authenticator,
        rates: RateLimiter,
        tracer: Tracer | None = None,
        heavy: HeavyWork | None = None,
        *,
        compressor: Compressor,
        is_relay: bool = False,
    ) -> None:
        self.limits = settings.server
        self.log_calls = settings.log.calls
        self.authenticator = authenticator
        self.rates = rates
        self.tracer = tracer
        self.heavy = heavy
        """Where calls go that would hold the event loop up; None: nowhere."""
        self.is_relay = is_relay
        """Whether this is a heavy worker: another process has the caller."""
        self.compressor = compressor
        self.in_flight = InFlight()
        self.streams = Streams()
        shares, calls = settings.shares, settings.server.max_inflight
        self.calls = Shares("calls", calls, shares.reserve_of(calls), shares.of(calls))
        # Their bodies are kept while a model works, each as bytes, as a message and as text: 36 MB of 12 MiB.
        large = max(4, calls // 20)
        self.large = Shares("large", large, shares.reserve_of(large), shares.of(large))
        streams = settings.server.max_streams
        self.open_streams = YieldingShares("streams", streams, shares.of(streams))
        self.deadlines = Deadlines()
