"""The contract as the protos state it, read in one place for servers, edge and tools."""

from __future__ import annotations

from conjure.contract.rpcs import Binding, Rpc, rpcs, rpcs_of, service_descriptors

__all__ = ["Binding", "Rpc", "rpcs", "rpcs_of", "service_descriptors"]
