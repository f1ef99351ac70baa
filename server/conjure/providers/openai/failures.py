"""Why a model gave nothing that is of use. The texts are for the log, never for a caller.

They hold no word of what was sent, and none of what a model said.
"""

from __future__ import annotations


class ModelError(Exception):
    """There is no usable answer."""


class ModelUnavailable(ModelError):
    """Not reachable, too slow, failing, or asking for more patience than there is: try again later."""


class ModelRefused(ModelError):
    """The model declined, or a content filter did."""


class ImagesRefused(ModelError):
    """The endpoint takes no pictures, or the model cannot read any."""


class BudgetSpent(ModelError):
    """The calls, the tokens or the seconds of this piece of work are used up."""


class AnswerCut(ModelError):
    """The model had more to say than it may."""


class AnswerUnfit(ModelError):
    """The answer is complete, and not what was asked for."""
