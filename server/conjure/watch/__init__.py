"""Watching worlds: every revision as it lands, for editors and runtimes that follow."""
