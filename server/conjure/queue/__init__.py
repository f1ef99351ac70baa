"""Durable work: what has to happen after a call, kept in the store until it is done (README.md)."""
