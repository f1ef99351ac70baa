"""What hatchling runs before it packs: a wheel or an sdist without the generated code would not start.

Where the code is there, it is packed as it is: `make` keeps it in step with the protos, and an sdist brings
its own. Where it is missing, as in a fresh clone that pip is pointed at, it is generated first.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# As pyproject.toml has them: its group `build`, and the dependency whose protos are imported.
_GENERATORS = ("googleapis-common-protos>=1.76", "grpcio-tools>=1.85", "mypy-protobuf>=5.1")


class GeneratedCode(BuildHookInterface[Any]):
    """Sees to it that `server/conjure/v1` is there."""

    def dependencies(self) -> list[str]:
        """Returns what an environment that is made for this build needs besides hatchling."""
        return [] if self._is_there() else list(_GENERATORS)

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Generates the code where it is missing; an editable install reads whatever will be there."""
        if version != "editable" and not self._is_there():
            subprocess.run([sys.executable, "protos/generate.py"], cwd=self.root, check=True)

    def _is_there(self) -> bool:
        return (Path(self.root) / "server/conjure/v1/__init__.py").exists()
