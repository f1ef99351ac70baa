"""The contract as the protos state it, read in one place for servers, edge and tools."""

from __future__ import annotations

from conjure.contract.fields import Field, body_rule, fields_of
from conjure.contract.rpcs import Binding, Operation, Rpc, rpcs, rpcs_of, service_descriptors

__all__ = [
    "Binding",
    "Field",
    "Operation",
    "Rpc",
    "body_rule",
    "fields_of",
    "rpcs",
    "rpcs_of",
    "service_descriptors",
]
