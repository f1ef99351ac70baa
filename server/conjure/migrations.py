"""What `conjure store upgrade` changes of what is stored, format by format: the one list of it.

`conjure.store.upgrade` says what a step must bear; CONTRIBUTING has the checklist, "A change of what is
stored".
"""

from __future__ import annotations

from typing import Final

from conjure.apps.upgrades import caps_in_bounds
from conjure.store.upgrade import Step

STEPS: Final = (Step(2, "caps", "caps of apps are brought within their bounds", caps_in_bounds),)
"""In the order in which they run. A format without one is possible: then only the number changes."""
