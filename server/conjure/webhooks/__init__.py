"""Webhooks: an app's owner is told what happens (CONTRACT 8)."""
