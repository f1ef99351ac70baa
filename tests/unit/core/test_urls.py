"""URLs that something is sent to: one spelling, or a refusal that says what is wrong."""

from __future__ import annotations

import contextlib
from ipaddress import ip_address
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.core.urls import MOST_URL, UrlRefused, http_url
from support.cases import each_of


@each_of(
    ("written", "host", "port", "text"),
    [
        ("https://hooks.example/a?b=c#d", "hooks.example", 443, "https://hooks.example/a?b=c"),
        ("HTTPS://Hooks.EXAMPLE:443", "hooks.example", 443, "https://hooks.example/"),
        ("https://hooks.example:8443/a/../b", "hooks.example", 8443, "https://hooks.example:8443/b"),
        ("https://hooks.example/ü?ü", "hooks.example", 443, "https://hooks.example/%C3%BC?%C3%BC"),
        ("https://bücher.example/", "xn--bcher-kva.example", 443, "https://xn--bcher-kva.example/"),
        ("https://a_b.example/", "a_b.example", 443, "https://a_b.example/"),
        ("https://[2606:4700::0:1111]:1/", "2606:4700::1111", 1, "https://[2606:4700::1111]:1/"),
        ("https://hooks.example/%0d%0aHost:x", "hooks.example", 443, "https://hooks.example/%0d%0aHost:x"),
    ],
)  # fmt: skip
def test_a_url_has_one_spelling(written, host, port, text):
    url = http_url(written)
    assert (url.host, url.port, url.text) == (host, port, text)
    assert http_url(url.text) == url
    assert text == f"{url.scheme}://{url.authority}{url.target}"


def fullwidth(text: str) -> str:
    """The same digits as East Asian fonts have them."""
    return "".join(chr(ord(it) + 0xFEE0) if it.isdigit() else it for it in text)


@each_of(
    "written",
    [
        "127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "0177.0.0.01",
        fullwidth("127.0.0.1"), fullwidth("2130706433"), "%31%32%37.0.0.1", "127。0。0。1", "127.0.0.1:443",
    ],
)  # fmt: skip
def test_an_address_is_one_however_it_is_written(written):
    assert http_url(f"https://{written}/").host == "127.0.0.1"


@each_of(
    ("text", "says"),
    [
        ("http://hooks.example/", "begins with https://"),
        ("ftp://hooks.example/", "begins with https://"),
        ("//hooks.example/", "begins with https://"),
        ("https:hooks.example", "begins with https://"),
        ("", "begins with https://"),
        ("https://", "valid host"),
        ("https:///hooks.example/", "valid host"),
        ("https://hooks.example:65536/", "valid host"),
        ("https://hooks.example:x/", "valid host"),
        ("https://1.2.3.256/", "valid host"),
        ("https://1.2.3.4.5/", "valid host"),
        ("https://[fe80::1%25eth0]/", "valid host"),
        ("https://[::1/", "valid host"),
        ("https://a b/", "spaces"),
        ("https://hooks.example/a b", "spaces"),
        (" https://hooks.example/", "spaces"),
        ("https://hooks.exa\nmple/", "spaces"),
        ("https://hooks.example\\@127.0.0.1/", "backslashes"),
        ("https:\\\\127.0.0.1/", "backslashes"),
        ("https://hooks.example\u2028/", "spaces"),
        ("https://user@hooks.example/", "user name"),
        ("https://user:secret@hooks.example/", "user name"),
        ("https://@hooks.example/", "user name"),
        ("https://:@hooks.example/", "user name"),
        ("https://hooks.example./", "DNS name"),
        ("https://hooks..example/", "DNS name"),
        ("https://.hooks.example/", "DNS name"),
        ("https://-hooks.example/", "DNS name"),
        ("https://*.example/", "DNS name"),
        (f"https://{'a' * 64}.example/", "DNS name"),
        (f"https://{'a.' * 130}example/", "DNS name"),
        ("https://hooks.example:0/", "port 0"),
        (f"https://hooks.example/{'a' * MOST_URL}", "longer"),
        (f"https://hooks.example/{'ü' * (MOST_URL // 4)}", "longer"),
    ],
)
def test_what_two_readers_could_read_in_two_ways_is_refused(text, says):
    with pytest.raises(UrlRefused, match=says):
        http_url(text, schemes=("https",))


@given(
    st.text(max_size=40)
    | st.builds(
        "{}{}{}".format,
        st.sampled_from(["https://", "http://", "https:/", "HTTPS://a@", "https://["]),
        st.text(alphabet="a1.:@[]%\\/-_x\uff10。ü#? \t\ud800", max_size=20),
        st.sampled_from(["", "/", ":1/", "]/", "?x"]),
    )
)
def test_any_text_is_refused_or_read_alike_by_others(text):
    """Whoever reads the spelling that is kept sees the same host: no parser differs about where it leads."""
    with contextlib.suppress(UrlRefused):
        url = http_url(text)
        parts = urlsplit(url.text)
        assert (parts.hostname, parts.port or url.port) == (url.host, url.port)
        assert parts.username is None
        assert url.text.isascii()
        assert 1 <= url.port <= 65_535
        if url.host.replace(".", "").isdigit() or ":" in url.host:
            ip_address(url.host)
