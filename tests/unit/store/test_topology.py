"""What a server of a cluster tells, as the client reads it (Redis cluster specification)."""

from __future__ import annotations

import pytest

from conjure.core.caller import Tenant
from conjure.store import keyspace
from conjure.store.topology import address_in, read_topology, slot_of, url_at
from support.cases import each_of

ASKED = ("10.0.0.9", 7000)


@each_of(
    ("key", "slot"),
    [
        ("123456789", 12_739),  # the specification's own example of CRC-16/XMODEM
        ("foo", 12_182),
        ("{foo}.bar", 12_182),
        ("a{foo}{bar}", 12_182),
        ("{}foo", slot_of("{}foo")),
        ("é{foo}", 12_182),
    ],
)
def test_slots(key, slot):
    assert slot_of(key) == slot


def test_an_empty_tag_is_none():
    """The whole key counts then, braces and all."""
    assert slot_of("{}a") != slot_of("{}b")
    assert slot_of("a{") != slot_of("b{")


def test_a_fence_is_in_the_slot_of_the_key_that_it_is_for():
    tenant = Tenant("0b7c", "test")
    for key in (keyspace.usage(tenant), keyspace.places(), keyspace.security_epoch()):
        assert slot_of(keyspace.fence(key, "f00")) == slot_of(key)


def test_a_directory_entry_and_its_last_step_are_in_one_slot():
    assert slot_of(keyspace.public_world("w")) == slot_of(keyspace.public_world_step("w"))


def test_ranges_masters_and_all_servers_are_read():
    reply = [
        [0, 99, [b"10.0.0.1", 7001, b"id", []], [b"10.0.0.2", 7002, b"id", []]],
        [100, 16_383, [b"10.0.0.3", 7003, b"id"]],
    ]
    topology = read_topology(reply, ASKED)
    assert topology.ranges == ((0, 99, ("10.0.0.1", 7001)), (100, 16_383, ("10.0.0.3", 7003)))
    assert topology.servers == {("10.0.0.1", 7001), ("10.0.0.2", 7002), ("10.0.0.3", 7003)}


@pytest.mark.parametrize("host", [None, b"", b"?"])
def test_a_server_that_does_not_know_its_name_is_the_one_that_was_asked(host):
    topology = read_topology([[0, 16_383, [host, 7001, b"id"]]], ASKED)
    assert topology.ranges == ((0, 16_383, ("10.0.0.9", 7001)),)


def test_a_server_outside_of_the_cluster_tells_nothing():
    with pytest.raises(ValueError, match="no slot"):
        read_topology([], ASKED)


@pytest.mark.parametrize(
    ("url", "address", "at"),
    [
        ("redis://h", ("h", 6379), "redis://x:1"),
        ("rediss://u:p%40@h:7000/0?ssl_cert_reqs=none", ("h", 7000),
         "rediss://u:p%40@x:1/0?ssl_cert_reqs=none"),
        ("redis://[::1]:7000", ("::1", 7000), "redis://x:1"),
    ],
)  # fmt: skip
def test_urls_keep_what_is_not_the_address(url, address, at):
    assert address_in(url) == address
    assert url_at(url, ("x", 1)) == at
    assert url_at(url, ("fe80::1", 7)).count("[fe80::1]:7") == 1
    assert address_in(url_at(url, ("fe80::1", 7))) == ("fe80::1", 7)
