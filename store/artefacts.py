"""The files of releases: a folder for each, whole or not there.

A release is written into a folder under another name, flushed to disk, and renamed within the transaction that
makes it known to the tables. Two things tell what an interruption left from what somebody still needs:

    .lock                 held, shared, by whoever writes a release, until the tables know it. The system lets go
                          of it when the process ends, however it ends. Who gets it alone knows that nobody writes.
    .settling-RELEASE     there from before the folder gets its name until the tables know it. A folder that is in
                          no table and has no such mark was not left by an interruption, and is never touched: the
                          tables may be an old copy, or those of another hub.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from domain.refusals import ReleaseRefused
from domain.release import FileFacts

_LOCK, _STAGED, _SETTLING = ".lock", ".staged-", ".settling-"


@dataclass
class Staged:
    """Files on disk that are no release's yet."""

    store: ArtefactStore
    folder: Path
    release: str | None = None

    def settle(self, release: str) -> None:
        """Give the folder the name of its release, in place of what an interruption left under that name.

        Raises ReleaseRefused where a folder of that name was left by something else.
        """
        self.store.give_way(release)
        self.store.mark(release)
        self.release = release
        self.folder.rename(self.store.root / release)
        _flush_folder(self.store.root)


class ArtefactStore:
    """Release folders below one root."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def staged(self, files: Mapping[str, bytes]) -> Iterator[Staged]:
        """Write the files durably into a new folder that nobody reads, gone when the block ends.

        When the block ends without an error, the tables know the release that the folder was settled under.
        """
        with self.writing():
            staged = Staged(self, self.root / f"{_STAGED}{secrets.token_hex(8)}")
            try:
                _write_folder(staged.folder, files)
                yield staged
            finally:
                shutil.rmtree(staged.folder, ignore_errors=True)
            if staged.release:
                self._unmark(staged.release)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep `alone` from others until the block ends."""
        with self._lock() as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            yield

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether nobody writes a release, which then stays so until the block ends."""
        with self._lock() as descriptor:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def read(self, release: str, name: str) -> bytes:
        """The bytes of one file; raises FileNotFoundError."""
        return (self.root / release / name).read_bytes()

    def inventory(self, release: str) -> dict[str, FileFacts | None]:
        """What there is in a release's folder, by name; None for what is no plain file."""
        folder = self.root / release
        return {path.name: _facts(path) for path in sorted(folder.iterdir())} if folder.is_dir() else {}

    def folders(self) -> list[str]:
        """The names of the folders that could be releases' and carry no mark of an interruption."""
        found = self.root.iterdir() if self.root.is_dir() else iter(())
        names = sorted(path.name for path in found if path.is_dir() and not path.name.startswith("."))
        return [name for name in names if not self._mark(name).exists()]

    def mark(self, release: str) -> None:
        """Say that what is under this name may be removed as long as no table knows it."""
        self._mark(release).touch()
        _flush_folder(self.root)

    def give_way(self, release: str) -> None:
        """Remove what an interruption left under this name; raises ReleaseRefused for a folder without its mark."""
        folder = self.root / release
        if folder.exists() and not self._mark(release).exists():
            raise ReleaseRefused(f"A folder {release} is there that no interrupted cut left. Is this its database?")
        shutil.rmtree(folder, ignore_errors=True)
        self._unmark(release)

    def remove_leftovers(self, known: Collection[str]) -> list[str]:
        """Remove what interruptions left; answers what. For who is `alone`; `known` are the ids in the tables."""
        removed = []
        for path in self.root.glob(f"{_STAGED}*"):
            shutil.rmtree(path, ignore_errors=True)
            removed.append(path.name)
        for path in self.root.glob(f"{_SETTLING}*"):
            release = path.name.removeprefix(_SETTLING)
            if release in known:
                self._unmark(release)
            else:
                self.give_way(release)
                removed.append(release)
        return sorted(removed)

    def _mark(self, release: str) -> Path:
        return self.root / f"{_SETTLING}{release}"

    def _unmark(self, release: str) -> None:
        self._mark(release).unlink(missing_ok=True)

    @contextmanager
    def _lock(self) -> Iterator[int]:
        self.root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.root / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def _facts(path: Path) -> FileFacts | None:
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        return FileFacts(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        with (folder / name).open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
