"""Why a change was not made; the texts are for the person who asked for it."""

from __future__ import annotations


class OpError(ValueError):
    """The op, or the world's shape, does not allow the change; the text says why."""


class NotThere(OpError):
    """The op addresses something by name that the world does not have."""


class OpsInvalid(ValueError):
    """The list itself cannot be read as ops: nothing of it is applied."""

    def __init__(self, *errors: str) -> None:
        super().__init__(errors[0])
        self.errors = errors
