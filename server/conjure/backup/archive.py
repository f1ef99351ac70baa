"""A backup in a folder: the snapshots, the assets, and the manifest that says it is whole.

    DIR/node-1.rdb …     what each server of the store had, an RDB file
    DIR/assets/ab/cd/…   the pictures, as an engine keeps them
    DIR/assets.txt       which, one a line: `<sha256>.<extension> <bytes>`
    DIR/backup.json      the manifest: written last, as a whole

A folder without a manifest is no backup. The manifest has the SHA-256 of every file, and its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from conjure.assets.names import read_file_name
from conjure.assets.safekeeping import Kept
from conjure.backup.errors import BackupError
from conjure.core.private_files import FILE_MODE, FOLDER_MODE, replace_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT: Final = 1
"""Of the folder. A restore refuses a newer one."""
MANIFEST: Final = "backup.json"
ASSETS: Final = "assets"
ASSET_LIST: Final = "assets.txt"
_NODE: Final = re.compile(r"node-[0-9]{1,6}\.rdb")
_MOST: Final = 999_999
_MOST_DIGITS: Final = 16
_PIECE_BYTES: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class NodeFile:
    """The snapshot of one server; `slots`: those that it had, first and last, both included."""

    file: str
    bytes: int
    sha256: str
    slots: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class AssetFiles:
    """The assets in a backup. `missing`: names whose objects were not there when it was made."""

    count: int
    bytes: int
    sha256: str
    """Of the list of them."""
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is and has."""

    id: str
    created: str
    conjure: str
    store: str
    """Name and version of the server that wrote the snapshots."""
    store_format: int
    """How Conjure's data is laid out in it."""
    cluster: bool
    database: int
    nodes: tuple[NodeFile, ...]
    assets: AssetFiles | None
    """None: it was made without."""
    format: int = FORMAT


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Makes a backup of a folder, once all that it names is on disk. Raises OSError."""
    members = asdict(manifest)
    text = orjson.dumps(
        {**members, "sha256": _sum_of(members)},
        option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE,
    )
    replace_private(directory / MANIFEST, text)
    flush(directory / MANIFEST)
    flush(directory)
    with contextlib.suppress(PermissionError):  # a folder in which one may write, and not look
        flush(directory.absolute().parent)


def read_manifest(directory: Path) -> Manifest:
    """Reads a manifest. Raises BackupError when there is none, or not one that can be read here."""
    path = directory / MANIFEST
    try:
        members = orjson.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise BackupError(
            f"{directory} is no backup: it has no {MANIFEST}, which is written last"
        ) from error
    except (OSError, ValueError) as error:
        raise BackupError(f"{path} cannot be read: {error}") from error
    if not isinstance(members, dict):
        raise BackupError(f"{path} is damaged")
    version = members.get("format")
    if isinstance(version, int) and version > FORMAT:
        raise BackupError(
            f"{directory} is a backup of format {version}, of a newer Conjure; this one reads up to {FORMAT}"
        )
    told = members.pop("sha256", None)
    if told != _sum_of(members):
        raise BackupError(f"{path} is damaged: it is not as it was written")
    try:
        return _manifest(members)
    except (KeyError, TypeError, ValueError) as error:
        raise BackupError(f"{path} is damaged: {error!r}") from error


def _manifest(members: dict[str, Any]) -> Manifest:
    """Raises KeyError, TypeError, ValueError; whoever edits a manifest can reckon its sum anew."""
    nodes = tuple(_node(node) for node in members["nodes"])
    assets = members["assets"]
    if assets is not None:
        assets = AssetFiles(**{**assets, "missing": tuple(assets["missing"])})
        _require(assets.sha256, str)
        _require(assets.count, int)
        _require(assets.bytes, int)
        for name in assets.missing:
            _require(name, str)
    manifest = Manifest(**{**members, "nodes": nodes, "assets": assets})
    for text in (manifest.id, manifest.created, manifest.conjure, manifest.store):
        _require(text, str)
    _require(manifest.cluster, bool)
    for number, least in ((manifest.format, 1), (manifest.store_format, 1), (manifest.database, 0)):
        _require(number, int)
        if not least <= number <= _MOST:
            raise ValueError(number)
    if not nodes or len({node.file for node in nodes}) < len(nodes):
        raise ValueError("no snapshot, or one twice")
    return manifest


def _node(members: dict[str, Any]) -> NodeFile:
    slots = tuple((first, last) for first, last in members["slots"])
    node = NodeFile(members["file"], members["bytes"], members["sha256"], slots)
    _require(node.bytes, int)
    _require(node.sha256, str)
    for slot in (number for bounds in slots for number in bounds):
        _require(slot, int)
    if _NODE.fullmatch(node.file) is None:
        raise ValueError(f"no name of a snapshot: {node.file[:80]}")
    return node


def _require(value: object, kind: type) -> None:
    if type(value) is not kind:
        raise TypeError(f"{str(value)[:80]!r} is no {kind.__name__}")


def _sum_of(members: dict[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(members, option=orjson.OPT_SORT_KEYS)).hexdigest()


def verify(directory: Path, manifest: Manifest) -> None:
    """Reads every file of a backup. Raises BackupError at the first that is not as it was written."""
    for node in manifest.nodes:
        _verify_file(directory / node.file, node.sha256, node.bytes)
    if manifest.assets is not None:
        _verify_file(directory / ASSET_LIST, manifest.assets.sha256)
        for kept in asset_list(directory):
            _verify_file(directory / ASSETS / kept.name, kept.sha256, kept.bytes)


def asset_list(directory: Path) -> Iterator[Kept]:
    """The assets of a backup. Raises BackupError, OSError."""
    with (directory / ASSET_LIST).open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            name, _, size = line.rstrip("\n").partition(" ")
            found = read_file_name(name)
            if found is None or not (
                size.isascii() and size.isdecimal() and len(size) < _MOST_DIGITS
            ):
                raise BackupError(f"{directory / ASSET_LIST} is damaged")
            yield Kept(*found, int(size))


def asset_line(kept: Kept) -> str:
    """How the list of assets says one."""
    return f"{kept.sha256}.{kept.extension} {kept.bytes}\n"


def _verify_file(path: Path, sha256: str, size: int | None = None) -> None:
    digest, length = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                digest.update(piece)
                length += len(piece)
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}") from error
    if size is not None and length != size:
        raise BackupError(f"{path} is damaged: it has {length} bytes, and had {size}")
    if digest.hexdigest() != sha256:
        raise BackupError(f"{path} is damaged: it is not as it was written")


class NewFile:
    """A file of a backup while it is written. Only its owner may read it."""

    def __init__(self, path: Path) -> None:
        _make_private(path.parent)
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb")
        self._digest = hashlib.sha256()
        self.bytes = 0

    def write(self, piece: bytes) -> None:
        """Appends. Raises OSError."""
        self._file.write(piece)
        self._digest.update(piece)
        self.bytes += len(piece)

    def close(self) -> str:
        """Has it on disk; returns its SHA-256. Raises OSError."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._digest.hexdigest()

    def abandon(self) -> None:
        """Closes it as it is."""
        self._file.close()


def _make_private(folder: Path) -> None:
    """Makes a folder and those that it is in, for their owner alone. Raises OSError."""
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)


def flush(path: Path) -> None:
    """Has a file, or the names in a folder, outlive the machine. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
