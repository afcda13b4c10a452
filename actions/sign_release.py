"""Sign a release: its manifest, with its place in the chain."""

from __future__ import annotations

from collections.abc import Mapping

from actions.hub import Hub
from actions.release_files import require_files
from domain.canonical import canonical_json, sha256_of
from domain.citation import citation
from domain.release import PublishedRelease
from domain.retraction import Retraction


def sign_release(
    hub: Hub,
    release: str,
    content: Mapping,
    previous: PublishedRelease | None,
    log: str,
    retraction: Retraction | None = None,
) -> PublishedRelease:
    """The release that follows `previous`, signed.

    `content` is what the manifest says under `dictionary`, `policy`, `reports`, `attack`, `counts` and `artefacts`
    (without their addresses); `log` is the hash of the last line of the audit log, which then can't be rewritten
    behind the release. Raises ReleaseRefused where the folder of the release holds other files.
    """
    require_files(hub, release, content["artefacts"])
    at = hub.clock()
    url = hub.place(release)
    manifest = {
        **content,
        "id": release,
        "published_at": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "artefacts": [{**entry, "url": f"{url}/files/{entry['name']}"} for entry in content["artefacts"]],
        "citation": citation(release, at, url, retraction.retracted if retraction else None),
        "audit": {"sha256": log},
        "previous": {"id": previous.id, "sha256": previous.sha256} if previous else None,
        "retracts": {"id": retraction.retracted, "reason": retraction.reason} if retraction else None,
    }
    manifest["signature"] = hub.sign(canonical_json(manifest))
    signed = canonical_json(manifest)
    number = previous.number + 1 if previous else 1
    return PublishedRelease(number, release, signed, sha256_of(signed), at)
