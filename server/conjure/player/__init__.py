"""The player of worlds in a browser: its files and page, its pictures and terminals (CONTRACT 12)."""
