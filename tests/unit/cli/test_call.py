"""Which credential `conjure call` sends: the one that the method's scheme asks for."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conjure.cli.call import credential
from conjure.rpc.methods import methods_of, service_descriptors
from conjure.v1 import auth_pb2

METHODS = {
    method.name: method
    for service in service_descriptors()
    for method in methods_of(service, max_request_bytes=0)
}
API_KEY, PUBLIC, SESSION = METHODS["GetWorld"], METHODS["GetHealth"], METHODS["Connect"]
USER = replace(API_KEY, scheme=auth_pb2.SCHEME_USER)
DEV = {
    "secretKey": "sk_test_dev", "userToken": "user.jwt", "worldId": "w-1",
    "grpcTarget": "127.0.0.1:8090", "ports": {"server": 8090, "edgeGrpc": 8091},
}  # fmt: skip


@pytest.fixture
def dev(tmp_path, monkeypatch):
    """A folder in which `conjure dev` runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".conjure").mkdir()
    (tmp_path / ".conjure" / "dev.json").write_text(json.dumps(DEV))


def sent(method, *, key=None, token=None, **fields):
    return credential(method, method.request(**fields), key=key, token=token)


@pytest.mark.usefixtures("dev")
def test_of_a_development_each_method_gets_its_own():
    assert sent(API_KEY) == "sk_test_dev"
    assert sent(USER) == "user.jwt"
    assert sent(PUBLIC) == ""
    assert sent(SESSION, token="session.jwt") == "session.jwt"


def test_without_one_only_what_was_given_is_sent(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert sent(API_KEY) == sent(USER) == sent(PUBLIC) == ""
    assert sent(API_KEY, key="sk_test_mine") == "sk_test_mine"
    assert sent(USER, token="mine.jwt") == "mine.jwt"
    assert sent(PUBLIC, key="sk_test_mine") == ""


@pytest.mark.usefixtures("dev")
@pytest.mark.parametrize(
    ("target", "key"),
    [
        ("127.0.0.1:8090", "sk_test_dev"),
        ("localhost:8091", "sk_test_dev"),
        ("127.0.0.1:9999", ""),
        ("conjure.example:8090", ""),
    ],
)
def test_the_keys_of_a_development_go_to_its_own_server_alone(target, key):
    assert credential(API_KEY, API_KEY.request(), target=target, key=None, token=None) == key


@pytest.mark.usefixtures("dev")
def test_a_token_in_the_request_is_enough():
    request = SESSION.request(token="session.jwt")
    assert credential(SESSION, request, key=None, token=None) == ""


@pytest.mark.usefixtures("dev")
@pytest.mark.parametrize(
    ("method", "given", "said"),
    [
        (SESSION, {}, "SessionService/Connect takes a session token: --token TOKEN"),
        (SESSION, {}, """MintSessionToken -d '{"worldId": "w-1"}'"""),
        (SESSION, {"key": "sk_test_x"}, "takes a session token: --token, not --key"),
        (USER, {"key": "sk_test_x"}, "takes a user token: --token, not --key"),
        (API_KEY, {"token": "a.b.c"}, "takes an API key: --key, not --token"),
    ],
)
def test_the_wrong_one_is_refused_before_it_is_sent(method, given, said, capsys):
    with pytest.raises(SystemExit):
        sent(method, **given)
    assert said in capsys.readouterr().err
