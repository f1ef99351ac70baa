"""Has Porcupine judge histories: whether each could have come from a service that does one thing at a time.

The judge is a program of Go (`judge/`), built where Go is; elsewhere nothing is judged, and that is said.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from support.chaos.history import as_lines
from support.programs import ProgramMissing, go_built

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.chaos.history import Operation

JUDGE: Final = Path(__file__).with_name("judge")
KEPT: Final = Path(__file__).parents[3] / "build" / "histories"
"""Histories stay here, in a folder named after their run."""
LIMIT_S: Final = 60
"""What one object may take: a history that needs longer is undecided."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found by one model."""

    model: str
    objects: int
    operations: int
    unknown: int
    """Operations of unknown outcome among them."""
    seconds: float
    violated: tuple[str, ...]
    undecided: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.model}: {self.operations:,} operations ({self.unknown} unknown) on {self.objects} objects,"
            f" {len(self.violated)} violated, {len(self.undecided)} undecided, {self.seconds:.2f} s"
        )


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found of one run; `missing` says why there was no judge."""

    verdicts: tuple[Verdict, ...] = ()
    missing: str = ""

    def violations(self) -> list[str]:
        """A sentence for each object whose history has no explanation."""
        return [text for verdict in self.verdicts for text in verdict.violated]

    def undecided(self) -> list[str]:
        """A sentence for each object of which the judge cannot say it within its time."""
        return [text for verdict in self.verdicts for text in verdict.undecided]

    def cell(self) -> str:
        """What the table of faults says."""
        if self.missing:
            return f"NOT JUDGED: {self.missing}"
        operations = sum(verdict.operations for verdict in self.verdicts)
        seconds = sum(verdict.seconds for verdict in self.verdicts)
        bad = [
            f"{len(texts)} {what}"
            for what, texts in (("VIOLATED", self.violations()), ("undecided", self.undecided()))
            if texts
        ]
        return f"{operations:,} in {seconds:.1f} s: {', '.join(bad) or 'ok'}"


async def judge(
    operations: Iterable[Operation], name: str, *, limit_s: int = LIMIT_S, keep: Path = KEPT
) -> Judgement:
    """Returns what the judge says. The history is kept in `keep`, under the run's `name`, until its next run;
    beside it what the judge objects to, with a picture of how far it came."""
    try:
        program = await asyncio.to_thread(go_built, JUDGE)
    except ProgramMissing as missing:
        return Judgement(missing=str(missing))
    folder = keep / re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "history.jsonl"
    file.write_text(as_lines(operations))
    process = await asyncio.create_subprocess_exec(
        program, "-limit", f"{limit_s}s", "-keep", str(folder), str(file),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, complaint = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"the judge cannot read the history: {complaint.decode()}")
    return Judgement(tuple(_verdict(one) for one in json.loads(output)))


def _verdict(told: dict[str, Any]) -> Verdict:
    return Verdict(
        model=told["model"],
        objects=told["objects"],
        operations=told["operations"],
        unknown=told["unknown"],
        seconds=told["seconds"],
        violated=tuple(_sentence("not linearizable", told, one) for one in told["violated"]),
        undecided=tuple(_sentence("undecided", told, one) for one in told["undecided"]),
    )


def _sentence(what: str, told: dict[str, Any], found: dict[str, str]) -> str:
    return f"{what}: {told['model']} {found['object']}; see {found['picture']}, {found['history']}"
