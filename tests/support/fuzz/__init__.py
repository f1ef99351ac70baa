"""Requests that are nearly right: seeded, made from the contract's own routes and messages."""
