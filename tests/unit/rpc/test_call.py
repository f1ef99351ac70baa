"""Where a call comes from, as far as shares and failures are counted."""

from __future__ import annotations

from conjure.rpc.call import network_of
from support.cases import each_of


@each_of(
    ("address", "network"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("ipv6:%5B2001:db8:1:2::7%5D", "2001:db8:1:2::/64"),
        ("ipv6:[2001:db8:1:2::7]", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("ipv4:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        ("unix:/tmp/socket", "unix:/tmp/socket"),
        ("2001:db8:1:2::7%eth0", "2001:db8:1:2::/64"),
    ],
)
def test_an_ipv6_address_stands_for_its_network(address, network):
    assert network_of(address) == network
