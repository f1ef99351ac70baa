"""Ops on the other looks of a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.ops import fields
from conjure.kernel.ops.errors import NotThere, OpError
from conjure.kernel.ops.op import Op
from conjure.kernel.ops.params import STATE, an_object, given, prose, string, value_of
from conjure.kernel.ops.shape import fitting
from conjure.kernel.ops.states import ID, OF_STATE
from conjure.kernel.schema import described
from conjure.kernel.values import text
from conjure.kernel.wording import listed, quoted

if TYPE_CHECKING:
    from conjure.kernel.ops.draft import Draft
    from conjure.kernel.values import JsonObject


def add_variant(draft: Draft, op: JsonObject) -> str:
    """Gives a state another look."""
    state_id = STATE.required(op)
    state = draft.state(state_id)
    nest = next((key for key in ("variant", "patch") if op.get(key) is not None), None)
    flat = {key: value for key, value in op.items() if key not in {"op", *STATE.names}}
    variant = flat if nest is None else an_object(op[nest], nest)
    string(variant, "label")
    if variant.get("base") is None:
        raise OpError("base is missing: say what the variant shows")
    prose(variant["base"], "base")
    variants = _variants(draft, state)
    draft.set_state(state_id, {**state, "variants": [*variants, variant]})
    return state_id


def remove_variant(draft: Draft, op: JsonObject) -> str:
    """Takes a look of a state away; `variants` goes with the last one."""
    state_id = STATE.required(op)
    state = draft.state(state_id)
    variants = _variants(draft, state)
    at = _variant_at(state_id, variants, op)
    left = [*variants[:at], *variants[at + 1 :]]
    draft.set_state(state_id, fields.patched(state, {"variants": left or None}))
    return state_id


def set_variant_field(draft: Draft, op: JsonObject) -> str:
    """Replaces or erases one member somewhere in a variant."""
    state_id = STATE.required(op)
    state = draft.state(state_id)
    variants = _variants(draft, state)
    at = _variant_at(state_id, variants, op)
    field, value = fields.parsed(op.get("field")), value_of(op, "value")
    if value is None and field in {("label",), ("base",)}:
        raise OpError(f"{field[0]} cannot be erased")
    present = an_object(variants[at], f"variants[{at}]")
    draft.charge(fields.weight(present, field))
    variant = fields.replaced(present, field, value)
    member = str(field[0])
    fitting("variant", member, variant.get(member))
    changed = [*variants[:at], variant, *variants[at + 1 :]]
    draft.set_state(state_id, {**state, "variants": changed})
    return state_id


def _variants(draft: Draft, state: JsonObject) -> list[Any]:
    variants = state.get("variants")
    if variants is None:
        return []
    if not isinstance(variants, list):
        raise OpError(f"variants must be a list, but it is {described(variants)}; fix that first")
    draft.charge(len(variants))
    return variants


def _variant_at(state_id: str, variants: list[Any], op: JsonObject) -> int:
    """Which variant an op means: by its index, or by its label."""
    which = given(op, "index", "variant", "label")
    if isinstance(which, dict):
        which = which.get("label")
    if isinstance(which, int) and not isinstance(which, bool):
        if 0 <= which < len(variants):
            return which
        raise NotThere(
            f"the state {quoted(state_id)} has {len(variants)} variants, so it has no variant "
            f"{which}; the first is 0"
        )
    if not isinstance(which, str):
        raise OpError("say which variant, by its index (0 is the first) or by its label")
    found = next((at for at, known in enumerate(variants) if _is_called(known, which)), None)
    if found is None:
        labels = [label for v in variants if isinstance(v, dict) and (label := text(v, "label"))]
        raise NotThere(
            f"the state {quoted(state_id)} has no variant {quoted(which)}; it has "
            f"{listed(labels) or 'none'}"
        )
    return found


def _is_called(variant: Any, label: str) -> bool:
    return isinstance(variant, dict) and variant.get("label") == label


_WHICH = {"index? or variant?": "the variant, by its place from 0 or by its label (or `label`)"}

FIRST: Final = (
    Op(
        "add_variant",
        "gives a state another look",
        {
            **ID,
            "variant": "the variant, also flat; `label` and `base` are required",
        },
        {"id": "atrium", "variant": {"label": "night", "base": "The atrium by moonlight."}},
        add_variant,
    ),
    Op(
        "remove_variant",
        "removes a look of a state",
        {**ID, **_WHICH},
        {"id": "atrium", "variant": "dusk"},
        remove_variant,
    ),
)
SECOND: Final = (
    Op(
        "set_variant_field",
        "sets one member somewhere in a variant",
        {
            **OF_STATE,
            "label": "the variant's label, also as `variant`; or its place from 0 as `index`",
            "field": "where in it: `base`, `camera.static`, `ambient[0]`, or a list of such parts",
            "value": "what shall stand there; null erases it",
        },
        {
            "state": "atrium",
            "label": "dusk",
            "field": "base",
            "value": "The atrium at dusk.",
        },
        set_variant_field,
    ),
)
