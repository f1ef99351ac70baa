"""Talks with characters: turns, memory, voice and pictures (CONTRACT 5)."""
