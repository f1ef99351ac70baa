"""Files that may hold a secret, and that nothing writes any others."""

from __future__ import annotations

import ast
import os
import stat
from pathlib import Path

import pytest

from conjure.core.private_files import (
    create_private,
    open_private_log,
    private_folder,
    replace_private,
)

SERVER = Path(__file__).parents[3] / "server" / "conjure"
WRITES = {
    "write_text",
    "write_bytes",
    "mkstemp",
    "NamedTemporaryFile",
    "TemporaryFile",
    "touch",
    "fdopen",
}
# What may write by itself, and why that is no secret, or private by itself.
OTHERS = {
    ("kernel/reference_pages.py", "write_text"),  # documents of the repository
    ("settings/table.py", "write_text"),
    ("providers/editor/builtin/grammar_page.py", "write_text"),
    ("providers/objects/folder.py", "open"),  # pictures that anybody may read, in folders of 0700
    ("providers/objects/folder.py", "os.open"),  # a folder, to flush it
    ("cli/world.py", "write_bytes"),  # `world export -o`: the user's own document, by the user's umask
    ("providers/voice/local/speaker.py", "os.open"),  # /dev/null
    ("run/heavy.py", "fdopen"),  # the pipe to its parent
    ("run/embedded_store.py", "os.open"),  # the lock, 0600 and empty
    ("backup/archive.py", "os.open"),  # files of a backup, made anew and as FILE_MODE says; a folder, to flush it
    ("backup/archive.py", "fdopen"),
    ("backup/rebuilding.py", "TemporaryFile"),  # nameless, 0600, and gone when it is closed
}  # fmt: skip


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o177], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
def test_a_file_is_private_whatever_the_umask(tmp_path):
    replace_private(tmp_path / "a", "text \u00e9")
    create_private(tmp_path / "b", b"key")
    open_private_log(tmp_path / "c").close()
    assert [mode(tmp_path / name) & 0o177 for name in "abc"] == [0, 0, 0]
    assert (tmp_path / "a").read_text(encoding="utf-8") == "text \u00e9"


def test_one_that_was_readable_is_private_afterwards(tmp_path):
    for name in "ac":
        (tmp_path / name).write_text("old")
        (tmp_path / name).chmod(0o666)
    replace_private(tmp_path / "a", "new")
    with open_private_log(tmp_path / "c") as log:
        log.write(b" and new")
    assert [mode(tmp_path / name) for name in "ac"] == [0o600, 0o600]
    assert [(tmp_path / name).read_text() for name in "ac"] == ["new", "old and new"]
    (tmp_path / "folder").mkdir(mode=0o755)
    private_folder(tmp_path / "folder")
    assert mode(tmp_path / "folder") == 0o700


def test_who_reads_while_it_is_replaced_keeps_the_old_one(tmp_path):
    path = tmp_path / "a"
    replace_private(path, "old")
    with path.open() as reader:
        replace_private(path, "new")
        assert reader.read() == "old"
    assert path.read_text() == "new"


def test_what_cannot_be_written_leaves_the_old_one_and_nothing_else(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_text("old")
    for path, data, error in (
        (tmp_path / "a", b"x", IsADirectoryError),
        (tmp_path / "a" / "b" / "c", b"x", OSError),
        (tmp_path / "none" / "c", b"x", FileNotFoundError),
        (tmp_path / "a" / "b", "\ud800", UnicodeEncodeError),
    ):
        with pytest.raises(error):
            replace_private(path, data)
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "a" / "b", b"new")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]
    assert (tmp_path / "a" / "b").read_text() == "old"


def test_a_name_of_any_length_and_a_link(tmp_path):
    long = tmp_path / ("\u00e9" * 127)
    replace_private(long, "x")
    (tmp_path / "link").symlink_to(long.name)
    replace_private(tmp_path / "link", "y")
    assert (tmp_path / "link").is_symlink()
    assert long.read_text() == "y"


def writes(path: Path) -> set[str]:
    """The calls in a source that make or fill a file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute | ast.Name):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        texts = [item.value for item in ast.walk(node) if isinstance(item, ast.Constant)]
        if name in WRITES:
            found.add(name)
        elif name == "open" and ast.unparse(node.func) == "os.open":
            found.add("os.open")
        elif name == "open" and any(text in {"w", "wb", "a", "ab", "x", "xb"} for text in texts):
            found.add("open")
    return found


def test_nothing_else_writes_files():
    """A new place that writes one goes through `core/private_files.py`, or says above why it need not."""
    found = {
        (str(path.relative_to(SERVER)), name)
        for path in SERVER.rglob("*.py")
        if "v1" not in path.parts and path.name != "private_files.py"
        for name in writes(path)
    }
    assert found == OTHERS
