"""A page on another origin reads what is answered in gzip as it reads anything else."""

from __future__ import annotations

import json

from support.rest import bearer, import_world, mint
from support.worlds import prose_world

SCRIPT = """
async ([rest, path, key, token]) => {
  const read = async (url, options, credential) => {
    const headers = {authorization: `Bearer ${credential}`, ...options.headers};
    const answer = await fetch(rest + url, {...options, headers});
    const text = await answer.text();
    return {status: answer.status, etag: answer.headers.get("etag"), text};
  };
  const world = await read(path, {}, key);
  const again = await read(path, {}, key);
  const asked = await read(path, {cache: "no-store", headers: {"if-none-match": world.etag}}, key);
  const connected = await read("/v1/sessions/connect", {method: "POST"}, token);
  return {world, again, asked, connected};
}
"""


async def test_fetch_decodes_a_read_and_a_connect(rest, stack, app, browse, host_site):
    world_id = await import_world(rest, app.secret, **prose_world(17_000))
    path = f"/v1/worlds/{world_id}"
    token = (await mint(rest, app.secret, world_id))["token"]
    plain = await rest.get(path, headers=bearer(app.publishable))
    visit = await browse(host_site.html(""))
    seen = await visit.page.evaluate(SCRIPT, [stack.rest_url, path, app.publishable, token])
    # The second one is the browser's own, asked for again.
    for read in (seen["world"], seen["again"]):
        assert (read["status"], read["text"]) == (200, plain.text)
        assert read["etag"] == f'{plain.headers["etag"][:-1]}-gzip"'
    assert (seen["asked"]["status"], seen["asked"]["text"]) == (304, "")
    connected = json.loads(seen["connected"]["text"])
    assert seen["connected"]["status"] == 200
    assert connected["world"] == {
        name: value for name, value in plain.json().items() if name != "schemaVersion"
    }
    assert next(iter(connected)) == "world"
