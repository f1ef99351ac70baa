"""What every process of a run would otherwise pay for again and again, without testing anything."""

from __future__ import annotations

import functools
import importlib
import sys
from typing import Any

import httpx


def cheaper_http() -> None:
    """Takes from each HTTP client, and from each of its calls, what has nothing to do with them."""
    try:
        importlib.import_module("sniffio")
    except ImportError:
        # httpcore looks for it with every call, on all of sys.path; None is "not there" at once.
        sys.modules["sniffio"] = None  # type: ignore[assignment]
    transports: Any = importlib.import_module("httpx._transports.default")
    made = httpx.create_ssl_context

    @functools.cache
    def usual() -> Any:
        return made(trust_env=False)

    def shared(verify: Any = True, cert: Any = None, trust_env: bool = True) -> Any:
        # The certificates of all the world take 20 ms to read; most clients here speak to 127.0.0.1.
        if verify is True and cert is None and not trust_env:
            return usual()
        return made(verify=verify, cert=cert, trust_env=trust_env)

    transports.create_ssl_context = shared
