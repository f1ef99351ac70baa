"""The schema of worlds as components: `$defs/state` is `#/components/schemas/State` there."""

from __future__ import annotations

from typing import Any, Final

from conjure.kernel.schema import DEFINITIONS, ROOT

JsonObject = dict[str, Any]

WORLD: Final = "world"
"""What a rule of the protos calls the whole of it."""

_REF: Final = "#/$defs/"
_ROOT_NAME: Final = "SMWorld"
_NOT_OF_A_COMPONENT: Final = frozenset({"$schema", "$id", "$defs", "title"})
_WHOLE: Final = {key: value for key, value in ROOT.items() if key not in _NOT_OF_A_COMPONENT}


def ref(name: str) -> JsonObject:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def definition(name: str) -> JsonObject:
    """Returns the schema that a rule of the protos names: `world`, `state`, `scene.states`.

    Raises KeyError for a name that the schema of worlds does not have.
    """
    if name == WORLD:
        return ref(_ROOT_NAME)
    whole, _, member = name.partition(".")
    if not member:
        return ref(_component(whole))
    found: JsonObject = _rewritten(DEFINITIONS[whole]["properties"][member])
    return found


def world_components() -> dict[str, JsonObject]:
    """Returns the whole schema, cut into components."""
    parts = {_component(name): _rewritten(part) for name, part in DEFINITIONS.items()}
    return {_ROOT_NAME: _rewritten(_WHOLE)} | parts


def patch_of(name: str) -> JsonObject:
    """Returns the schema of a patch: every member may be missing; `null` erases what is not required."""
    whole = _rewritten(DEFINITIONS[name])
    members = {
        key: member if key in whole["required"] else or_null(member)
        for key, member in whole["properties"].items()
    }
    return {"type": "object", "minProperties": 1, "properties": members}


def new_part(name: str, needs: list[str]) -> JsonObject:
    """Returns the schema of a part that is to be made, of which these members have to be there.

    The others that a part must have are made when they are absent.
    """
    found: JsonObject = _rewritten(DEFINITIONS[name])
    for made in set(found["required"]) - set(needs):
        found["properties"][made] = or_null(found["properties"][made])
    return {**found, "required": needs}


def draft_world() -> JsonObject:
    """Returns the schema of a world that is not stored yet (`kernel.unstored`)."""
    world: JsonObject = _rewritten(_WHOLE)
    entrance = _rewritten(DEFINITIONS["entrance"])
    image = _rewritten(DEFINITIONS["image"])
    picture = or_null({key: value for key, value in image.items() if key != "required"})
    picture["properties"]["src"] = or_null(image["properties"]["src"])
    entrance["required"] = [name for name in entrance["required"] if name != "image"]
    entrance["properties"]["image"] = picture
    world["required"] = [name for name in world["required"] if name != "id"]
    world["properties"]["entrance"] = entrance
    world["properties"]["id"] = {"description": world["properties"]["id"]["description"]}
    return world


def or_null(schema: JsonObject) -> JsonObject:
    """Returns a schema that also takes `null`."""
    kind = schema.get("type")
    if isinstance(kind, str) and "enum" not in schema:
        return schema | {"type": [kind, "null"]}
    if kind is None and "$ref" not in schema and "enum" not in schema:
        return dict(schema)  # it says nothing of the type
    if isinstance(kind, list) and "null" in kind:
        return dict(schema)
    description = {"description": schema["description"]} if "description" in schema else {}
    bare = {key: value for key, value in schema.items() if key != "description"}
    return {"anyOf": [bare, {"type": "null"}]} | description


def _component(name: str) -> str:
    if name not in DEFINITIONS:
        raise KeyError(name)
    return name[0].upper() + name[1:]


def _rewritten(node: Any) -> Any:
    if isinstance(node, list):
        return [_rewritten(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: _rewritten(value) for key, value in node.items()}
    target = node.get("$ref")
    if isinstance(target, str):
        found |= ref(_component(target.removeprefix(_REF)))
    return found
