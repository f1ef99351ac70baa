"""The op on the entrance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.kernel.ops.draft import Draft
from conjure.kernel.ops.errors import OpError
from conjure.kernel.ops.op import Op
from conjure.kernel.ops.params import a_string, an_object, string
from conjure.kernel.schema import described

if TYPE_CHECKING:
    from conjure.kernel.values import JsonObject


def set_entrance(world: JsonObject, state: str, image: JsonObject | None) -> JsonObject:
    """The world with another entrance (CONTRACT section 3.2); no image keeps the present one.

    Whether the state exists is for the gate to say: `dangling-ref` at `entrance.state`.
    """
    draft = Draft(world)
    _set(draft, state, image)
    return draft.finish()


def _run(draft: Draft, op: JsonObject) -> str:
    source = an_object(op["entrance"], "entrance") if op.get("entrance") is not None else op
    state, image = string(source, "state", "stateId", "id"), source.get("image")
    if image is not None:
        if an_object(image, "image").get("src") is None:
            raise OpError("image.src is missing: an image needs the address of its picture")
        a_string(image["src"], "image.src")
        if image.get("label") is not None:
            a_string(image["label"], "image.label")
    _set(draft, state, image)
    return state


def _set(draft: Draft, state: str, image: JsonObject | None) -> None:
    present = draft.member("entrance")
    if present is None:
        present = {}
    if not isinstance(present, dict):
        raise OpError(
            f"the world's entrance is not an object, but {described(present)}, so its state cannot "
            "be set; fix that first"
        )
    entrance = {**present, "state": state}
    if image is not None:
        entrance["image"] = image
    draft.set_member("entrance", entrance)


OPS: Final = (
    Op(
        "set_entrance",
        "points the entrance at a state",
        {"state": "the id of the state", "image?": "`{src, label?}`; absent keeps the present one"},
        {"state": "cellar", "image": {"src": "https://example.test/cellar.jpg"}},
        _run,
    ),
)
