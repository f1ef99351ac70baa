"""Which addresses may be called on behalf of others: unicast addresses of the internet, and no way around."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.providers.addresses import SystemResolver, checked_addresses, is_public
from conjure.providers.failures import AddressRefused
from support.cases import each_of

PRIVATE_V4 = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "100.100.100.200",
    "127.0.0.1", "127.255.255.254", "169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1",
    "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "168.63.129.16",
)  # fmt: skip
PUBLIC_V4 = (
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.1",
    "172.32.0.1",
    "223.255.255.254",
)


def embedded(v4: str) -> list[str]:
    """The ways in which IPv6 can carry an IPv4 address."""
    number = int(IPv4Address(v4))
    return [
        str(IPv6Address(0xFFFF << 32 | number)),
        f"::ffff:{v4}",
        str(IPv6Address(0x2002 << 112 | number << 80 | 1)),
        str(IPv6Address(int(IPv6Address("64:ff9b::")) | number)),
    ]


@each_of("address", PRIVATE_V4)
def test_what_is_not_of_the_internet_is_refused_however_it_is_wrapped(address):
    for text in (address, *embedded(address)):
        assert not is_public(text), text


@each_of("address", PUBLIC_V4)
def test_an_address_of_the_internet_may_be_called_however_it_is_wrapped(address):
    for text in (address, *embedded(address)):
        assert is_public(text), text


@each_of(
    "address",
    [
        "::", "::1", "::7f00:1", "::127.0.0.1", "::8.8.8.8", "100::1", "64:ff9b:1::1", "64:ff9b:1::8.8.8.8",
        "64:ff9b:1:7f00:0:100::", "64:ff9b:0:1::808:808", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:0:0808:0808::f7f7:f7f7", "2001:10::1", "2001:20::1", "2001:2::1", "2001:db8::1", "3fff::1",
        "5f00::1", "fc00::1", "fd00:ec2::254", "fd20:ce::254", "fe80::1", "fe80::1%eth0",
        "2606:4700::1111%eth0", "fec0::1", "feff::1", "ff02::1", "ff0e::1", "4000::1", "::ffff:0:8.8.8.8",
    ],
)  # fmt: skip
def test_what_is_not_unicast_of_the_internet_is_refused(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["2606:4700:4700::1111", "2a00:1450:4001::1", "2400:cb00::1"])
def test_global_unicast_may_be_called(address):
    assert is_public(address)


@each_of(
    "text",
    [
        "",
        "localhost",
        "1.2.3",
        "0x7f.1",
        "2130706433",
        "01.1.1.1",
        "1.1.1.1/32",
        "[::1]",
        " 1.1.1.1",
    ],
)
def test_what_is_no_address_is_not_public(text):
    assert not is_public(text)


CLOSED = [
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3",
    )
]  # fmt: skip


@given(st.sampled_from(CLOSED).flatmap(lambda net: st.integers(int(net[0]), int(net[-1]))))
def test_no_address_of_a_closed_network_is_public(number):
    for text in (str(IPv4Address(number)), *embedded(str(IPv4Address(number)))):
        assert not is_public(text), text


@given(st.integers(0, 2**128 - 1).filter(lambda number: number >> 125 != 1))
def test_outside_of_global_unicast_only_ipv4_inside_can_be_public(number):
    address = IPv6Address(number)
    is_wrapped = address.ipv4_mapped is not None or number >> 32 == 0x64FF9B << 64
    assert is_wrapped or not is_public(str(address))


class Names:
    """A resolver whose answers a test writes."""

    def __init__(self, *addresses: str, error: Exception | None = None) -> None:
        self.asked: list[str] = []
        self._addresses = addresses
        self._error = error

    async def addresses(self, host, port):
        self.asked.append(host)
        if self._error is not None:
            raise self._error
        return self._addresses


async def check(host: str, names: Names, *, allows_private: bool = False) -> tuple[str, ...]:
    return await checked_addresses(host, 443, allows_private=allows_private, resolver=names)


async def test_every_address_of_a_name_must_be_public():
    assert await check("a.example", Names("1.1.1.1", "1.1.1.1", "2606:4700::1")) == (
        "1.1.1.1",
        "2606:4700::1",
    )
    for private in ("127.0.0.1", "::1", "169.254.169.254", "::ffff:10.0.0.1", "fe80::1%lo"):
        for addresses in ([private], ["1.1.1.1", private], [private, "1.1.1.1"]):
            with pytest.raises(AddressRefused):
                await check("a.example", Names(*addresses))
            assert private in await check("a.example", Names(*addresses), allows_private=True)


@each_of(
    "names",
    [
        Names(), Names(error=OSError("no such name")), Names(error=UnicodeError("label too long")),
        Names(*(f"1.1.{high}.{low}" for high in range(2) for low in range(100))),
    ],
)  # fmt: skip
@each_of("allows_private", [True, False])
async def test_a_name_that_leads_nowhere_is_refused(names, allows_private):
    with pytest.raises(AddressRefused):
        await check("a.example", names, allows_private=allows_private)


async def test_an_address_is_checked_without_asking_for_names():
    names = Names("127.0.0.1")
    assert await check("1.1.1.1", names) == ("1.1.1.1",)
    for host in ("127.0.0.1", "::1", "::ffff:7f00:1"):
        with pytest.raises(AddressRefused):
            await check(host, names)
    assert not names.asked


async def test_the_system_is_asked_by_default():
    assert set(await SystemResolver().addresses("localhost", 80)) <= {"127.0.0.1", "::1"}
    for host in ("nowhere.invalid", "a..b", "a" * 64, ""):
        with pytest.raises(AddressRefused):
            await checked_addresses(host, 80, allows_private=False, resolver=SystemResolver())
