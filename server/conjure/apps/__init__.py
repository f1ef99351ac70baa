"""Apps and their API keys; who users are (CONTRACT 0.1, 1)."""
