"""Schemathesis against the running stack: requests that fit the document and requests that do not, all its checks.

It runs as a program of its own, in a bounded number of examples from a fixed seed.
"""

from __future__ import annotations

import asyncio
import copy
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from conjure.edge.descriptor import rest_methods
from conjure.kernel.schema import DEFINITIONS, ROOT
from support.contract import CONTRACT, operations
from support.edge.every_rpc import UNSERVED, Place
from support.stack import new_app
from support.until import LIMIT_S

EXAMPLES = 1  # of each operation, beside those at every bound
LEFT_OUT = {
    "deleteWorld": "the others need the world",
    # The tool reads it again and again, for seconds each time.
    "getOpenApiYaml": "it is the document itself, in another form (test_served.py)",
}

UNSAYABLE = {"INAPPLICABLE_EDIT", "LIMIT_REACHED", "CONFLICTING_PRECONDITIONS", "INVALID_CURSOR"}
"""What a request that fits the document may be refused for with 400: it depends on the world, not on a form."""
OF_ANOTHER_FORM = {"mintSessionToken": "an origin is more than a URI"}

# One that no path has: what each path says to each other verb is in tests/edge/edge/test_cors.py.
VERBS = ["TRACE"]


def thinned() -> dict[str, Any]:
    """The document, but with the members of a world that must be there only.

    What else stands in worlds is the kernel's, whose own tests try it; here it would be most of all requests.
    """
    thin = copy.deepcopy(CONTRACT)
    schemas = thin["components"]["schemas"]
    needed = {"SMWorld": ROOT["required"], "SMWorldDraft": ROOT["required"]}
    needed |= {
        name[0].upper() + name[1:]: part.get("required") for name, part in DEFINITIONS.items()
    }
    needed |= {"CreateEventRequest": ["name", "kind", "from", "base", "expectedRev"]}
    needed |= {"UpdateEventRequest": ["name", "kind", "from", "base", "expectedRev"]}
    needed |= {"UpdateStateRequest": ["base", "expectedRev"]}
    # Its other members are those of CreateCharacterRequest, read by the same code.
    needed |= {"UpdateCharacterRequest": ["name", "persona", "stances", "intro"]}
    for name, members in needed.items():
        found = schemas[name].get("properties")
        if members and found:
            schemas[name]["properties"] = {key: found[key] for key in members if key in found}
    return thin


def refused_for(definition: dict[str, Any], status: str) -> set[str]:
    content = definition["responses"].get(status, {}).get("content", {})
    return {name for media in content.values() for name in media.get("examples", ())}


def configuration(place: Place) -> str:
    """What schemathesis cannot know: credentials, the world that is there, and what no schema can say."""
    accepted = ["2xx", "3xx", "401", "402", "403", "404", "409", "422", "429", "5xx"]
    lines = [
        f"seed = {1 + sum(map(ord, 'conjure'))}",
        "[parameters]",
        f'"path.id" = "{place.world_id}"',
        f'"path.jobId" = "{place.job_id}"',
        f'"path.a" = "{place.versions[0]}"',
        f'"path.b" = "{place.versions[1]}"',
        '"header.If-Match" = "*"',
        "[auth.openapi.ApiKeyAuth]",
        f'bearer = "{place.owner.secret}"',
        "[auth.openapi.SessionToken]",
        f'bearer = "{place.token}"',
        "[auth.openapi.UserSession]",
        f'bearer = "{place.credential("AppService/ListApps")}"',
        "[checks.positive_data_acceptance]",
        f"expected-statuses = {json.dumps(accepted)}",
        "[phases.coverage]",
        f"unexpected-methods = {json.dumps(VERBS)}",
    ]
    for operation in operations():
        more = []
        if refused_for(operation.definition, "400") & UNSAYABLE or operation.id in OF_ANOTHER_FORM:
            more += [
                f"checks.positive_data_acceptance.expected-statuses = {json.dumps([*accepted, '400'])}"
            ]
        if operation.rpc in UNSERVED:
            more += ["checks.not_a_server_error.enabled = false"]
        success = operation.definition["responses"].get("200", {"content": {}})
        if "text/event-stream" in success["content"]:
            # The document says that it is text; the events in it are read by no schema.
            more += ["checks.response_schema_conformance.enabled = false"]
        if operation.scheme == "UserSession":
            more += [f'parameters."path.id" = "{place.app_id}"']
        if more:
            lines += ["[[operations]]", f'include-operation-id = "{operation.id}"', *more]
    return "\n".join(lines)


def _id(method: str) -> str:
    name = method.rpartition("/")[2]
    return name[0].lower() + name[1:]


ATTEMPTS = 4
OF_PYTHON = "AST constructor recursion depth mismatch"
"""CPython 3.11 raises it where two threads of the tool parse at the same time: it says nothing of what was tested."""


async def test_it_finds_nothing(stack, rest, tmp_path):
    app = await new_app(stack.admin)
    many = 1_000_000
    await app.set_caps(generation=many, session=many, live_sessions=10_000, session_seconds=many)
    place = await Place.made(rest, app, "private")
    (tmp_path / "openapi.json").write_text(json.dumps(thinned()))
    (tmp_path / "schemathesis.toml").write_text(configuration(place))
    endless = {_id(method.name) for method in rest_methods() if method.is_lasting}
    left_out = [f"--exclude-operation-id={name}" for name in endless | LEFT_OUT.keys()]
    program = shutil.which("schemathesis", path=Path(sys.executable).parent)
    assert program is not None
    for _ in range(ATTEMPTS):
        child = await asyncio.create_subprocess_exec(
            program, "--config-file", str(tmp_path / "schemathesis.toml"), "--no-color",
            "run", str(tmp_path / "openapi.json"), "--url", stack.rest_url, *left_out,
            "--phases", "coverage,fuzzing", "--max-examples", str(EXAMPLES), "--no-shrink",
            "--continue-on-failure", "--workers", "1", "--warnings", "off",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=tmp_path,
            env=os.environ | {"NO_PROXY": "127.0.0.1"},
        )  # fmt: skip
        async with asyncio.timeout(4 * LIMIT_S):
            told, _ = await child.communicate()
        text = told.decode()
        if OF_PYTHON not in text:
            break
    assert child.returncode == 0, text[max(0, text.find("= FAILURES =")) :][:20_000]
    assert f"Tested: {len(operations()) - len(left_out)}" in text, text[-2_000:]
    assert len(await stack.admin.keys.list(place.app_id)) > 1, "calls of user sessions were refused"
