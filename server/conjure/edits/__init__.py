"""Edits in words: one proposes, the kernel decides (CONTRACT 3.4)."""
