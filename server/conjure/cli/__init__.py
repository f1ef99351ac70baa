"""The command line: `conjure dev · serve · edge · apps · keys · caps · signing-keys · lint · call`."""

from conjure.cli.main import main

__all__ = ["main"]
