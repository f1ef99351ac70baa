"""Quotas and what is used of them (CONTRACT 7)."""
