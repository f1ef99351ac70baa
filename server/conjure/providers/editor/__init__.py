"""Who edits worlds in words."""
