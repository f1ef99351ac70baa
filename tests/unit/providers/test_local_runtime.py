"""The built-in runtime signs a lease's token once, for as long as the ring says the same key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conjure.providers.runtime import LocalRuntime, RuntimeLease

LEASE = RuntimeLease("jti", "world", "player", ends_at_ms=1_800_000_300_000, seconds=300)


class Signer:
    """Signs as a ring does whose keys can be changed."""

    def __init__(self) -> None:
        self.kid = "a"
        self.signed: list[dict[str, Any]] = []

    async def sign(self, claims: dict[str, Any]) -> str:
        self.signed.append(claims)
        return f"{self.kid}.{claims['jti']}.{claims['iat']}.{claims['exp']}"

    async def kid_at(self, time_s: float) -> str:
        return self.kid


async def test_the_token_of_a_lease_is_signed_once():
    signer = Signer()
    runtime = LocalRuntime(signer.sign, signer.kid_at, issuer="conjure")
    first = await runtime.token(LEASE)
    assert await runtime.token(replace(LEASE)) == first
    assert len(signer.signed) == 1


async def test_what_differs_in_anything_is_signed():
    signer = Signer()
    runtime = LocalRuntime(signer.sign, signer.kid_at, issuer="conjure")
    leases = [
        LEASE,
        replace(LEASE, jti="other"),
        replace(LEASE, world_id="other"),
        replace(LEASE, player="other"),
        replace(LEASE, ends_at_ms=LEASE.ends_at_ms + 60_000),
        replace(LEASE, seconds=60),
    ]
    for lease in leases:
        await runtime.token(lease)
    assert len(signer.signed) == len(leases)


async def test_a_key_that_is_taken_out_of_the_ring_vouches_for_nothing_more():
    signer = Signer()
    runtime = LocalRuntime(signer.sign, signer.kid_at, issuer="conjure")
    assert (await runtime.token(LEASE)).jwt.startswith("a.")
    signer.kid = "b"
    assert (await runtime.token(LEASE)).jwt.startswith("b.")
