"""A few malformed requests of every kind; `make chaos` sends ten thousand over each face."""

from __future__ import annotations

from support.fuzz.run import Fuzz


async def test_some_over_rest(stack, app):
    """No 5xx, no hang, every refusal in the contract's shape, no fault in a log."""
    await Fuzz(stack, app).over_rest(120)


async def test_some_over_grpc(stack, app):
    """No INTERNAL, no UNKNOWN, no hang, every refusal with its details."""
    await Fuzz(stack, app).over_grpc(120)
