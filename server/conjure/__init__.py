"""Conjure: the self-hosted backend of the Programmable Worlds API."""

__version__ = "0.1.0"
