"""Characters to talk to, and what people say who want their brain."""
