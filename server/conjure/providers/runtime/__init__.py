"""Runtimes: who renders a session, and gives the browser a token for it (CONTRACT 6.2)."""

from conjure.providers.runtime.local import LocalRuntime
from conjure.providers.runtime.none import NoRuntime
from conjure.providers.runtime.port import Runtime, RuntimeFailed, RuntimeLease, RuntimeToken
from conjure.providers.runtime.reactor import ReactorRuntime

__all__ = [
    "LocalRuntime",
    "NoRuntime",
    "ReactorRuntime",
    "Runtime",
    "RuntimeFailed",
    "RuntimeLease",
    "RuntimeToken",
]
