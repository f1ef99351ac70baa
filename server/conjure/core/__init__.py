"""What every domain stands on: errors, the store client, key names, JSON, identifiers."""
