"""The file that says which demo there is, as `conjure dev` writes it: all servers of a run read the same."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def demo_file() -> Path:
    return Path(os.environ["CONJURE_PLAYER_DEMO_FILE"])


def write_demo(app_id: str, world_id: str, character_id: str, **more: Any) -> dict[str, Any]:
    """Makes a world and a character of an app, in test mode, the demo; returns what the file says."""
    facts = {
        "appId": app_id,
        "mode": "test",
        "worldId": world_id,
        "characterId": character_id,
        **more,
    }
    demo_file().write_text(json.dumps(facts))
    return facts
