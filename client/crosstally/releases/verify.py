"""Whether releases are genuine: signatures, the chain, and every byte of the files, by the public keys alone.

The checks are the hub's own (`domain/ledger.py`), given what a reader has. What they cannot see: whether the newest
releases were left out of a folder. Only the hub's list tells that, or whoever else has a later release.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from crosstally._hub.domain.canonical import sha256_of
from crosstally._hub.domain.ledger import (
    Fault,
    Manifest,
    chain_faults,
    file_faults,
    manifest_faults,
    readable,
    retraction_faults,
)
from crosstally._hub.domain.release import FileFacts, PublishedRelease
from crosstally.models import Json
from crosstally.releases.copies import Copy

_HALF = 32


@dataclass(frozen=True)
class Verdict:
    """How many manifests and files were looked at, the keys they name, and everything that is wrong.

    A fault is of a release and a part of it: a file's name, `manifest`, `signature`, `chain` or `retraction`.
    """

    manifests: int
    files: int
    signed_by: tuple[str, ...]
    faults: tuple[Fault, ...]


def verify(copy: Copy, *, told: Callable[[int, int], None] = lambda done, of: None) -> Verdict:
    """Look for faults in every release of a copy. `told` hears how many are done, of how many."""
    ids, keys = list(copy.ids()), copy.keys()
    releases = [_published(copy, number, id) for number, id in enumerate(ids, start=1)]
    manifests = readable(releases)
    faults: list[Fault] = []
    files = 0
    for done, release in enumerate(releases, start=1):
        manifest = manifests.get(release.id)
        faults += manifest_faults(release, manifest, lambda content, signature: is_signed(content, signature, keys))
        if manifest and (there := copy.inventory(release.id, sorted(manifest.files))) is not None:
            files += len(there)
            facts = {name: FileFacts(digest.size, digest.sha256) for name, digest in there.items()}
            faults += file_faults(release.id, manifest.files, facts)
        told(done, len(releases))
    faults += [*chain_faults(releases, manifests), *retraction_faults(ids, manifests)]
    signed_by = sorted({manifest.signature.get("kid", "") for manifest in manifests.values()})
    return Verdict(len(releases), files, tuple(signed_by), tuple(faults))


def is_signed(content: bytes, signature: Mapping[str, str], keys: Json) -> bool:
    """Whether the signature (ES256, RFC 7518 section 3.4) is one of the bytes, by a key of the set.

    A key is the one it says it is: its id must be its thumbprint (RFC 7638).
    """
    known = next((key for key in keys["keys"] if key.get("kid") == signature["kid"]), None)
    if known is None or signature["algorithm"] != "ES256":
        return False
    try:
        key = ECKey.import_key({name: known[name] for name in ("kty", "crv", "x", "y")})
        raw = urlsafe_b64decode(signature["value"] + "==")  # base64url comes without padding
        r, s = int.from_bytes(raw[:_HALF], "big"), int.from_bytes(raw[_HALF:], "big")
        key.public_key.verify(encode_dss_signature(r, s), content, ECDSA(SHA256()))
    except (InvalidSignature, JoseError, KeyError, ValueError):
        return False
    return len(raw) == 2 * _HALF and key.curve_name == "P-256" and key.thumbprint() == signature["kid"]


def _published(copy: Copy, number: int, release: str) -> PublishedRelease:
    """A release as the checks know it. Where no list tells of it, the manifest's own word for its moment is taken."""
    content, told = copy.manifest(release), copy.told(release)
    if told:
        return PublishedRelease(number, release, content, told[0], datetime.fromisoformat(told[1]))
    try:
        moment = Manifest.read(content).published_at
    except ValueError:
        moment = datetime.min.replace(tzinfo=UTC)
    return PublishedRelease(number, release, content, sha256_of(content), moment)
