"""What `make release` refuses, and that this repository's changelog and version agree between releases too."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from conjure import __version__
from release.__main__ import before, faults, headings, next_steps, package_version, parts

ROOT = Path(__file__).parents[3]
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.10.0] - 2026-12-01\n\n- More.\n\n## [1.9.0] - 2026-11-30\n"


def git(root: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments],
        cwd=root, check=True, capture_output=True,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull},  # nobody's hooks and signatures
    )  # fmt: skip


@pytest.fixture
def root(tmp_path) -> Path:
    """A repository whose last commit is ready to be 1.10.0, after 1.9.0 and 1.2.0."""
    (tmp_path / "server/conjure").mkdir(parents=True)
    (tmp_path / "server/conjure/__init__.py").write_text('__version__ = "1.10.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    git(tmp_path, "init", "--quiet")
    for tag in ("v1.2.0", "v1.9.0", "other", None):
        git(tmp_path, "add", "--all")
        git(tmp_path, "commit", "--quiet", "--allow-empty", "-m", "a change")
        if tag:
            git(tmp_path, "tag", "-a", tag, "-m", tag)
    return tmp_path


def test_a_commit_that_is_ready_has_no_faults(root):
    """And it is compared with the release before it, by number and not by name."""
    assert faults(root, "1.10.0") == []
    assert before(root, "1.10.0") == "v1.9.0"
    assert before(root, "1.2.0") == ""


@pytest.mark.parametrize("version", ["", "1.10", "v1.10.0", "1.10.0 ", "../1.10.0"])
def test_a_version_is_three_numbers(root, version):
    (said,) = faults(root, version)
    assert "is no version" in said


def test_what_is_not_committed_is_not_released(root):
    """What is built would be no commit's."""
    (root / "new.py").touch()
    (said,) = faults(root, "1.10.0")
    assert said.startswith("the tree is not clean")
    assert "new.py" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("## [1.10.0] - 2026-12-01", "## [1.10.0]", "newest section is not"),
        ("## [1.10.0] - 2026-12-01\n", "", "newest section is not"),
        ("## [Unreleased]\n\n", "", "does not begin with ## [Unreleased]"),
        ("[Unreleased]\n", "[Unreleased]\n\n### Added\n\n- Forgotten.\n", "lines under Unreleased"),
    ],
)
def test_the_changelog_has_a_section_with_a_day_and_room_for_what_comes(root, old, new, said):
    (root / "CHANGELOG.md").write_text(CHANGELOG.replace(old, new, 1))
    git(root, "commit", "--quiet", "--all", "-m", "an odd changelog")
    assert any(said in fault for fault in faults(root, "1.10.0"))


def test_the_package_says_the_same_version(root):
    (root / "server/conjure/__init__.py").write_text('__version__ = "1.9.0"\n')
    git(root, "commit", "--quiet", "--all", "-m", "not bumped")
    assert faults(root, "1.10.0") == ["server/conjure/__init__.py says 1.9.0"]


def test_a_tag_is_set_once_and_the_next_one_is_newer(root):
    git(root, "tag", "v1.10.0")
    assert faults(root, "1.10.0") == ["v1.10.0 is a tag already"]
    git(root, "tag", "--delete", "v1.10.0")
    git(root, "tag", "v1.11.0")
    assert faults(root, "1.10.0") == ["it would come after v1.11.0"]


def test_what_was_built_is_told_by_its_hash(root):
    """Of this version alone: the folder keeps what was built before."""
    (root / "dist").mkdir()
    for name in ("conjure-1.9.0.tar.gz", "conjure-1.10.0.tar.gz"):
        (root / "dist" / name).write_bytes(b"")
    said = next_steps(root, "1.10.0")
    assert re.findall(r"^([0-9a-f]{64})  (\S+)$", said, re.MULTILINE) == [
        (
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "conjure-1.10.0.tar.gz",
        )
    ]
    assert "git tag -a v1.10.0" in said


def test_the_changelog_of_this_repository_is_in_step_with_the_package():
    """Its newest section is the package's version, and there is always one for what comes after."""
    (first, day), *released = headings(ROOT)
    assert (first, day) == ("Unreleased", "")
    assert released[0][0] == __version__ == package_version(ROOT)
    versions = [parts(version) for version, _ in released]
    days = [day for _, day in released]
    assert all(versions)
    assert all(days)
    assert versions == sorted(versions, reverse=True)
    assert days == sorted(days, reverse=True)
