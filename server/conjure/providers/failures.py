"""Why a call over HTTP has no answer. The texts are for the log, never for a caller."""

from __future__ import annotations


class OutboundError(Exception):
    """There is no answer: unreachable, too slow, too long, or not asked for at all."""


class AddressRefused(OutboundError):
    """Nothing was sent: the name leads nowhere, or to an address that this client may not call."""


class TlsFailed(OutboundError):
    """Nothing was sent: the other side has no certificate for its name that is trusted, or speaks no TLS."""


class CircuitOpen(OutboundError):
    """Nothing was sent: the provider has failed lately, and is given a rest."""
