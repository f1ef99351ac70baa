"""Pictures that Conjure makes, kept under the hash of what is in them (README.md)."""
