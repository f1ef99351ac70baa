"""Session tokens, admission, leases (CONTRACT 6)."""
