"""A gRPC client of Conjure: channels with a credential, deadlines and safe retries, and errors as exceptions.

The generated modules are in `conjure_client.v1`.
"""

from __future__ import annotations

from conjure_client._google import protoset
from conjure_client.channel import connect, connect_aio
from conjure_client.errors import ApiError

__all__ = ["ApiError", "connect", "connect_aio", "protoset"]
