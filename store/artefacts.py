"""The files of releases: a folder for each, whole or not there.

A release is written into a folder under another name, flushed to disk, and renamed. What is named like a
release and is in no table was interrupted before it was published, and gives way to the next.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path


class ArtefactStore:
    """Release folders below one root."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def stage(self, files: Mapping[str, bytes]) -> Path:
        """Write the files durably into a new folder that nobody reads."""
        folder = self.root / f".staged-{secrets.token_hex(8)}"
        folder.mkdir(parents=True)
        for name, content in files.items():
            _write_durably(folder / name, content)
        _flush_folder(folder)
        return folder

    def settle(self, staged: Path, release: str) -> None:
        """Give a staged folder the name of its release."""
        folder = self.root / release
        if folder.exists():
            shutil.rmtree(folder)
        staged.rename(folder)
        _flush_folder(self.root)

    def discard(self, staged: Path) -> None:
        """Remove a staged folder; nothing happens when it has gone already."""
        shutil.rmtree(staged, ignore_errors=True)

    def read(self, release: str, name: str) -> bytes:
        """The bytes of one file; raises FileNotFoundError."""
        return (self.root / release / name).read_bytes()


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
