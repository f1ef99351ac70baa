"""What `conjure dev` prints: commands to copy and run unchanged."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

from rich.markup import escape


def this_program() -> str:
    """Returns how a shell in this folder runs this very `conjure`, whatever its PATH has.

    Relative where it is in an environment of this folder, as it is in a checkout.
    """
    python, here = Path(sys.executable), Path.cwd()
    script = python.with_name("conjure")
    path = script if script.exists() else python
    path = path.relative_to(here) if here in path.parents[1:] else path
    return shlex.quote(str(path)) + (" -m conjure" if path.name == python.name else "")


def guide(facts: dict[str, Any], states: list[str], *, speaks: bool) -> str:
    """Returns the text for a running `conjure dev`. `speaks`: it has a voice."""
    conjure = escape(this_program())
    url, world, key = facts["restUrl"], facts["worldId"], facts["secretKey"]
    character, user = facts["characterId"], facts["userToken"]
    other = states[1] if len(states) > 1 else states[0]
    return f"""
[bold]Play the demo world[/]  {url}/demo
[bold]Talk to its keeper[/]   {url}/demo?play=character
[bold]See what runs here[/]   {url}/

[bold]REST[/]  {url}      [bold]gRPC[/]  {facts["grpcTarget"]}
[bold]demo world[/]  {world}      keys and all the rest: .conjure/dev.json

[bold]Try[/] (in another terminal, in this folder)

[dim]# create a world from a premise[/]
curl -s {url}/v1/worlds -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{{"premise": "a clockmaker who repairs a frozen city"}}'

[dim]# the same without waiting: a job, followed to its end (`{conjure} webhooks listen`, beforehand, is told of it)[/]
JOB=$(curl -s {url}/v1/worlds -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{{"premise": "a lighthouse that blinks in code", "async": true}}' | sed 's/.*"jobId":"\\([^"]*\\)".*/\\1/')
curl -sN {url}/v1/jobs/$JOB/events-stream -H 'Authorization: Bearer {key}'

[dim]# change the demo world in words (what it understands offline: server/conjure/providers/editor/GRAMMAR.md)[/]
curl -s {url}/v1/worlds/{world}/edit -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{{"instruction": "Start in {other}"}}'

[dim]# a picture to begin from, and a world that begins in it[/]
curl -s {url}/v1/seed-frame -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{{"prompt": "a harbour in the fog"}}' -o .conjure/frame.json
sed 's/.*"imageBase64":"\\([^"]*\\)".*/{{"frame_b64": "\\1"}}/' .conjure/frame.json | curl -s {url}/v1/worlds -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d @-

[dim]# point the demo world's entrance at another state[/]
curl -s -X PATCH {url}/v1/worlds/{world}/entrance -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{{"state": "{other}"}}'

[dim]# your backend mints a session token …[/]
TOKEN=$(curl -s {url}/v1/sessions/token -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{{"worldId": "{world}"}}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')

[dim]# … and the player's browser exchanges it for a runtime token and the world[/]
curl -s {url}/v1/sessions/connect -H 'Content-Type: application/json' -d "{{\\"token\\": \\"$TOKEN\\"}}"

[dim]# the same over gRPC (grpcurl, ghz and buf curl work too: protos/README.md)[/]
{conjure} call GraphService/SetEntrance -d '{{"id": "{world}", "state": "{other}"}}'
{conjure} call SessionService/MintSessionToken -d '{{"worldId": "{world}"}}'
{conjure} call SessionService/ListSessions

[dim]# talk to a character as a player's page does: it remembers who it talks to, and its brain stays on the server[/]
TALK=$(curl -s {url}/v1/sessions/token -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{{"worldId": "{character}", "playerIdentity": "ada"}}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
curl -s {url}/v1/characters/{character}/say -H "Authorization: Bearer $TALK" -H 'Content-Type: application/json' -d '{{"text": "Good evening. I am Ada. What is that reef out there?"}}'
{_speech(url, character) if speaks else _NO_VOICE}
curl -s -X POST {url}/v1/characters/{character}/consolidate -H "Authorization: Bearer $TALK"
curl -s -X POST {url}/v1/characters/{character}/resume -H "Authorization: Bearer $TALK"

[dim]# play the demo world in this terminal, and draw its graph; the API as a page is at {url}/docs[/]
{conjure} world play {world}
{conjure} world draw {world} -o .conjure/world.svg

[dim]# as a user of your console: the apps, and a key of the demo app for a backend, shown once[/]
curl -s {url}/v1/apps -H 'Authorization: Bearer {user}'
curl -s {url}/v1/apps/{facts["appId"]}/keys -H 'Authorization: Bearer {user}' -H 'Content-Type: application/json' -d '{{"kind": "secret", "name": "backend"}}'

[dim]# what the day has cost so far[/]
curl -s {url}/v1/usage -H 'Authorization: Bearer {key}'

[dim]# numbers for Prometheus, of the server and of Envoy (edge/dashboard.json is for Grafana)[/]
curl -s {facts["metricsUrl"]}
curl -s {facts["edgeMetricsUrl"]}

[bold]Logs[/]  .conjure/server.log, .conjure/access.log      [bold]Traces[/]  {_traces(facts["tracingEndpoint"])}

Ctrl-C stops everything."""


_NO_VOICE = "[dim]# (it speaks where `pip install 'conjure\\[voice]'` is installed, or CONJURE_VOICE_PROVIDER says who speaks)[/]"


def _speech(url: str, character: str) -> str:
    return f"""curl -s {url}/v1/characters/{character}/tts -H "Authorization: Bearer $TALK" -H 'Content-Type: application/json' -d '{{"text": "Sit by the stove, and mind the cat."}}' -o .conjure/speech.mp3"""


def _traces(endpoint: str | None) -> str:
    if endpoint is None:
        return "none; start with CONJURE_TRACING_ENDPOINT=http://127.0.0.1:4317 (OTLP) to send them"
    return f"to {endpoint}"
