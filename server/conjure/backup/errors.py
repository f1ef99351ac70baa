"""What a backup or a restore ends with, for whoever runs it."""

from __future__ import annotations


class BackupError(Exception):
    """A backup was not made, is none, or was not restored. The message is one sentence for a person."""
