"""Check that the audit log is as it was written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from actions.hub import Hub
from domain.access import Principal, Scope
from domain.audit import Fault, Head, faults
from store.audit import all_lines, head_of_log
from store.releases import all_releases
from store.tenancy import AUDITOR, NO_OPERATOR


@dataclass(frozen=True)
class Verdict:
    """How many lines there are, where the log ends, and everything that is wrong with it."""

    lines: int
    head: Head | None
    faults: tuple[Fault, ...]


def verify_audit(hub: Hub, *, by: Principal, heads: Iterable[str] = ()) -> Verdict:
    """Look for faults in the chain, beside the manifests of releases and hashes written down elsewhere (`heads`)."""
    by.require(Scope.AUDIT_READ)
    # The manifests first: the line that each tells of is older than it.
    with hub.database.read(NO_OPERATOR) as connection:
        known = {f"the head {sha256}": sha256 for sha256 in heads} | _told_by_releases(connection)
    with hub.database.read(AUDITOR) as connection:
        lines, head = all_lines(connection), head_of_log(connection)
    return Verdict(len(lines), head, tuple(faults(lines, head, known)))


def _told_by_releases(connection: Connection) -> dict[str, str]:
    """What each manifest says of where the log ended; one that can't be read is the ledger's matter."""
    told = {}
    for release in all_releases(connection):
        try:
            told[f"release {release.id}"] = json.loads(release.manifest)["audit"]["sha256"]
        except (ValueError, KeyError, TypeError):
            continue
    return told
