"""Worlds: made, imported, read, listed (CONTRACT 2)."""
