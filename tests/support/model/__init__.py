"""A model as an endpoint of OpenAI's API offers it, played by a small local server that misbehaves when told to.

    with ModelServer() as server:                         # in a thread of its own; ended by the `with`
        server.answers = [text("a reply"), misbehave.fenced, Raw(429, headers={"retry-after": "1"})]
        ...                                               # somebody is given server.url
        assert server.calls[0].body["model"] == "a-model"

Answers are given in turn, then the good model's (good.py). `server.answers = callable` asks that each time;
`server.endpoint = Endpoint(...)` is what the endpoint does not know, and refuses with 400.
"""

from support.model.calls import Call
from support.model.endpoint import Endpoint
from support.model.outcomes import (
    Cut,
    Drip,
    Endless,
    Garbage,
    Hang,
    Held,
    Outcome,
    Paused,
    Raw,
    Reply,
    Slow,
    ToolUse,
    failure,
    structured,
    text,
    using,
)
from support.model.sample import sample
from support.model.server import ModelServer

__all__ = [
    "Call",
    "Cut",
    "Drip",
    "Endless",
    "Endpoint",
    "Garbage",
    "Hang",
    "Held",
    "ModelServer",
    "Outcome",
    "Paused",
    "Raw",
    "Reply",
    "Slow",
    "ToolUse",
    "failure",
    "sample",
    "structured",
    "text",
    "using",
]
