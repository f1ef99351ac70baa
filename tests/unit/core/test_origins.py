"""An origin is kept as browsers send it, or refused (WHATWG URL, 4.5 and 4.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ada_url import URL
from hypothesis import given
from hypothesis import strategies as st

from conjure.core.origins import OriginPattern, origin_patterns, web_origin
from support.cases import each_of

if TYPE_CHECKING:
    import ipaddress


@each_of(
    ("text", "origin"),
    [
        ("https://play.example", "https://play.example"),
        ("HTTPS://Play.Example", "https://play.example"),
        ("https://play.example:443", "https://play.example"),
        ("http://play.example:80", "http://play.example"),
        ("http://play.example:443", "http://play.example:443"),
        ("https://x:08443", "https://x:8443"),
        ("https://x:65535", "https://x:65535"),
        ("http://0x7f.1", "http://127.0.0.1"),
        ("http://2130706433", "http://127.0.0.1"),
        ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
        ("http://[2001:DB8::0:1]:8080", "http://[2001:db8::1]:8080"),
        ("https://[::ffff:1.2.3.4]", "https://[::ffff:102:304]"),
        ("https://b\u00fccher.example", "https://xn--bcher-kva.example"),
        ("https://XN--BCHER-KVA.example", "https://xn--bcher-kva.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://a_b.example", "https://a_b.example"),
        ("https://%65xample.com", "https://example.com"),
    ],
)
def test_it_is_written_as_browsers_write_it(text, origin):
    assert web_origin(text) == origin
    assert web_origin(origin) == origin


@each_of(
    "text",
    [
        "", "null", "x", "https", "https:", "https://", "https:x", "https:/x", "https:\\\\x", "//x", "x.example",
        "https://x:65536", "https://x:99999", "https://x:-1", "https://x:a", "https://x/", "https://x/a",
        "https://x?", "https://x?a", "https://x#", "https://x#a", "https://u@x", "https://u:p@x", "https://@x",
        "https://x\\", " https://x", "https://x ", "https://x\n", "https://x\t.y", "https://ex ample",
        "file:///x", "data:text/html,x", "blob:https://x/a", "javascript:1", "ws://x", "wss://x", "ftp://x",
        "chrome-extension://abc", "capacitor://localhost", "https://*.example", "https://*",
        "http://256.256.256.256", "https://1.2.3.4.5", "http://[::1", "http://[fe80::1%25eth0]",
        "http://a%00b", "https://x,https://y", "https://" + "a" * 254, "https://" + "a" * 100_000,
        "https://\ud800x",
    ],
    ids=lambda text: repr(text[:30]),
)  # fmt: skip
def test_what_no_browser_sends_is_refused(text):
    assert web_origin(text) is None


@each_of(
    ("text", "patterns"),
    [
        ("", ()),
        (" , ,", ()),
        ("https://x", (OriginPattern("https://", "x"),)),
        (
            " HTTPS://Studio.Example:443 ,http://localhost:3000,",
            (OriginPattern("https://", "studio.example"), OriginPattern("http://", "localhost:3000")),
        ),
        ("https://*.B\u00fccher.example", (OriginPattern("https://", "xn--bcher-kva.example", True),)),
        ("https://*.x.example:8443", (OriginPattern("https://", "x.example:8443", True),)),
        ("http://localhost:*", (OriginPattern("http://", "localhost", False, True),)),
        ("http://[0::1]:*", (OriginPattern("http://", "[::1]", False, True),)),
        ("https://*.x.x:*", (OriginPattern("https://", "x.x", True, True),)),
    ],
)  # fmt: skip
def test_a_list_of_origins_and_patterns_is_read(text, patterns):
    assert origin_patterns(text) == patterns


@each_of(
    "text",
    [
        "*", "null", "https://*", "https://*.", "https://*.:8443", "https://*.*.example", "https://x.*.example", "https://x*.example",
        "*.example", "https://*.127.0.0.1", "https://*.[::1]", "https://x:80:*", "https://x:443:*", "https://x:**",
        "https://x:*/", "https://x/", "https://x y", "*://x", "https://x;https://y", "https://'||true||'",
        "https://x%27", "https://x)%",
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_by_what_is_wrong(text):
    with pytest.raises(ValueError, match="is no origin") as refusal:
        origin_patterns(f"https://good.example, {text}")
    assert repr(text) in str(refusal.value)


@given(st.ip_addresses(v=6), st.integers(0, 65_535))
def test_every_form_of_an_address_is_one_origin(address: ipaddress.IPv6Address, port: int):
    forms = {
        f"http://[{form}]:{port}" for form in (address, address.exploded, str(address).upper())
    }
    assert len({web_origin(form) for form in forms}) == 1


@given(
    st.text(max_size=40)
    | st.from_regex(r"https?://[a-z0-9.:%\[\]\u00e9/@?#-]{1,20}", fullmatch=True)
)
def test_an_origin_is_its_own_serialization(text):
    origin = web_origin(text)
    if origin is not None:
        assert URL(origin).origin == origin == web_origin(origin)
        assert URL(text).origin == origin
        assert URL(text).username == URL(text).search == URL(text).hash == ""
        assert URL(text).pathname == "/"
