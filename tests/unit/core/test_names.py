"""Keys, ids, times and the catalog of reasons."""

from __future__ import annotations

import inspect
import uuid

from hypothesis import given
from hypothesis import strategies as st

from conjure.core import errors
from conjure.core.caller import Tenant
from conjure.core.catalog import CATALOG, Code
from conjure.core.errors import AppError, Reason
from conjure.core.ids import canonical_uuid, new_id
from conjure.core.times import day_text, rfc3339
from conjure.store import keyspace
from conjure.v1 import errors_pb2
from support.cases import each_of

TENANT = Tenant("5e8b0a1c-1111-4222-8333-444455556666", "test")


def slot(key: str) -> int:
    """The cluster slot of a key: CRC-16/XMODEM of its hash tag (Redis cluster specification)."""
    start = key.find("{")
    end = key.find("}", start + 1)
    hashed = key[start + 1 : end] if start >= 0 and end > start + 1 else key
    crc = 0
    for byte in hashed.encode():
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc % 16_384


def functions() -> dict[str, list[str]]:
    return {
        name: [
            argument.name
            for argument in inspect.signature(function).parameters.values()
            if argument.default is argument.empty
        ]
        for name, function in vars(keyspace).items()
        if inspect.isfunction(function)
    }


def tenant_keys(tenant: Tenant) -> dict[str, str]:
    """Every kind of key that a tenant has, made by the module's own functions."""
    return {
        name: getattr(keyspace, name)(tenant, *(f"{{{arg}}}" for arg in args[1:]))
        for name, args in functions().items()
        if args[:1] == ["tenant"] and name != "of_world"
    }


def test_the_reference_slots():
    """From the specification: `{user1000}.following` and its like; 123456789 is the check of the CRC."""
    assert slot("123456789") == 0x31C3 % 16_384
    assert slot("{user1000}.following") == slot("{user1000}.followers") == slot("user1000")


def test_every_key_of_a_tenant_is_in_its_one_slot():
    """Also when an id holds braces: only the first tag counts."""
    keys = tenant_keys(TENANT)
    assert len(keys) >= 9
    assert len(set(keys.values())) == len(keys)
    for name, key in keys.items():
        assert slot(key) == slot(TENANT.tag), name
        assert f"{{{TENANT.tag}}}" in key, name


def test_a_deletion_knows_every_key_of_a_world():
    """`of_world` names what the functions of a tenant and a world make, its own key first."""
    made = [
        getattr(keyspace, name)(TENANT, "w")
        for name, args in functions().items()
        if args == ["tenant", "world_id"] and name != "of_world"
    ]
    assert sorted(keyspace.of_world(TENANT, "w")) == sorted(made)
    assert keyspace.of_world(TENANT, "w")[0] == keyspace.world(TENANT, "w")


def test_other_apps_and_modes_have_other_keys():
    mine = set(tenant_keys(TENANT).values())
    for other in (Tenant(TENANT.app, "live"), Tenant(new_id(), "test")):
        assert not mine & set(tenant_keys(other).values())


def test_directories_outside_tenants_are_no_tenants():
    outside = [
        getattr(keyspace, name)(*("x" for _ in args))
        for name, args in functions().items()
        if args[:1] != ["tenant"]
    ]
    assert len(set(outside)) == len(outside) >= 6
    assert not any(key.startswith("t:") for key in outside)
    assert slot(keyspace.app("x")) == slot(keyspace.app_keys("x"))


def test_an_idempotency_key_lies_in_the_slot_of_its_effect():
    for scope, effect in (
        (TENANT, keyspace.usage(TENANT)),
        (keyspace.user("u"), keyspace.user_apps("u")),
        (keyspace.app_of_user("x", "u"), keyspace.app_keys("x")),
    ):
        assert slot(keyspace.idempotency(scope, "route", "{hash}")) == slot(effect)
    slots = {slot(keyspace.user_apps("u")), slot(keyspace.user_app_rows("u")),
             slot(keyspace.user_app_steps("u"))}  # fmt: skip
    assert len(slots) == 1


def test_every_reason_has_a_spec_an_error_and_a_number_on_the_wire():
    assert set(CATALOG) == set(Reason)
    wire = {name.removeprefix("REASON_") for name in errors_pb2.Reason.keys()}  # noqa: SIM118
    assert wire - {"UNSPECIFIED"} == {reason.value for reason in Reason}
    raised = {
        item.reason
        for item in vars(errors).values()
        if inspect.isclass(item) and issubclass(item, AppError)
    }
    # No domain raises it: the error layer makes it.
    assert set(Reason) - raised == {Reason.CANCELLED}


def test_the_module_lists_every_error():
    listed = set(errors.__doc__.replace("·", " ").split())
    for name, item in vars(errors).items():
        if inspect.isclass(item) and issubclass(item, AppError):
            assert name in listed


CONTRACT_CODES = {
    400: Code.INVALID_ARGUMENT, 401: Code.UNAUTHENTICATED, 402: Code.RESOURCE_EXHAUSTED,
    403: Code.PERMISSION_DENIED, 404: Code.NOT_FOUND, 405: Code.UNIMPLEMENTED, 409: Code.ABORTED,
    413: Code.RESOURCE_EXHAUSTED, 422: Code.FAILED_PRECONDITION, 429: Code.RESOURCE_EXHAUSTED,
    499: Code.CANCELLED, 500: Code.INTERNAL, 503: Code.UNAVAILABLE, 504: Code.DEADLINE_EXCEEDED,
}  # fmt: skip


@each_of("reason", Reason)
def test_a_reasons_numbers_are_the_contracts(reason):
    """The table of CONTRACT 0; 429 and 503 say when to come back."""
    spec = CATALOG[reason]
    assert spec.code is CONTRACT_CODES[spec.http]
    assert (spec.retry_after_s is not None) == (spec.http in {429, 503})
    assert spec.detail
    assert len(spec.detail) < 100


def test_codes_are_grpcs():
    import grpc

    for code in Code:
        assert getattr(grpc.StatusCode, code.name).value[0] == code


@given(st.uuids())
def test_uuids_in_any_case_have_one_form(value):
    assert canonical_uuid(str(value).upper()) == canonical_uuid(str(value)) == str(value)


@each_of(
    "text",
    [
        "", "x", "5e8b0a1c11114222833344445555666 6", "{5e8b0a1c-1111-4222-8333-444455556666}",
        "5e8b0a1c111142228333444455556666", "urn:uuid:5e8b0a1c-1111-4222-8333-444455556666",
        "5e8b0a1c-1111-4222-8333-444455556666\n", " 5e8b0a1c-1111-4222-8333-444455556666",
        "5e8b0a1c-1111-4222-8333-44445555666g", "\uff15e8b0a1c-1111-4222-8333-444455556666",
    ],
)  # fmt: skip
def test_what_is_no_uuid_in_its_usual_form(text):
    assert canonical_uuid(text) is None


def test_new_ids_are_random_uuids():
    ids = {new_id() for _ in range(1_000)}
    assert len(ids) == 1_000
    assert all(uuid.UUID(item).version == 4 and canonical_uuid(item) == item for item in ids)


@each_of(
    ("ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (1_700_000_000_999, "2023-11-14T22:13:20.999Z"),
        (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
        (4_102_444_800_000, "2100-01-01T00:00:00.000Z"),
    ],
)
def test_times_are_rfc_3339_in_utc(ms, text):
    assert rfc3339(ms) == text
    assert day_text(ms // 86_400_000) == text[:10]


@given(st.integers(min_value=0, max_value=253_402_300_799_999))
def test_a_time_keeps_its_milliseconds(ms):
    from datetime import datetime

    assert round(datetime.fromisoformat(rfc3339(ms)).timestamp() * 1000) == ms
