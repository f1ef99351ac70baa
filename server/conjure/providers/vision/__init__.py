"""Vision: what is to be seen in a frame, and where (CONTRACT 11)."""

from conjure.providers.vision.chosen import vision_of
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
    "vision_of",
]
