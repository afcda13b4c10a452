"""Whether a chain of releases holds together: judged from manifests, files and public keys, and nothing else.

These checks know nothing of where a release is kept, so that whoever has the public files can make them:

    manifest_faults     a manifest is canonical, says what a manifest says, and is signed
    chain_faults        each release follows the one before it, and none is missing
    retraction_faults   each retraction takes back what can be, and carries the files that it must
    file_faults         the files are those that the manifest names, and there are no others

They find every fault and name it; a manifest that can't be read is named once and then left aside.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.canonical import canonical_json, sha256_of
from domain.release import FileFacts, PublishedRelease
from domain.retraction import Retraction, carried

MANIFEST, SIGNATURE, CHAIN, RETRACTION = "manifest", "signature", "chain", "retraction"

IsSigned = Callable[[bytes, Mapping[str, str]], bool]
"""Whether a signature `{"algorithm", "kid", "value"}` is one of these bytes, by a key that is trusted."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a release: in which part of it (a file's name, or one of the words above), and what."""

    release: str
    part: str
    words: str


@dataclass(frozen=True)
class Manifest:
    """What the checks read in a manifest."""

    id: str
    published_at: datetime
    previous: tuple[str, str] | None
    retracts: tuple[str, str] | None
    files: Mapping[str, FileFacts]
    signature: Mapping[str, str]
    signed: bytes

    @classmethod
    def read(cls, content: bytes) -> Manifest:
        """Raises ValueError for bytes that are no manifest."""
        try:
            return cls._of(json.loads(content))
        except (KeyError, TypeError, AttributeError, RecursionError) as wrong:
            raise ValueError("no manifest") from wrong

    @classmethod
    def _of(cls, value: dict[str, Any]) -> Manifest:
        return cls(
            id=_text(value["id"]),
            published_at=datetime.fromisoformat(_text(value["published_at"])),
            previous=_pair(value["previous"], "id", "sha256"),
            retracts=_pair(value["retracts"], "id", "reason"),
            files={_text(a["name"]): FileFacts(a["bytes"], _text(a["sha256"])) for a in value["artefacts"]},
            signature={_text(name): _text(part) for name, part in value["signature"].items()},
            signed=canonical_json({name: part for name, part in value.items() if name != "signature"}),
        )


def readable(releases: Iterable[PublishedRelease]) -> dict[str, Manifest]:
    """The manifests that can be read, by the id under which they are kept, in the order given."""
    found = {}
    for release in releases:
        try:
            found[release.id] = Manifest.read(release.manifest)
        except ValueError:
            continue
    return found


def manifest_faults(release: PublishedRelease, manifest: Manifest | None, is_signed: IsSigned) -> Iterator[Fault]:
    """What is wrong with a manifest by itself; `manifest` is None where it can't be read."""
    if sha256_of(release.manifest) != release.sha256:
        yield Fault(release.id, MANIFEST, "its SHA-256 is not the one that is told of it")
    if manifest is None:
        yield Fault(release.id, MANIFEST, "it cannot be read as a manifest")
        return
    if not _is_canonical(release.manifest):
        yield Fault(release.id, MANIFEST, "its bytes are not canonical JSON (RFC 8785)")
    if manifest.id != release.id:
        yield Fault(release.id, MANIFEST, f"it says that it is {manifest.id}")
    if manifest.published_at != release.published_at.replace(microsecond=0):
        yield Fault(release.id, MANIFEST, "it was published at another moment than it says")
    if {"algorithm", "kid", "value"} - set(manifest.signature) or not is_signed(manifest.signed, manifest.signature):
        yield Fault(release.id, SIGNATURE, "it is not a signature of the manifest by a key of the hub")


def chain_faults(releases: Sequence[PublishedRelease], manifests: Mapping[str, Manifest]) -> Iterator[Fault]:
    """What is wrong between releases, given by their numbers, oldest first."""
    before: PublishedRelease | None = None
    for due, release in enumerate(releases, start=1):
        if release.number != (before.number + 1 if before else 1):
            yield Fault(release.id, CHAIN, f"its number is {release.number}, place {due} of the chain; one is missing")
        manifest = manifests.get(release.id)
        if manifest and manifest.previous != ((before.id, before.sha256) if before else None):
            yield Fault(release.id, CHAIN, _link_words(manifest.previous, before))
        before = release


def retraction_faults(chain: Sequence[str], manifests: Mapping[str, Manifest]) -> Iterator[Fault]:
    """What is wrong with retractions; `chain` are the ids of all releases, oldest first."""
    seen: dict[str, Retraction] = {}
    for place, release in enumerate(chain):
        manifest = manifests.get(release)
        if manifest is None or manifest.retracts is None:
            continue
        retracted, reason = manifest.retracts
        if retracted not in chain[:place]:
            yield Fault(release, RETRACTION, f"it retracts {retracted}, which is not before it")
        elif retracted in seen:
            yield Fault(release, RETRACTION, f"it retracts {retracted}, which is a retraction")
        elif retracted in {other.retracted for other in seen.values()}:
            yield Fault(release, RETRACTION, f"it retracts {retracted}, which was retracted before")
        else:
            seen[release] = Retraction(release, retracted, reason)
            source = carried(chain[: place + 1], seen)[release]
            if source and source in manifests and manifests[source].files != manifest.files:
                yield Fault(release, RETRACTION, f"its files are not those of {source}")


def file_faults(release: str, told: Mapping[str, FileFacts], found: Mapping[str, FileFacts | None]) -> Iterator[Fault]:
    """What is wrong with the files of a release, told by its manifest and found in its folder."""
    for name, facts in told.items():
        if name not in found:
            yield Fault(release, name, "the file is missing")
        elif found[name] != facts:
            yield Fault(release, name, "its bytes are not those that the manifest names")
    for name in found:
        if name not in told:
            yield Fault(release, name, "the manifest lists no such file")


def _link_words(previous: tuple[str, str] | None, before: PublishedRelease | None) -> str:
    if previous and before and previous[0] == before.id:
        return f"it follows another {before.id} than this one: the SHA-256 differs"
    return f"it follows {previous[0] if previous else 'nothing'}, and {before.id if before else 'nothing'} is before it"


def _is_canonical(content: bytes) -> bool:
    try:
        return canonical_json(json.loads(content)) == content
    except (ValueError, RecursionError):
        return False


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _pair(value: Mapping[str, object] | None, first: str, second: str) -> tuple[str, str] | None:
    return None if value is None else (_text(value[first]), _text(value[second]))
