"""What every op does to the rich world, and why it refuses: both registers together."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from support.kernel.op_first_cases import FIRST_DOES, FIRST_REFUSES
from support.kernel.op_second_cases import SECOND_DOES
from support.kernel.op_second_refusals import SECOND_REFUSES
from support.kernel.op_studio_cases import STUDIO_DOES
from support.kernel.op_studio_refusals import STUDIO_REFUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

Case = TypeVar("Case")


def _together(*tables: Mapping[str, list[Case]]) -> dict[str, list[Case]]:
    names = {name: None for table in tables for name in table}
    return {name: [case for table in tables for case in table.get(name, ())] for name in names}


DOES = _together(FIRST_DOES, SECOND_DOES, STUDIO_DOES)
REFUSES = _together(FIRST_REFUSES, SECOND_REFUSES, STUDIO_REFUSES)
