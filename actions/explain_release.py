"""Explain why a release hides what it hides: to stewards all of it, to an operator what is about its own sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from actions.hub import Hub
from actions.proof_record import unpack_record
from domain.access import Principal, Scope
from domain.dictionary import Level
from domain.reasons import WORDS
from domain.refusals import NotFound
from domain.release import CellKey, Reason
from store.directory import all_sites
from store.releases import explanation_of
from store.tenancy import EVERY_OPERATOR


@dataclass(frozen=True)
class Explained:
    """A hidden cell and why it is hidden."""

    level: str
    unit: str
    period: str
    cell: str
    reason: str

    @property
    def words(self) -> str:
        return WORDS[self.reason]


@dataclass(frozen=True)
class Explanation:
    """Why cells are hidden, and which indicators of which reports wait for a larger correction."""

    cells: tuple[Explained, ...]
    waiting: Mapping[str, Sequence[str]]


def explain_release(hub: Hub, *, by: Principal, release: str) -> Explanation:
    """Why a release or a draft hides what it hides.

    A steward sees everything, an operator the rows of its own sites. Raises NotFound.
    """
    by.require(Scope.RELEASES_PUBLISH, Scope.REPORTS_REVIEW, Scope.REPORTS_READ)
    with hub.database.read(EVERY_OPERATOR) as connection:
        packed = explanation_of(connection, release)
        sites = {site.id for site in all_sites(connection) if site.operator == by.operator}
    if packed is None:
        raise NotFound(f"Nothing is explained of {release}: there is no such release, or it is a retraction.")
    hub.audit_reading(by, "release.explain", release)
    record = unpack_record(packed)
    cells = (_explained(key, reason) for key, reason in record.reasons)
    if by.operator is None:
        return Explanation(tuple(cells), record.waiting)
    waiting = {place: names for place, names in record.waiting.items() if place.split("/")[0] in sites}
    return Explanation(tuple(cell for cell in cells if cell.level == Level.SITE and cell.unit in sites), waiting)


def _explained(key: CellKey, reason: Reason) -> Explained:
    name = "/".join(part for part in vars(key.name).values() if part)
    return Explained(key.level.value, key.unit, str(key.period), name, reason.value)
