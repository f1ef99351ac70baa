"""What `make release VERSION=X.Y.Z` asks of a commit before it builds it; the steps are in CONTRIBUTING, "A release".

`python tests/release check X.Y.Z` ends with 1 and says why when the commit cannot be that release.
`python tests/release before X.Y.Z` prints the tag of the release before, whose protos it must not break.
`python tests/release next X.Y.Z` prints what was built, and what is left to do.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNRELEASED = "## [Unreleased]"
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_HEADING = re.compile(r"^## \[(.+?)\](?: - (\d{4}-\d{2}-\d{2}))?$", re.MULTILINE)
_PACKAGE = re.compile(r'^__version__ = "(.+?)"', re.MULTILINE)


def parts(version: str) -> tuple[int, ...]:
    """A version as numbers, to be compared; empty when it is none."""
    found = _VERSION.fullmatch(version)
    return tuple(int(part) for part in found.groups()) if found else ()


def package_version(root: Path) -> str:
    """What the package says that it is."""
    found = _PACKAGE.search((root / "server/conjure/__init__.py").read_text())
    return found[1] if found else ""


def headings(root: Path) -> list[tuple[str, str]]:
    """The versions of the changelog with their days, newest first; no day where none is given."""
    return _HEADING.findall((root / "CHANGELOG.md").read_text())


def git(root: Path, *arguments: str) -> str:
    """The output of a command. Raises CalledProcessError."""
    return subprocess.run(
        ["git", *arguments], cwd=root, check=True, text=True, stdout=subprocess.PIPE
    ).stdout


def tags(root: Path) -> dict[tuple[int, ...], str]:
    """The tags of releases that this commit comes after, by their numbers."""
    merged = git(root, "tag", "--list", "v*", "--merged", "HEAD").split()
    return {numbers: tag for tag in merged if (numbers := parts(tag.removeprefix("v")))}


def before(root: Path, version: str) -> str:
    """The tag of the release before; empty for a first one."""
    found = tags(root)
    older = [numbers for numbers in found if numbers < parts(version)]
    return found[max(older)] if older else ""


def faults(root: Path, version: str) -> list[str]:
    """Why the commit cannot be released as this version."""
    if not parts(version):
        return [f"VERSION={version!r} is no version: X.Y.Z"]
    found = []
    if changed := git(root, "status", "--porcelain"):
        found.append(f"the tree is not clean:\n{changed.rstrip()}")
    if (package := package_version(root)) != version:
        found.append(f"server/conjure/__init__.py says {package}")
    there = headings(root)
    if (UNRELEASED[4:-1], "") not in there[:1]:
        found.append(f"CHANGELOG.md does not begin with {UNRELEASED}, for what comes after")
    elif unreleased(root):
        found.append("CHANGELOG.md has lines under Unreleased: they belong to this release")
    if [(name, bool(day)) for name, day in there[1:2]] != [(version, True)]:
        found.append(f"CHANGELOG.md's newest section is not '## [{version}] - YYYY-MM-DD'")
    if git(root, "tag", "--list", f"v{version}").strip():
        found.append(f"v{version} is a tag already")
    if newer := [tag for numbers, tag in tags(root).items() if numbers > parts(version)]:
        found.append(f"it would come after {', '.join(newer)}")
    return found


def unreleased(root: Path) -> str:
    """What stands between the heading Unreleased and the next one."""
    text = (root / "CHANGELOG.md").read_text().partition(UNRELEASED)[2]
    return text[: found.start() if (found := _HEADING.search(text)) else None].strip()


def next_steps(root: Path, version: str) -> str:
    """The hashes of what was built for a version, and the commands that publish it."""
    built = sorted(path for path in (root / "dist").glob(f"*-{version}*") if path.is_file())
    hashes = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in built]
    return "\n".join(
        [
            "",
            *hashes,
            "",
            "Next (CONTRIBUTING, A release):",
            f'  git tag -a v{version} -m "Conjure {version}"',
        ]
    )


def main() -> int:
    """Reads the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("check", "before", "next"))
    parser.add_argument("version")
    arguments = parser.parse_args()
    version = arguments.version
    if arguments.step == "before":
        print(before(ROOT, version))
    elif arguments.step == "next":
        print(next_steps(ROOT, version))
    elif found := faults(ROOT, version):
        print(f"this commit cannot be {version or 'a release'}:")
        print("\n".join(f"- {fault}" for fault in found))
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
