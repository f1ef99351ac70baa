"""What every op does to the rich world, and why it refuses: both registers together."""

from __future__ import annotations

from support.kernel.op_first_cases import FIRST_DOES, FIRST_REFUSES
from support.kernel.op_second_cases import SECOND_DOES
from support.kernel.op_second_refusals import SECOND_REFUSES

DOES = FIRST_DOES | SECOND_DOES
REFUSES = FIRST_REFUSES | SECOND_REFUSES
