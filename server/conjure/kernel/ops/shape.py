"""Holding what an op sets to the schema, so that a mistake costs that op and not the batch.

Ops of the second register do so. Those of the first bring whole states and events, as their endpoints
do, and leave that to the gate, which tells all that is wrong with them at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.ops.errors import OpError
from conjure.kernel.ops.fields import spelled
from conjure.kernel.schema import DEFINITIONS, ROOT, misfit

if TYPE_CHECKING:
    from conjure.kernel.values import JsonObject

WORLD: Final = "world"


def fitting(owner: str, member: str, value: Any) -> Any:
    """The value of a member of a state, an event, the world …; null, which erases it, always fits.

    Raises OpError when it does not fit the schema.
    """
    definition = ROOT if owner == WORLD else DEFINITIONS[owner]
    schema = definition["properties"].get(member)
    if schema is not None and value is not None:
        _check(schema, value, member)
    return value


def whole(definition: str, value: JsonObject, name: str) -> JsonObject:
    """A thing that is to fit a definition of the schema. Raises OpError when it does not."""
    _check(DEFINITIONS[definition], value, name)
    return value


def _check(schema: dict[str, Any], value: Any, name: str) -> None:
    wrong = misfit(schema, value, (name,))
    if wrong is not None:
        place, problem = wrong
        raise OpError(f"{spelled(place)} {problem.removesuffix('.')}")
