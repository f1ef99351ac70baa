"""`conjure certs`: what it writes, and that it never replaces or gives away a key."""

from __future__ import annotations

import datetime as dt
import stat

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from conjure.edge.config import EdgeConfig
from conjure.edge.render import render
from conjure.edge.tls import ListenerTls, UpstreamTls
from support.cli import Conjure


@pytest.fixture(scope="module")
async def made(stack, tmp_path_factory):
    """The command line, and the folder that it wrote into."""
    folder = tmp_path_factory.mktemp("certificates")
    conjure = Conjure(stack, folder)
    code, _, errors = await conjure.cold(
        "certs", "tls", "--days", "7", "--edge-name", "play.example"
    )
    assert (code, errors) == (0, "")
    return conjure, folder / "tls"


def certificate(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


async def test_a_set_is_complete_short_lived_and_of_one_authority(made):
    _, folder = made
    ca = certificate(folder / "ca.pem")
    for role, purpose in (
        ("edge", ExtendedKeyUsageOID.SERVER_AUTH),
        ("server", ExtendedKeyUsageOID.SERVER_AUTH),
        ("edge-client", ExtendedKeyUsageOID.CLIENT_AUTH),
        ("client", ExtendedKeyUsageOID.CLIENT_AUTH),
    ):
        found = certificate(folder / f"{role}.pem")
        found.verify_directly_issued_by(ca)
        key = load_pem_private_key((folder / f"{role}-key.pem").read_bytes(), None)
        assert key.public_key() == found.public_key()
        assert list(found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
            purpose
        ]
        lasts = found.not_valid_after_utc - dt.datetime.now(dt.UTC)
        assert dt.timedelta(days=6) < lasts <= dt.timedelta(days=7)
    names = certificate(folder / "edge.pem").extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert names.value.get_values_for_type(x509.DNSName) == ["localhost", "play.example"]


async def test_keys_are_private_out_of_git_and_the_authoritys_is_nowhere(made):
    _, folder = made
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    keys = sorted(path.name for path in folder.iterdir() if b"PRIVATE" in path.read_bytes())
    assert keys == ["client-key.pem", "edge-client-key.pem", "edge-key.pem", "server-key.pem"]
    for name in keys:
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert (folder / ".gitignore").read_text() == "*\n"


async def test_nothing_is_replaced(made):
    conjure, folder = made
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    code, _, errors = await conjure("certs", "tls")
    assert code == 2
    assert "exists; choose another directory" in errors
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("half", "said"),
    [
        ({"listener_tls": ListenerTls("edge.pem", "")}, "go together"),
        ({"listener_tls": ListenerTls("", "", grpc_client_ca="ca.pem")}, "go together"),
        ({"upstream_tls": UpstreamTls("ca.pem", cert="client.pem")}, "go together"),
        ({"upstream_tls": UpstreamTls("", name="server")}, "checked against a CA"),
    ],
)
def test_half_of_tls_is_refused(half, said):
    with pytest.raises(ValueError, match=said):
        render(EdgeConfig(upstreams=(("127.0.0.1", 1),), **half))


async def test_a_certificate_that_is_not_there_is_one_line(made):
    conjure, _ = made
    arguments = ("--tls-cert", "tls/edge.pem", "--tls-key", "nowhere.pem")
    code, _, errors = await conjure("edge", "--validate", *arguments)
    assert code == 2
    assert "nowhere.pem" in errors


async def test_the_edge_with_tls_on_both_sides_is_valid(made):
    conjure, _ = made
    code, output, _ = await conjure(
        "edge", "--validate", "--upstream", "server:8090", "--upstream", "10.0.0.7:8090",
        "--tls-cert", "tls/edge.pem", "--tls-key", "tls/edge-key.pem",
        "--rest-client-ca", "tls/ca.pem", "--grpc-client-ca", "tls/ca.pem",
        "--upstream-ca", "tls/ca.pem", "--upstream-cert", "tls/edge-client.pem",
        "--upstream-key", "tls/edge-client-key.pem",
    )  # fmt: skip
    assert code == 0
    assert "is valid" in output


async def test_a_server_does_not_start_with_another_ones_key(made):
    conjure, folder = made
    code, _, errors = await conjure.cold(
        "serve",
        CONJURE_SERVER_PORT="0",
        CONJURE_SERVER_TLS_CERT=str(folder / "server.pem"),
        CONJURE_SERVER_TLS_KEY=str(folder / "edge-key.pem"),
    )
    assert code == 2
    assert "CONJURE_SERVER_TLS_" in errors.splitlines()[-1]
