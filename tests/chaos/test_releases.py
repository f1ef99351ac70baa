"""Which release an upgrade begins with, in clones that have tags, or a history, or neither."""

from __future__ import annotations

import os
import subprocess

import pytest

from support.chaos.releases import NoRelease, found

AS_SOMEBODY = {
    f"GIT_{who}_{what}": "somebody@example.com"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}


class Clone:
    """A repository whose commits differ in their version."""

    def __init__(self, root):
        self.root = root
        self.git("init", "--quiet")

    def git(self, *arguments):
        done = subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            env={**os.environ, **AS_SOMEBODY}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self, version, *, tag=None):
        (self.root / "pyproject.toml").write_text(f'[project]\nversion = "{version}"\n')
        self.git("add", "-A")
        self.git("commit", "--quiet", "--allow-empty", "-m", version)
        if tag:
            self.git("tag", "-m", tag, tag)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def clone(tmp_path, monkeypatch) -> Clone:
    monkeypatch.delenv("CHAOS_FROM", raising=False)
    return Clone(tmp_path)


def test_it_is_the_newest_tag_before_what_is_tested(clone):
    clone.commit("0.9.0", tag="v0.9.0")
    tenth = clone.commit("0.10.0", tag="v0.10.0")
    clone.commit("0.10.0")  # under development, before its version is raised
    assert found(clone.root) == ("v0.10.0", tenth)
    clone.commit("0.11.0", tag="v0.11.0")
    assert found(clone.root) == ("v0.10.0", tenth), "a release is upgraded to from the one before"


def test_a_tag_of_another_branch_is_none_before(clone):
    first = clone.commit("0.9.0", tag="v0.9.0")
    clone.git("checkout", "--quiet", "-b", "other")
    clone.commit("0.9.1", tag="v0.9.1")
    clone.git("checkout", "--quiet", "-")
    clone.commit("0.10.0")
    assert found(clone.root) == ("v0.9.0", first)


def test_without_tags_it_is_the_last_commit_of_another_version(clone):
    clone.commit("0.8.0")
    clone.commit("0.9.0")
    clone.commit("0.9.0")
    (clone.root / "more").write_text("more")
    last = clone.git("log", "-1", "--format=%H", "--", "pyproject.toml")
    clone.commit("0.10.0")
    assert found(clone.root) == ("0.9.0", last)


def test_a_ref_may_be_named(clone, monkeypatch):
    first = clone.commit("0.9.0")
    clone.commit("0.10.0", tag="v0.10.0")
    monkeypatch.setenv("CHAOS_FROM", "HEAD~1")
    assert found(clone.root) == ("HEAD~1", first)


def test_without_a_history_there_is_none(clone, tmp_path):
    clone.commit("0.9.0")
    with pytest.raises(NoRelease, match="set CHAOS_FROM"):
        found(clone.root)


def test_without_git_there_is_none(clone, monkeypatch):
    clone.commit("0.9.0")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoRelease, match="git is not there"):
        found(clone.root)


def test_outside_of_a_repository_there_is_none(tmp_path, monkeypatch):
    monkeypatch.delenv("CHAOS_FROM", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(NoRelease, match="git rev-parse"):
        found(tmp_path)
