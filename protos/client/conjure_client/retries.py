"""Which calls are made again, and when.

A call that only reads is made again by gRPC itself whenever the server cannot be reached (UNAVAILABLE). A
write is made again only when the server says that nothing has happened: a broken connection is UNAVAILABLE,
too, and then the write may be stored.
"""

from __future__ import annotations

import json
import pkgutil
import random
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import MethodOptions

import conjure_client.v1
from conjure_client.v1 import errors_pb2

if TYPE_CHECKING:
    from conjure_client.errors import ApiError

ATTEMPTS = 4
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 2.0


@cache
def reads() -> frozenset[str]:
    """Returns the RPCs that have no side effects, as `/conjure.v1.WorldService/GetWorld`."""
    return frozenset(
        f"/{service.full_name}/{method.name}"
        for module in pkgutil.iter_modules(conjure_client.v1.__path__)
        if module.name.endswith("_service_pb2")
        for service in import_module(
            f"conjure_client.v1.{module.name}"
        ).DESCRIPTOR.services_by_name.values()
        for method in service.methods
        if method.GetOptions().idempotency_level == MethodOptions.NO_SIDE_EFFECTS
    )


def service_config() -> str:
    """Returns the service config (gRFC A6) of the reads."""
    names = [path.removeprefix("/").split("/") for path in sorted(reads())]
    policy = {
        "maxAttempts": ATTEMPTS,
        "initialBackoff": f"{FIRST_PAUSE_S}s",
        "maxBackoff": f"{LONGEST_PAUSE_S}s",
        "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"],
    }
    return json.dumps(
        {
            "methodConfig": [
                {
                    "name": [{"service": service, "method": method} for service, method in names],
                    "retryPolicy": policy,
                }
            ],
            # A server that is down is not asked four times by everybody.
            "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1},
        }
    )


def pause_s(method: str, error: ApiError, attempt: int, remaining_s: float | None) -> float | None:
    """Returns how long to wait before a call is made again; None when it is not.

    `attempt` counts from 1.
    """
    if attempt >= ATTEMPTS or not error.had_no_effect:
        return None
    if error.reason == errors_pb2.REASON_RUNTIME_NOT_CONFIGURED:  # nor will it be in a second
        return None
    if method in reads() and error.code().name == "UNAVAILABLE":  # gRPC has tried again already
        return None
    pause = error.retry_after_s
    if pause is None:
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (attempt - 1))
        pause = longest * random.uniform(0.8, 1.2)  # noqa: S311 - so that not all come at once
    return None if remaining_s is not None and pause >= remaining_s else pause
