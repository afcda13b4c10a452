"""Check every release from its first byte: manifests, signatures, chain, files, retractions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from actions.hub import Hub
from domain.ledger import (
    CHAIN,
    RETRACTION,
    Fault,
    IsSigned,
    Manifest,
    chain_faults,
    file_faults,
    manifest_faults,
    readable,
    retraction_faults,
)
from domain.refusals import NotFound
from domain.release import PublishedRelease
from domain.retraction import Retraction
from store.audit import subjects_of
from store.releases import all_releases, known_ids
from store.retractions import all_retractions
from store.tenancy import AUDITOR, EVERY_OPERATOR


@dataclass(frozen=True)
class Verdict:
    """How many releases were looked at, and everything that is wrong with them."""

    verified: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class _Ledger:
    """What the tables say; releases oldest first."""

    releases: Sequence[PublishedRelease]
    retractions: Mapping[str, Retraction]
    known: set[str]
    audited: set[str]


def verify_ledger(
    hub: Hub,
    *,
    is_signed: IsSigned,
    release: str | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Verdict:
    """Look for faults in every release, or in one; raises NotFound where there is no such release.

    `progress` is told how many releases are done, of how many.
    """
    folders = set(hub.artefacts.folders())
    ledger = _read(hub)
    chosen = [r for r in ledger.releases if release in (None, r.id)]
    if release and not chosen:
        raise NotFound(f"There is no release {release}.")
    manifests = readable(ledger.releases)
    faults: list[Fault] = []
    for done, one in enumerate(chosen, start=1):
        faults += manifest_faults(one, manifests.get(one.id), is_signed)
        if one.id in manifests:
            faults += file_faults(one.id, manifests[one.id].files, hub.artefacts.inventory(one.id))
        progress(done, len(chosen))
    between = [
        *chain_faults(ledger.releases, manifests),
        *retraction_faults([r.id for r in ledger.releases], manifests),
    ]
    between += [*_retractions_that_differ(ledger, manifests), *_dropped(ledger, folders & set(hub.artefacts.folders()))]
    faults += (fault for fault in between if release in (None, fault.release))
    return Verdict(len(chosen), tuple(faults))


def _read(hub: Hub) -> _Ledger:
    # The log first: what it tells of is in the tables by then, whatever is published meanwhile.
    with hub.database.read(AUDITOR) as connection:
        audited = subjects_of(connection, "release.publish")
    with hub.database.read(EVERY_OPERATOR) as connection:
        return _Ledger(
            releases=all_releases(connection)[::-1],
            retractions=all_retractions(connection),
            known=known_ids(connection),
            audited=audited,
        )


def _retractions_that_differ(ledger: _Ledger, manifests: Mapping[str, Manifest]) -> Iterator[Fault]:
    for release, manifest in manifests.items():
        row = ledger.retractions.get(release)
        if manifest.retracts != ((row.retracted, row.reason) if row else None):
            yield Fault(release, RETRACTION, "the manifest and the table of retractions do not say the same")


def _dropped(ledger: _Ledger, folders: set[str]) -> Iterator[Fault]:
    """Releases that left a trace and are in no table: a chain that was cut off at its end still holds together.

    The folders were there before the tables were read and after: a draft may come or go meanwhile.
    """
    for release in sorted(ledger.audited - ledger.known):
        yield Fault(release, CHAIN, "the audit log says that it was published, and it is not there")
    for folder in sorted(folders - ledger.known - ledger.audited):
        yield Fault(folder, CHAIN, "there is a folder of this name, and no release, draft or interrupted cut")
