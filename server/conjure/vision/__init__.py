"""Frames: looking at them, and drawing the first one of a world (CONTRACT 11)."""
