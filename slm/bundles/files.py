"""A bundle's files, in a folder or a zip archive: written in the same bytes for the same content, read with suspicion.

An archive is somebody else's file. Names that lead out of it, repetitions, links, encryption and sizes beyond what a
bundle needs are refused before anything is unpacked, and nothing is unpacked to the disk.
"""

import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from services.errors import Invalid

MOST_FILES = 500
LARGEST_ARCHIVE = 256 << 30
"""Bytes of all files of an archive, unpacked. They are read as a stream, so this bounds time, not memory."""
LARGEST_RATIO = 200
"""Unpacked by packed bytes: records reach some 30, a file of nothing but zeros 1,000."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time an archive can hold: every entry carries it, so that equal content gives equal bytes."""

_NAME = re.compile(r"(?:records/)?[a-z][a-z0-9_]{0,62}\.(?:csv|yaml|yml|jsonl)")
_CLUTTER = re.compile(r"(?:.*/)?(?:\.[^/]*|__MACOSX/.*|~\$[^/]*|README[^/]*|Thumbs\.db)", re.IGNORECASE)


class Files(Protocol):
    """The files of a bundle by name, `/` between folder and file."""

    @property
    def names(self) -> list[str]:
        """The files there are, in order of their names."""

    def open(self, name: str) -> IO[bytes]:
        """The bytes of one of them."""


class Folder:
    """A bundle in a folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        found = [each for pattern in ("*", "records/*") for each in path.glob(pattern) if each.is_file()]
        self.names = _checked(each.relative_to(path).as_posix() for each in found)

    def open(self, name: str) -> IO[bytes]:
        return (self._path / name).open("rb")


class Archive:
    """A bundle in a zip archive, perhaps below one folder of its own name."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError) as wrong:
            raise Invalid(f"{path}: this is no zip archive that can be read: {wrong}") from None
        _refuse_suspicious(path, self._zip.infolist())
        entries = [entry for entry in self._zip.infolist() if not entry.is_dir() and not _is_clutter(entry.filename)]
        folder = _common_folder([entry.filename for entry in entries])
        self._entries = {entry.filename.removeprefix(folder): entry for entry in entries}
        if len(self._entries) < len(entries):
            raise Invalid(f"{path}: the archive holds a file twice")
        self.names = _checked(self._entries)

    def open(self, name: str) -> IO[bytes]:
        return self._zip.open(self._entries[name])


@contextmanager
def reading(path: Path) -> Iterator[Files]:
    """The files of a bundle. Invalid for what is no bundle, and for an archive found damaged while it is read."""
    try:
        yield Folder(path) if path.is_dir() else Archive(path)
    except (zipfile.BadZipFile, zlib.error, EOFError) as damage:
        raise Invalid(f"{path}: the archive is damaged: {damage}") from None


class Writer(Protocol):
    """Where a bundle is written, one file after another."""

    def open(self, name: str) -> IO[bytes]:
        """A new file, to be closed before the next one is opened."""


class FolderWriter:
    """Writes a folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, name: str) -> IO[bytes]:
        file = self._path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        return file.open("xb")


class ArchiveWriter:
    """Writes a zip archive."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file

    def open(self, name: str) -> IO[bytes]:
        entry = zipfile.ZipInfo(name, EPOCH)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.create_system = 3  # said, because it would be that of this machine
        entry.external_attr = 0o600 << 16
        return self._file.open(entry, "w", force_zip64=True)


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Write a bundle that appears under its name only when it is complete: an archive if it ends in .zip, or a folder.

    Invalid when there is something under the name already. Only its owner may read it: it holds personal data.
    """
    if path.exists():
        raise Invalid(f"{path} exists already; an export never replaces anything")
    unfinished = path.with_name(f"{path.name}.part")
    if path.suffix == ".zip":
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w") as archive:
            yield ArchiveWriter(archive)
    else:
        _clear(unfinished)
        unfinished.mkdir(mode=0o700)
        yield FolderWriter(unfinished)
    unfinished.rename(path)


def _clear(unfinished: Path) -> None:
    """Remove what an attempt that was interrupted left."""
    if unfinished.is_dir():
        for file in sorted(unfinished.rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        unfinished.rmdir()


def _is_clutter(name: str) -> bool:
    return _CLUTTER.fullmatch(name) is not None


def _checked(names: Iterator[str] | dict[str, zipfile.ZipInfo]) -> list[str]:
    kept = sorted(name for name in names if not _is_clutter(name))
    strange = [name for name in kept if not _NAME.fullmatch(name)]
    if strange:
        raise Invalid(f"expected files such as people.csv or services.yaml, got {', '.join(map(repr, strange[:5]))}")
    if len(kept) > MOST_FILES:
        raise Invalid(f"expected at most {MOST_FILES} files, got {len(kept)}")
    if not kept:
        raise Invalid("there is no file of a bundle in it")
    return kept


def _refuse_suspicious(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES:
        raise Invalid(f"{path}: expected at most {MOST_FILES} files, got {len(entries)}")
    for entry in entries:
        parts = PurePosixPath(entry.filename).parts
        if (
            entry.filename.startswith("/")
            or ".." in parts
            or "\\" in entry.orig_filename
            or "\0" in entry.orig_filename
        ):
            raise Invalid(f"{path}: the archive names a file outside of itself: {entry.filename[:80]!r}")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise Invalid(f"{path}: {entry.filename[:80]!r} is a link")
        if entry.flag_bits & 1:
            raise Invalid(f"{path}: {entry.filename[:80]!r} is encrypted")
        if entry.file_size > LARGEST_RATIO * max(entry.compress_size, 1):
            raise Invalid(f"{path}: {entry.filename[:80]!r} unpacks to {entry.file_size:,} bytes; that is no bundle")
    if sum(entry.file_size for entry in entries) > LARGEST_ARCHIVE:
        raise Invalid(f"{path}: the archive unpacks to more than {LARGEST_ARCHIVE >> 30} GiB")


def _common_folder(names: list[str]) -> str:
    """The one folder below which all files lie, if there is one, with its slash."""
    folders = {name.partition("/")[0] for name in names if "/" in name}
    if len(folders) == 1 and folders != {"records"} and all("/" in name for name in names):
        return f"{folders.pop()}/"
    return ""
