"""The graph of a world: read and programmed (CONTRACT 3)."""
