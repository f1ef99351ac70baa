"""The documents are what they say: links lead somewhere, sections that comments name exist, lines can be read."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml

from support.cases import each_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
PROSE_COLUMNS: Final = 120
README_WORDS: Final = 1500
# A changelog keeps its lines; the other two are generated from the code.
ANY_WIDTH: Final = frozenset(("CHANGELOG.md", "OPS.md", "LINTS.md", "GRAMMAR.md"))
# The documents whose numbers comments refer to, by the word that stands before the number.
NUMBERED: Final = {
    "CONTRACT": ROOT / "protos/CONTRACT.md",
    "ARCHITECTURE": ROOT / "server/ARCHITECTURE.md",
}
# What the project was designed by, which nobody else has.
_ELSEWHERE: Final = frozenset(("DESIGN", "LAYOUT", "STYLE"))
_GENERATED: Final = ROOT / "server/conjure/v1"
_NOT_OURS: Final = frozenset(("build", "dist", "node_modules"))
_COMMENTED: Final = (".py", ".lua", ".proto", ".yaml", ".md")
_HEADING: Final = re.compile(r"^#{1,6} (.+?)\s*$", re.MULTILINE)
_LINK: Final = re.compile(r"(?<!`)\[[^\]\n]*(?:\n[^\]\n]*)?\]\(([^)\s]+)\)")
_NUMBER: Final = r"\d+(?:\.\d+)*"
# "CONTRACT 0, 6.2", "CONTRACT sections 9 and 10", "CONTRACT.md, section 9".
_REFERENCE: Final = re.compile(
    rf"\b([A-Z]{{4,}})(?:\.md,)? (?:sections? )?({_NUMBER}(?:(?:, | and )(?=\d){_NUMBER})*)(?![\w-])"
)


def files(*endings: str) -> list[Path]:
    """The files of the repository with one of these endings, without what is installed or made.

    What begins with a dot is a tool's: environments, caches, data.
    """

    def is_ours(path: Path) -> bool:
        parts = path.relative_to(ROOT).parts
        is_hidden = any(part.startswith(".") for part in parts)
        return not is_hidden and not _NOT_OURS & set(parts) and _GENERATED not in path.parents

    return sorted(
        path
        for path in ROOT.rglob("*")
        if path.suffix in endings and path.is_file() and is_ours(path)
    )


DOCUMENTS: Final = files(".md")


def without_code(text: str) -> str:
    """A text with its fenced blocks empty, so that line numbers stay."""
    return re.sub(
        r"^ *```.*?^ *```",
        lambda found: "\n" * found[0].count("\n"),
        text,
        flags=re.MULTILINE | re.DOTALL,
    )


def anchors(document: Path) -> set[str]:
    """What a link may name in a document, as GitHub makes it from headings."""
    found: set[str] = set()
    seen: Counter[str] = Counter()
    for heading in _HEADING.findall(without_code(document.read_text())):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*]", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
        seen[anchor] += 1
    return found


def sections(document: Path) -> set[str]:
    """The numbers of its headings."""
    headings = _HEADING.findall(document.read_text())
    return {found[1] for heading in headings if (found := re.match(rf"({_NUMBER})\.? ", heading))}


def references(text: str) -> Iterator[tuple[str, str]]:
    """Each document with each number that a text names of it."""
    for word, numbers in _REFERENCE.findall(text):
        for number in re.findall(_NUMBER, numbers):
            yield word, number


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def checklists() -> dict[str, str]:
    """Those of CONTRIBUTING.md, by what is added."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    whole = text[text.index("## Checklists") : text.index("## The drill")]
    return {part.partition("\n")[0]: part for part in whole.split("\n### ")[1:]}


def test_the_readme_is_read_in_some_minutes():
    """Whatever needs more words has a page of its own."""
    assert len((ROOT / "README.md").read_text().split()) <= README_WORDS


@each_of("document", DOCUMENTS, ids=named)
def test_prose_is_narrow_enough_to_read(document):
    """Lines of prose end at 120 columns; tables and code may be wider."""
    if document.name in ANY_WIDTH:
        return
    lines = enumerate(without_code(document.read_text()).splitlines(), 1)
    assert [
        at for at, line in lines if len(line) > PROSE_COLUMNS and not line.lstrip().startswith("|")
    ] == []


@each_of("document", DOCUMENTS, ids=named)
def test_every_link_leads_somewhere(document):
    """To a file that is there, and to a heading in it."""
    broken = []
    for target in _LINK.findall(without_code(document.read_text())):
        if re.match(r"[a-z]+:", target):
            continue  # another host's business
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def test_sections_that_comments_name_exist():
    """`CONTRACT 6.2` is a heading of protos/CONTRACT.md."""
    there = {word: sections(document) for word, document in NUMBERED.items()}
    assert [
        f"{named(path)}: {word} {number}"
        for path in files(*_COMMENTED)
        for word, number in references(path.read_text())
        if word in there and number not in there[word]
    ] == []


def test_comments_name_documents_that_are_here():
    """A reader can follow every reference."""
    assert [
        f"{named(path)}: {word} {number}"
        for path in files(*_COMMENTED)
        for word, number in references(path.read_text())
        if word in _ELSEWHERE
    ] == []


def test_checklists_are_followed_by_paths_that_are_there():
    """A path from the root; `<tag>` and the like stand for some name, of which there is one at least."""
    lists = checklists()
    paths = [
        (name, path)
        for name, text in lists.items()
        for path in re.findall(r"`((?:server|tests|protos|edge)/[\w/.<>*-]+)`", text)
    ]
    assert len(paths) > 30
    assert [
        f"{name}: {path}"
        for name, path in paths
        if not any(ROOT.glob(re.sub(r"<\w+>", "*", path.rstrip("/"))))
    ] == []


def test_every_alert_has_a_section_in_operations():
    """Whoever is woken finds what it means and what to do."""
    rules = yaml.safe_load((ROOT / "edge/alerts.yaml").read_text())
    alerts = [rule["alert"] for group in rules["groups"] for rule in group["rules"]]
    headings = _HEADING.findall((ROOT / "server/OPERATIONS.md").read_text())
    assert alerts
    assert [alert for alert in alerts if alert not in headings] == []


@each_of(
    ("text", "found"),
    [
        ("(CONTRACT 6.2)", [("CONTRACT", "6.2")]),
        ("CONTRACT 0, 6.2, RFC 9110 13.1", [("CONTRACT", "0"), ("CONTRACT", "6.2")]),
        ("CONTRACT sections 9 and 10.", [("CONTRACT", "9"), ("CONTRACT", "10")]),
        ("(CONTRACT.md, section 9).", [("CONTRACT", "9")]),
        ("of ARCHITECTURE 5: ratios", [("ARCHITECTURE", "5")]),
        ("CONTRACT_CODES = 5", []),
    ],
)
def test_references_are_found_as_people_write_them(text, found):
    """One that is not seen would not be checked."""
    assert list(references(text)) == found


def test_what_stands_in_a_block_of_code_is_no_prose():
    """And a link in it leads nowhere."""
    assert without_code("a\n```sh\n# [x](y)\n```\nb").splitlines() == ["a", "", "", "", "b"]
