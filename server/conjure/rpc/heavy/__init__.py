"""Calls that would hold the event loop up are answered by other processes.

Parsing, checking and writing a world of megabytes takes Python tenths of seconds, in which a process answers
nobody else; a thread helps little, as all of it holds the interpreter's lock. So a call whose request, or
whose world, is too heavy (`settings.heavy`) is relayed as it came, raw bytes and headers, to a *heavy
worker*: a process of the same program that serves the same RPCs on a socket file, one call at a time. What
comes back is the answer as bytes, and goes on as it is. There is one implementation of every RPC, and no
second way to write half of it.

- `turns`: who is next. Apps take turns; the queue is bounded in calls and bytes, and one app has at most
  half of it.
- `worker`: one process: started when it is first needed, ended with its parent, started again when it ended.
- `pool`: takes a call, waits for its turn, relays it, and says what became of it when the worker died.

A worker bounds itself (`conjure.run.heavy`): the kernel of the operating system ends it when one call has
taken too much CPU time, and refuses it memory beyond its limit. It runs at a lower priority, so that on a
full machine the calls of the many go first.
"""

from __future__ import annotations

from conjure.rpc.heavy.pool import HeavyWork

__all__ = ["HeavyWork"]
