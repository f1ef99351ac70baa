"""The queries of edge/dashboard.json, as Grafana asks them."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final

from support.alerting.rules import EDGE, FACTOR

if TYPE_CHECKING:
    from support.prometheus import Prometheus

BOARD: Final[dict[str, Any]] = json.loads((EDGE / "dashboard.json").read_text())
QUERIES: Final[dict[str, str]] = {
    f"{panel['title']}/{target['refId']}": target["expr"]
    for panel in BOARD["panels"]
    for target in panel.get("targets", ())
}
_VARIABLES: Final[dict[str, str]] = {
    variable["name"]: variable["definition"]
    for variable in BOARD["templating"]["list"]
    if variable["type"] == "query"
}
_LABEL_VALUES: Final = re.compile(r"label_values\(([a-z_]+), ([a-z_]+)\)")

RATE_INTERVAL: Final = f"{round(300_000 / FACTOR)}ms"
"""What Grafana makes of it: four scrapes at least. A few more show what happens now and then."""

SILENT_UNTIL_A_FAULT: Final = {"Failed by us/A", "Garbage collection, longest/A"}
"""What may have no series, or no number, as long as nothing is wrong: no call has failed yet; no garbage was looked
for within the window."""


class Board:
    """`silent`: the queries that have not shown a number yet."""

    def __init__(self, prometheus: Prometheus) -> None:
        self._prometheus = prometheus
        self.silent = set(QUERIES)

    async def ask(self, window: str = RATE_INTERVAL) -> None:
        """Asks for all that has shown nothing yet. Raises QueryRefused."""
        chosen = {name: await self._choice(definition) for name, definition in _VARIABLES.items()}
        for name in tuple(self.silent):
            expression = QUERIES[name].replace("$__rate_interval", window)
            for variable, choice in chosen.items():
                expression = expression.replace(f"${variable}", choice)
            assert "$" not in expression, expression
            shown = await self._prometheus.query(expression)
            if any(not math.isnan(sample.value) for sample in shown):
                self.silent.discard(name)

    async def _choice(self, definition: str) -> str:
        """All values of a variable, as Grafana puts several into a pattern."""
        found = _LABEL_VALUES.fullmatch(definition)
        assert found, definition
        values = await self._prometheus.values(found[2], found[1])
        assert values, definition
        return f"({'|'.join(values)})"
