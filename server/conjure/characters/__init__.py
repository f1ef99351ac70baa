"""Characters: made, read, changed (CONTRACT 5). What they say is `conversations`."""
