"""Versions of worlds: a tree of full snapshots, and HEAD (CONTRACT 4)."""
