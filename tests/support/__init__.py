"""What the tests share: the real stack, and callers of it."""
