"""What an editor does with one world, over REST."""

from __future__ import annotations

from support.rest import bearer

NOWHERE = "11111111-2222-4333-8444-555555555555"


class Editor:
    """What an editor does with one world."""

    def __init__(self, rest, key: str, world_id: str) -> None:
        self._rest = rest
        self._headers = bearer(key)
        self.world_id = world_id
        self.path = f"/v1/worlds/{world_id}"

    async def call(self, verb: str, path: str, headers=None, **request):
        return await self._rest.request(
            verb, self.path + path, headers=self._headers | (headers or {}), **request
        )

    async def ok(self, verb: str, path: str, headers=None, **request):
        answer = await self.call(verb, path, headers, **request)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["schemaVersion"] == "1.0"
        return body

    async def save(self, **body) -> str:
        return (await self.ok("POST", "/versions", json=body))["versionId"]

    async def edit(self, state: str, base: str) -> str:
        body = {"base": base}
        return (await self.ok("PATCH", f"/states/{state}", json=body))["rev"]

    async def world(self):
        world = await self.ok("GET", "")
        del world["schemaVersion"]
        return world

    async def tree(self):
        listed = await self.ok("GET", "/versions")
        parents = {node["id"]: node["parentVersionId"] for node in listed["versions"]}
        return parents, listed["headVersionId"]
