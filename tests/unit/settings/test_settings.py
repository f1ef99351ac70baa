"""Every knob is read from the environment, and refused before it does harm."""

from __future__ import annotations

import typing
from dataclasses import fields, is_dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.edge.config import EdgeConfig
from conjure.settings import UNITS, CapSettings, Settings, SettingsError, ShareSettings
from support.cases import each_of

SECTIONS = {
    item.name: item for item in fields(Settings) if is_dataclass(getattr(Settings(), item.name))
}
KNOBS = [
    (section, knob.name, typing.get_type_hints(type(getattr(Settings(), section)))[knob.name])
    for section in SECTIONS
    for knob in fields(getattr(Settings(), section))
]
VALID = {
    "CONJURE_STORE_URL": "rediss://user:hunter2@store.example:6380/3",
    "CONJURE_RUNTIME_PROVIDER": "none",
    "CONJURE_RUNTIME_REACTOR_URL": "https://reactor.example",
    "CONJURE_AUTH_USER_JWT_SECRET": "s" * 32,
    "CONJURE_AUTH_USER_JWKS_URL": "https://issuer.example/jwks.json",
    "CONJURE_AUTH_USER_JWKS_MAX_AGE_S": "60",
    "CONJURE_AUTH_REVOCATION_LIMIT_S": "0.5",
    "CONJURE_WORLDS_HOLD_S": "90",
    "CONJURE_WATCH_QUEUE": "200",
    "CONJURE_WEBHOOKS_RETRY_AFTER_S": "1,2.5",
    "CONJURE_SERVER_DEADLINE_S": "12",
    "CONJURE_MEMORY_TURN_BYTES": "100000",
    "CONJURE_MEMORY_SUMMARY_CHARS": "2000",
    "CONJURE_STORE_TIMEOUT_S": "1.5",
    "CONJURE_SESSIONS_CLOCK_SKEW_S": "3",
    "CONJURE_TRACING_ENDPOINT": "http://collector.example:4317",
    "CONJURE_TRACING_HEADERS": "authorization=hunter2",
    "CONJURE_LOG_LEVEL": "error",
    "CONJURE_LOG_FORMAT": "text",
    "CONJURE_STORE_CHECK": "warn",
    "CONJURE_EDGE_CALLS": "grpc",
    "CONJURE_EDGE_SOCKETS": "/run/conjure",
    "CONJURE_EDGE_IDLE_S": "90",
    "CONJURE_OPENAI_URL": "http://localhost:11434/v1",
    "CONJURE_AUTHOR_PROVIDER": "openai",
    "CONJURE_AUTHOR_URL": "https://authors.example/v1",
    "CONJURE_EDITOR_PROVIDER": "openai",
    "CONJURE_EDITOR_URL": "https://editors.example/v1",
    "CONJURE_VISION_PROVIDER": "openai",
    "CONJURE_VISION_URL": "https://eyes.example/v1",
    "CONJURE_PICTURES_PROVIDER": "openai",
    "CONJURE_PICTURES_URL": "https://pictures.example/v1",
    "CONJURE_BRAIN_PROVIDER": "openai",
    "CONJURE_BRAIN_URL": "https://minds.example/v1",
    "CONJURE_VOICE_PROVIDER": "openai",
    "CONJURE_VOICE_URL": "https://voices.example/v1",
    "CONJURE_ASSETS_URL": "s3://pictures/of/conjure",
    "CONJURE_ASSETS_PUBLIC_URL": "https://play.example/base",
    "CONJURE_ASSETS_UNNAMED_S": "60",
    "CONJURE_ASSETS_GRACE_S": "60",
    "CONJURE_PLAYER_RUNTIME_CLIENT_URL": "https://cdn.example/client.js",
    "CONJURE_PLAYER_RUNTIME_ORIGINS": "https://*.runtime.example,http://localhost:*",
    "CONJURE_CORS_ORIGINS": "https://studio.example,http://localhost:*",
    "CONJURE_CORS_CONSOLE_ORIGINS": "https://console.example",
}
CLUSTER = {"CONJURE_STORE_CLUSTER": "true"}
MODELS = {
    "CONJURE_AUTHOR_PROVIDER": "openai", "CONJURE_AUTHOR_MODEL": "m",
    "CONJURE_PICTURES_PROVIDER": "openai", "CONJURE_PICTURES_MODEL": "m",
}  # fmt: skip


def variable(section: str, knob: str) -> str:
    return f"CONJURE_{section.upper()}_{knob.upper()}"


# A knob that only makes sense beside others.
BESIDE = {
    "CONJURE_AUTH_USER_JWT_ISSUER": {"CONJURE_AUTH_USER_JWT_SECRET": "s" * 32},
    "CONJURE_AUTHOR_PROVIDER": {"CONJURE_AUTHOR_MODEL": "m"},
    "CONJURE_EDITOR_PROVIDER": {"CONJURE_EDITOR_MODEL": "m"},
    "CONJURE_VISION_PROVIDER": {"CONJURE_VISION_MODEL": "m"},
    "CONJURE_PICTURES_PROVIDER": {"CONJURE_PICTURES_MODEL": "m"},
    "CONJURE_BRAIN_PROVIDER": {"CONJURE_BRAIN_MODEL": "m"},
    "CONJURE_VOICE_PROVIDER": {"CONJURE_VOICE_MODEL": "m"},
    "CONJURE_SERVER_TLS_CERT": {"CONJURE_SERVER_TLS_KEY": "k.pem"},
    "CONJURE_SERVER_TLS_KEY": {"CONJURE_SERVER_TLS_CERT": "c.pem"},
    "CONJURE_SERVER_TLS_CLIENT_CA": {
        "CONJURE_SERVER_TLS_CERT": "c.pem", "CONJURE_SERVER_TLS_KEY": "k.pem",
    },
}  # fmt: skip


def read(**environment: str) -> Settings:
    return Settings.from_environment(environment)


def test_the_defaults_hold():
    Settings().verify()
    assert read() == Settings()


def test_the_default_caps_are_the_contracts():
    caps = CapSettings()
    assert [caps.of(unit) for unit in UNITS] == [50, 200, 7200, 100, 500, 500, 50]
    assert (caps.live_sessions, Settings().sessions.global_live_sessions) == (20, 1000)


@each_of(("section", "knob", "kind"), KNOBS, ids=str)
def test_each_knob_is_read_from_its_variable(section, knob, kind):
    name = variable(section, knob)
    usual = {int: "7", float: "0.7", bool: "true"}.get(kind, "text")
    text = VALID.get(name, usual)
    found = getattr(getattr(read(**BESIDE.get(name, {}), **{name: text}), section), knob)
    assert found == kind(text)
    assert type(found) is kind


@each_of(("section", "knob", "kind"), [knob for knob in KNOBS if knob[2] in (int, float)], ids=str)
@each_of("text", ["", "many", "1,5", "0x10"])
def test_what_is_no_number_is_refused_by_the_name_of_its_variable(section, knob, kind, text):
    name = variable(section, knob)
    with pytest.raises(SettingsError, match=rf"^{name} must be a (whole )?number .*from .* to "):
        read(**{name: text})


MAY_BE_ZERO = {
    ("server", "port"), ("server", "drain_pause_s"), ("sessions", "clock_skew_s"),
    ("metrics", "port"), ("tracing", "ratio"),
    ("rates", "key_per_s"), ("rates", "session_per_s"), ("rates", "failures_per_s"),
    ("heavy", "workers"),  # none: everything on the loop
    ("shares", "address"), ("shares", "key"), ("shares", "app"), ("shares", "reserve"),
    ("store", "wait_replicas"),  # and -1: as the store is
    ("worlds", "softlock_situations"),  # nobody looks for dead ends
    ("assets", "look_s"),  # nothing is ever removed
    ("author", "repairs"),  # what the kernel finds is mended at once
}  # fmt: skip
POSITIVE = [
    knob[:2]
    for knob in KNOBS
    if knob[2] in (int, float) and knob[0] != "caps" and knob[:2] not in MAY_BE_ZERO
]


@each_of(("section", "knob"), POSITIVE, ids=str)
@each_of("text", ["0", "-1"])
def test_a_number_that_cannot_work_is_refused(section, knob, text):
    with pytest.raises(SettingsError, match=variable(section, knob)):
        read(**{variable(section, knob): text})


@each_of(
    ("knob", "text"),
    [
        ("origins", "*,https://x"), ("origins", "null"), ("origins", "https://x/"), ("origins", "x"),
        ("console_origins", "*"), ("console_origins", "https://x;https://y"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_origins_is_refused(knob, text):
    with pytest.raises(SettingsError, match=rf"^{variable('cors', knob)}: .* is no origin"):
        read(**{variable("cors", knob): text})


def test_a_list_of_origins_may_be_empty():
    assert read(CONJURE_CORS_ORIGINS="").cors.origins == ""


@each_of("unit", [*UNITS, "live_sessions"])
def test_a_cap_may_be_zero_and_no_less(unit):
    """Zero turns a feature off."""
    assert read(**{variable("caps", unit): "0"}).caps.of(unit) == 0
    with pytest.raises(SettingsError, match=variable("caps", unit)):
        read(**{variable("caps", unit): "-1"})


@each_of("part", ["address", "key", "app", "reserve"])
@each_of("text", ["-0.1", "1.1", "nan", "inf"])
def test_a_share_is_a_part(part, text):
    with pytest.raises(SettingsError, match=variable("shares", part)):
        read(**{variable("shares", part): text})


@given(st.integers(1, 10_000), *(st.floats(0, 1) for _ in range(4)))
def test_shares_of_any_pool_leave_somebody_something(total, address, key, app, reserve):
    shares = ShareSettings(address=address, key=key, app=app, reserve=reserve)
    parts = {"address": address, "key": key, "app": app}
    for kind, share in shares.of(total).items():
        assert (share > 0) == (parts[kind] > 0)
        assert share <= total
    assert 0 <= shares.reserve_of(total) < total


def test_one_caller_alone_may_have_512_calls_in_progress():
    """As many as `make load` has under way with one key; an app that comes then has its whole share."""
    settings = Settings()
    total = settings.server.max_inflight
    reserve = settings.shares.reserve_of(total)
    assert total - reserve == 512
    assert reserve == settings.shares.of(total)["app"]


@pytest.mark.parametrize("text", ["", "yes", "2"])
def test_what_is_neither_true_nor_false_is_refused(text):
    with pytest.raises(SettingsError, match="CONJURE_STORE_CLUSTER must be true or false"):
        read(CONJURE_STORE_CLUSTER=text)


def test_a_refusal_names_the_variable_that_people_set():
    """`SettingsError`: the text names its variable."""
    unnamed = []
    for section, knob in POSITIVE:
        with pytest.raises(SettingsError) as raised:
            read(**{variable(section, knob): "0"})
        if variable(section, knob) not in str(raised.value):
            unnamed.append(f"{variable(section, knob)}=0: {raised.value}")
    assert not unnamed


@each_of(
    ("environment", "named"),
    [
        ({"CONJURE_STORE_URL": "http://x"}, "CONJURE_STORE_URL"),
        ({"CONJURE_STORE_URL": ""}, "CONJURE_STORE_URL"),
        ({"CONJURE_STORE_URL": "redis://a,redis://b"}, "CONJURE_STORE_URL"),
        (CLUSTER | {"CONJURE_STORE_URL": "redis://a,http://b"}, "CONJURE_STORE_URL"),
        (CLUSTER | {"CONJURE_STORE_URL": "unix:///run/store"}, "CONJURE_STORE_URL"),
        (CLUSTER | {"CONJURE_STORE_URL": "redis://a/1"}, "CONJURE_STORE_URL"),
        (CLUSTER | {"CONJURE_STORE_WAIT_TIMEOUT_S": "2"}, "CONJURE_STORE_WAIT_TIMEOUT_S"),
        ({"CONJURE_STORE_WAIT_REPLICAS": "-2"}, "CONJURE_STORE_WAIT_REPLICAS"),
        ({"CONJURE_STORE_CHECK": "yes"}, "CONJURE_STORE_CHECK"),
        ({"CONJURE_SESSIONS_ISSUER": ""}, "CONJURE_SESSIONS_ISSUER"),
        ({"CONJURE_RUNTIME_PROVIDER": "magic"}, "CONJURE_RUNTIME_PROVIDER"),
        ({"CONJURE_RUNTIME_PROVIDER": "reactor"}, "CONJURE_RUNTIME_REACTOR_API_KEY"),
        ({"CONJURE_AUTHOR_PROVIDER": "magic"}, "CONJURE_AUTHOR_PROVIDER"),
        ({"CONJURE_AUTHOR_PROVIDER": "none"}, "CONJURE_AUTHOR_PROVIDER"),
        ({"CONJURE_VISION_PROVIDER": "builtin"}, "CONJURE_VISION_PROVIDER"),
        ({"CONJURE_EDITOR_PROVIDER": "openai"}, "CONJURE_EDITOR_MODEL"),
        ({"CONJURE_PICTURES_URL": "ftp://x"}, "CONJURE_PICTURES_URL"),
        (
            {"CONJURE_RUNTIME_PROVIDER": "reactor", "CONJURE_RUNTIME_REACTOR_API_KEY": "k"},
            "CONJURE_RUNTIME_REACTOR_MODEL",
        ),
        ({"CONJURE_RUNTIME_REACTOR_URL": "ftp://x"}, "CONJURE_RUNTIME_REACTOR_URL"),
        ({"CONJURE_AUTH_USER_JWT_SECRET": "short"}, "CONJURE_AUTH_USER_JWT_SECRET"),
        ({"CONJURE_RUNTIME_REACTOR_URL": "https://u:hunter2@x"}, "CONJURE_RUNTIME_REACTOR_URL"),
        ({"CONJURE_AUTH_USER_JWT_AUDIENCE": ""}, "CONJURE_AUTH_USER_JWT_AUDIENCE"),
        ({"CONJURE_AUTH_USER_JWT_ISSUER": "i"}, "CONJURE_AUTH_USER_JWKS_URL"),
        ({"CONJURE_AUTH_USER_JWKS_URL": "issuer/jwks.json"}, "CONJURE_AUTH_USER_JWKS_URL"),
        ({"CONJURE_AUTH_USER_JWKS_URL": "https://u:hunter2@x"}, "CONJURE_AUTH_USER_JWKS_URL"),
        (
            {
                "CONJURE_AUTH_USER_JWKS_URL": "https://x",
                "CONJURE_AUTH_USER_JWKS_TIMEOUT_S": "20",
            },
            "CONJURE_AUTH_USER_JWKS_TIMEOUT_S",
        ),
        ({"CONJURE_AUTH_REVOCATION_LIMIT_S": "1"}, "CONJURE_AUTH_REVOCATION_LIMIT_S"),
        ({"CONJURE_LOG_LEVEL": "loud"}, "CONJURE_LOG_LEVEL"),
        ({"CONJURE_LOG_FORMAT": "xml"}, "CONJURE_LOG_FORMAT"),
        ({"CONJURE_TRACING_ENDPOINT": "collector:4317"}, "CONJURE_TRACING_ENDPOINT"),
        ({"CONJURE_TRACING_ENDPOINT": "http://"}, "CONJURE_TRACING_ENDPOINT"),
        ({"CONJURE_TRACING_ENDPOINT": "http://u:hunter2@c:4317"}, "CONJURE_TRACING_HEADERS"),
        ({"CONJURE_TRACING_RATIO": "1.1"}, "CONJURE_TRACING_RATIO"),
        ({"CONJURE_TRACING_HEADERS": "hunter2"}, "CONJURE_TRACING_HEADERS"),
        ({"CONJURE_TRACING_HEADERS": "=hunter2"}, "CONJURE_TRACING_HEADERS"),
        ({"CONJURE_TRACING_HEADERS": "x=1,a b=hunter2"}, "CONJURE_TRACING_HEADERS"),
        ({"CONJURE_TRACING_HEADERS": "x=hunter2\r\ny: z"}, "CONJURE_TRACING_HEADERS"),
        ({"CONJURE_SERVER_PORT": "0", "CONJURE_SERVER_WORKERS": "2"}, "CONJURE_SERVER_PORT"),
        ({"CONJURE_METRICS_PORT": "65535", "CONJURE_SERVER_WORKERS": "2"}, "CONJURE_METRICS_PORT"),
        ({"CONJURE_STORE_TIMEOUT_S": "15"}, "CONJURE_STORE_TIMEOUT_S"),
        ({"CONJURE_ASSETS_URL": ""}, "CONJURE_ASSETS_URL"),
        ({"CONJURE_ASSETS_URL": "file://"}, "CONJURE_ASSETS_URL"),
        ({"CONJURE_ASSETS_URL": "ftp://pictures"}, "CONJURE_ASSETS_URL"),
        ({"CONJURE_ASSETS_URL": "s3:///prefix"}, "CONJURE_ASSETS_URL"),
        ({"CONJURE_ASSETS_URL": "s3://key:hunter2@bucket"}, "CONJURE_ASSETS_URL"),
        ({"CONJURE_ASSETS_URL": "s3://bucket?key=hunter2"}, "CONJURE_ASSETS_URL"),
        ({"CONJURE_ASSETS_PUBLIC_URL": "/base"}, "CONJURE_ASSETS_PUBLIC_URL"),
        ({"CONJURE_ASSETS_PUBLIC_URL": ""}, "CONJURE_ASSETS_PUBLIC_URL"),
        ({"CONJURE_ASSETS_PUBLIC_URL": "https://play.example/?x"}, "CONJURE_ASSETS_PUBLIC_URL"),
        ({"CONJURE_PLAYER_RUNTIME_CLIENT_URL": "client.js"}, "CONJURE_PLAYER_RUNTIME_CLIENT_URL"),
        ({"CONJURE_PLAYER_RUNTIME_ORIGINS": "*"}, "CONJURE_PLAYER_RUNTIME_ORIGINS"),
        (
            {"CONJURE_PLAYER_RUNTIME_ORIGINS": "https://a.example/; x"},
            "CONJURE_PLAYER_RUNTIME_ORIGINS",
        ),
        ({"CONJURE_ASSETS_GRACE_S": "10"}, "CONJURE_ASSETS_GRACE_S"),
        ({"CONJURE_WORLDS_HOLD_S": "15"}, "CONJURE_WORLDS_HOLD_S"),
        (MODELS | {"CONJURE_PICTURES_COVER_S": "20"}, "CONJURE_SERVER_MODEL_DEADLINE_S"),
        (MODELS | {"CONJURE_JOBS_ATTEMPT_S": "115"}, "CONJURE_JOBS_ATTEMPT_S"),
        (
            {"CONJURE_SERVER_WORKERS": "2", "CONJURE_SERVER_DRAIN_PAUSE_S": "2.9"},
            "CONJURE_SERVER_DRAIN_PAUSE_S",
        ),
        (
            {"CONJURE_SERVER_WORKERS": "2", "CONJURE_EDGE_HEALTH_INTERVAL_S": "1.1"},
            "CONJURE_SERVER_DRAIN_PAUSE_S",
        ),
    ],
    ids=lambda item: list(item)[-1] if isinstance(item, dict) else "",
)
def test_values_and_combinations_that_cannot_work(environment, named):
    with pytest.raises(SettingsError, match=named):
        read(**environment)


def test_values_that_would_only_fail_later_are_refused_at_once():
    """Verified before a socket opens (the module's promise)."""
    taken = []
    for name, text in (
        ("CONJURE_SERVER_PORT", "65536"),
        ("CONJURE_SERVER_PORT", "-1"),
        ("CONJURE_METRICS_PORT", "-1"),
        ("CONJURE_METRICS_PORT", "65536"),
        ("CONJURE_TRACING_RATIO", "-0.1"),
        ("CONJURE_TRACING_RATIO", "nan"),
        ("CONJURE_SESSIONS_CLOCK_SKEW_S", "-1"),
        ("CONJURE_SESSIONS_CLOCK_SKEW_S", "6"),  # CONTRACT 6.1: no leeway beyond 5 s
        ("CONJURE_SERVER_DEADLINE_S", "nan"),
        ("CONJURE_STORE_RECOVERY_S", "inf"),
    ):
        try:
            read(**{name: text})
        except SettingsError:
            continue
        taken.append(f"{name}={text}")
    assert not taken


def test_writes_wait_for_a_replica_on_a_cluster_and_nowhere_else_unless_told():
    assert read().store.replicas == 0
    cluster = CLUSTER | {"CONJURE_STORE_URL": "redis://a, rediss://b:7000"}
    assert read(**cluster).store.replicas == 1
    assert read(**cluster).store.urls == ("redis://a", "rediss://b:7000")
    assert read(**cluster, CONJURE_STORE_WAIT_REPLICAS="0").store.replicas == 0
    assert read(CONJURE_STORE_WAIT_REPLICAS="2").store.replicas == 2


def test_secrets_stay_out_of_repr_and_of_refusals():
    environment = {
        "CONJURE_STORE_URL": "redis://user:hunter2@store/0",
        "CONJURE_RUNTIME_REACTOR_API_KEY": "rk_hunter2",
        "CONJURE_AUTH_USER_JWT_SECRET": "hunter2" * 6,
        "CONJURE_TRACING_HEADERS": "authorization=hunter2",
    }
    assert "hunter2" not in repr(read(**environment))
    with pytest.raises(SettingsError) as raised:
        read(**environment | {"CONJURE_STORE_URL": "ftp://user:hunter2@store"})
    assert "hunter2" not in str(raised.value)


def test_a_secret_may_be_absent_but_not_weak():
    settings = Settings()
    settings.verify()
    with pytest.raises(SettingsError):
        replace(settings, auth=replace(settings.auth, user_jwt_secret="x" * 31)).verify()
    replace(settings, auth=replace(settings.auth, user_jwt_secret="\u00e9" * 16)).verify()


@pytest.mark.parametrize(
    "key",
    [
        f"-----BEGIN PUBLIC KEY-----\n{'A' * 64}\n-----END PUBLIC KEY-----",
        f"ssh-rsa {'A' * 64}",
        '{"kty":"oct","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}',
    ],
)
def test_a_key_is_no_secret(key):
    """PyJWT refuses it at each user's call, which then were an internal error."""
    settings = Settings()
    with pytest.raises(
        SettingsError, match="CONJURE_AUTH_USER_JWT_SECRET must be a shared secret"
    ) as raised:
        replace(settings, auth=replace(settings.auth, user_jwt_secret=key)).verify()
    assert key not in str(raised.value)


def test_a_worker_leaves_only_when_edges_have_noticed():
    """Two intervals and a timeout: one check may be lost. The edge's own defaults are the same numbers."""
    settings = Settings()
    assert settings.edge.notice_s == pytest.approx(3.0)
    assert settings.server.drain_pause_s >= settings.edge.notice_s
    edge = EdgeConfig(upstreams=(("127.0.0.1", 1),))
    assert edge.health_interval_s == settings.edge.health_interval_s
    assert edge.health_timeout_s == settings.edge.health_timeout_s
    quick = {"CONJURE_EDGE_HEALTH_INTERVAL_S": "0.2", "CONJURE_EDGE_HEALTH_TIMEOUT_S": "0.1"}
    read(CONJURE_SERVER_WORKERS="2", CONJURE_SERVER_DRAIN_PAUSE_S="0.5", **quick)
    read(CONJURE_SERVER_DRAIN_PAUSE_S="0")  # alone behind an edge, it is missed in any case
