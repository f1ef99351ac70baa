"""Edits of a world as pure functions: the old world goes in, a new one comes out.

A new world shares every part that did not change with the old one, which is never touched. This is
the one place where a change is made, for the endpoints, the batch and the command line alike; what
each op takes is in OPS.md. What an op does not hold itself to, such as a `to` that leads nowhere, is
for the gate to refuse.
"""

from __future__ import annotations

from conjure.kernel.ops.batch import (
    FIRST_REGISTER,
    MOST_OPS,
    OPS,
    SECOND_REGISTER,
    Applied,
    Batch,
    apply,
    apply_batch,
    check_ops,
    summarize,
)
from conjure.kernel.ops.draft import MOST_TOUCHED
from conjure.kernel.ops.entrance import set_entrance
from conjure.kernel.ops.errors import NotThere, OpError, OpsInvalid
from conjure.kernel.ops.op import Op
from conjure.kernel.ops.stances import in_step

__all__ = [
    "FIRST_REGISTER",
    "MOST_OPS",
    "MOST_TOUCHED",
    "OPS",
    "SECOND_REGISTER",
    "Applied",
    "Batch",
    "NotThere",
    "Op",
    "OpError",
    "OpsInvalid",
    "apply",
    "apply_batch",
    "check_ops",
    "in_step",
    "set_entrance",
    "summarize",
]
