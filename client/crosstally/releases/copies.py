"""Where releases are looked at: a folder into which they were fetched, or the hub itself.

FOLDER/release-keys.json
FOLDER/2026-07-01.1/manifest.json
FOLDER/2026-07-01.1/observations.csv ...
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from crosstally.clients import Client
from crosstally.models import Json, ReleaseEntry
from crosstally.problems import Gone, NotFound

KEYS, MANIFEST = "release-keys.json", "manifest.json"


class NoReleases(ValueError):
    """A folder does not hold what it should."""


@dataclass(frozen=True)
class Digest:
    """How many bytes a file has, and their SHA-256."""

    size: int
    sha256: str

    @classmethod
    def of(cls, content: bytes) -> Digest:
        return cls(len(content), hashlib.sha256(content).hexdigest())


class Copy(Protocol):
    """Releases as somebody has them."""

    def ids(self) -> Sequence[str]:
        """All releases, the oldest first."""

    def manifest(self, release: str) -> bytes:
        """The bytes of a manifest."""

    def told(self, release: str) -> tuple[str, str] | None:
        """The SHA-256 of the manifest and the moment of publication, as a list beside the chain tells them."""

    def inventory(self, release: str, named: Sequence[str]) -> Mapping[str, Digest] | None:
        """What there is of the files that the manifest names, and of others; None where no file was fetched."""

    def keys(self) -> Json:
        """The public keys (a JSON Web Key Set)."""


@dataclass(frozen=True)
class Folder:
    """Releases in a folder; `keys_file` are keys that came another way than the files, where there are any."""

    path: Path
    keys_file: Path | None = None

    def ids(self) -> list[str]:
        """Every folder with a manifest, in the order of their ids; raises NoReleases."""
        found = [path.parent.name for path in self.path.glob(f"*/{MANIFEST}")]
        if not found:
            raise NoReleases(f"{self.path} holds no release: no folder in it has a {MANIFEST}.")
        return sorted(found, key=place_in_time)

    def manifest(self, release: str) -> bytes:
        """The bytes of the file."""
        return (self.path / release / MANIFEST).read_bytes()

    def told(self, release: str) -> None:
        """A folder has no list of its own."""
        return None

    def inventory(self, release: str, named: Sequence[str]) -> Mapping[str, Digest] | None:
        """The files in the folder, but for the manifest and what is not finished."""
        files = [path for path in (self.path / release).iterdir() if path.is_file() and path.name != MANIFEST]
        return {path.name: Digest.of(path.read_bytes()) for path in files} or None

    def keys(self) -> Json:
        """The keys in the file given, or in the one that was fetched with the releases; raises NoReleases."""
        path = self.keys_file or self.path / KEYS
        try:
            content = json.loads(path.read_bytes())
        except (OSError, ValueError):
            raise NoReleases(f"{path} is no file with public keys; the hub has them at /.well-known/{KEYS}") from None
        if not isinstance(content, dict) or not isinstance(content.get("keys"), list):
            raise NoReleases(f"{path} is no JSON Web Key Set.")
        return content


@dataclass(frozen=True)
class Online:
    """Releases as a hub serves them; `keys_file` as for a folder."""

    hub: Client
    keys_file: Path | None = None

    @cached_property
    def _entries(self) -> dict[str, ReleaseEntry]:
        return {entry.id: entry for entry in reversed(self.hub.releases())}

    def ids(self) -> list[str]:
        """The list of the hub, the oldest first."""
        return list(self._entries)

    def manifest(self, release: str) -> bytes:
        """The manifest as the hub serves it."""
        return self.hub.manifest(release)

    def told(self, release: str) -> tuple[str, str]:
        """What the list says."""
        return self._entries[release].sha256, self._entries[release].published_at

    def inventory(self, release: str, named: Sequence[str]) -> Mapping[str, Digest] | None:
        """What the hub serves under each name; None for a release that was taken back with its files."""
        found = {}
        for name in named:
            try:
                found[name] = Digest.of(self.hub.release_file(release, name))
            except Gone:
                return None
            except NotFound:
                continue
        return found

    def keys(self) -> Json:
        """The keys in the file given, or those of the hub."""
        return Folder(Path(), self.keys_file).keys() if self.keys_file else self.hub.release_keys()


def place_in_time(release: str) -> tuple[str, int]:
    """How ids are ordered: by day, then by number."""
    day, _, number = release.partition(".")
    return day, int(number) if number.isdigit() else 0


def fetch(
    hub: Client,
    release: str,
    folder: Path,
    *,
    told: Callable[[str, int, int], None] = lambda name, done, of: None,
) -> tuple[str, int]:
    """Bring a release into a folder, with the manifests of all before it and the keys.

    What is there already, byte for byte, is not fetched again, so that an interrupted fetch goes on where it was.
    Answers the id and how many files were fetched; raises NoReleases for a file that is not what the manifest names.
    """
    content = hub.manifest(release)
    wanted = json.loads(content)
    for entry in hub.releases():
        if place_in_time(entry.id) < place_in_time(wanted["id"]):
            _fetch_manifest(hub, folder, entry.id)
    _write(folder / _plain(wanted["id"]) / MANIFEST, content)
    _write(folder / KEYS, json.dumps(hub.release_keys(), indent=1).encode())
    fetched = 0
    size = sum(file["bytes"] for file in wanted["artefacts"])
    done = 0
    for file in wanted["artefacts"]:
        told(file["name"], done, size)
        fetched += _fetch_file(hub, folder, wanted["id"], file)
        done += file["bytes"]
    told("", done, size)
    return wanted["id"], fetched


def _fetch_manifest(hub: Client, folder: Path, release: str) -> None:
    path = folder / _plain(release) / MANIFEST
    if not path.exists():
        _write(path, hub.manifest(release))


def _fetch_file(hub: Client, folder: Path, release: str, file: Json) -> bool:
    """Fetch a file where it is not there already; whether it was."""
    path = folder / _plain(release) / _plain(file["name"])
    wanted = Digest(file["bytes"], file["sha256"])
    if path.exists() and Digest.of(path.read_bytes()) == wanted:
        return False
    content = hub.release_file(release, file["name"])
    if Digest.of(content) != wanted:
        raise NoReleases(f"{release} {file['name']}: the hub sent other bytes than the manifest names.")
    _write(path, content)
    return True


def _plain(name: str) -> str:
    """A name that stays within its folder; raises NoReleases for one that does not."""
    if name != Path(name).name or name.startswith("."):
        raise NoReleases("A release names a file outside of its folder.")
    return name


def _write(path: Path, content: bytes) -> None:
    """Write a file in one step: what is there under its name is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
