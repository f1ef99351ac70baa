"""Vision: what is to be seen in a frame, and where (CONTRACT 11)."""

from conjure.providers.vision.choice import chosen_vision
from conjure.providers.vision.none import NoVision
from conjure.providers.vision.openai import OpenaiVision
from conjure.providers.vision.port import (
    Hotspot,
    Perceived,
    Vision,
    VisionError,
    VisionUnavailable,
)

__all__ = [
    "Hotspot",
    "NoVision",
    "OpenaiVision",
    "Perceived",
    "Vision",
    "VisionError",
    "VisionUnavailable",
    "chosen_vision",
]
