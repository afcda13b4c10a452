"""Explain why a release hides what it hides: to stewards all of it, to an operator what is about its own sites."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from actions.hub import Hub
from domain.access import Principal, Scope
from domain.canonical import canonical_json
from domain.refusals import NotFound
from domain.release import ProtectedTable
from store.directory import all_sites
from store.releases import explanation_of
from store.tenancy import EVERY_OPERATOR

WORDS = {
    "small": "It is small.",
    "sent_as_bound": "Its operator sent a bound instead of a count.",
    "one_category": "It would say that everybody is of one category.",
    "correction": "It moved a little in a correction, which would tell of the persons that it was about.",
    "hidden_before": "It was hidden in an earlier release.",
    "complement": "To protect a small one: with this it could be worked out.",
}


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
    waiting: Mapping[str, list[str]]


def explanation(table: ProtectedTable) -> bytes:
    """Why a release hides what it hides, packed to be kept."""
    cells = [
        [key.level.value, key.unit, str(key.period), _name(key.name), why.value] for key, why in table.reasons.items()
    ]
    waiting = {f"{site}/{month}": list(names) for (site, month), names in table.waiting.items()}
    return zlib.compress(canonical_json({"cells": cells, "waiting": waiting}))


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
    content = json.loads(zlib.decompress(packed))
    cells = (Explained(*entry) for entry in content["cells"])
    if by.operator is None:
        return Explanation(tuple(cells), content["waiting"])
    waiting = {place: names for place, names in content["waiting"].items() if place.split("/")[0] in sites}
    return Explanation(tuple(_of(cells, sites)), waiting)


def _of(cells: Iterator[Explained], sites: set[str]) -> Iterator[Explained]:
    return (cell for cell in cells if cell.level == "site" and cell.unit in sites)


def _name(name: object) -> str:
    return "/".join(part for part in vars(name).values() if part)
