"""How often one caller may call: rates per API key, session and failing address (CONTRACT 0: 429)."""
