"""Jobs: worlds that are made while nobody waits (CONTRACT 2.1, 2.2)."""
