"""Conjure: the self-hosted backend of the Programmable Worlds API."""

__version__ = "0.1.0"

import os

# Before gRPC is imported: processes that serve start others, which are new programs and no forks. Without
# this gRPC logs at each start that it cannot prepare for one.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
