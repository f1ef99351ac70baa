"""Why a clause is not carried out: each is a question for the person who wrote it."""

from __future__ import annotations


class Ask(Exception):
    """The clause cannot be done; the question is for the person."""


class Unknown(Ask):
    """A name fits nothing, or does not look like one: the clause may have been meant in another way."""
