"""Processes: the ones we supervise, and the one we are."""
