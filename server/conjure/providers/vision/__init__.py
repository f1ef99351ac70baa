"""Who looks at frames."""
