"""What the files of releases say, as one who was never inside puts it together.

Counts are told apart by what is counted and by whose reports are counted in it: two rows with the same contributors are
one count, in a release and across releases. Which reports contribute follows from the rows of single sites and months.
A report that was revised may be another one in each release, so that its counts are kept apart there.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from crosstally._hub.domain.dictionary import CellName, Dictionary, DisclosureClass, Level
from crosstally._hub.domain.load_dictionary import shipped_dictionaries
from crosstally._hub.domain.periods import Month, Period, PeriodKind, parse_period
from crosstally._hub.domain.site_content import site_from_content
from crosstally.releases.copies import MANIFEST, Folder, NoReleases

OBSERVATIONS, SITES, REPORTS = "observations.csv", "sites.json", "reports.json"
PUBLISHED, SUPPRESSED = "published", "suppressed"

SiteMonth = tuple[str, Month]
Contributors = frozenset[tuple[str, Month, str]]
"""Sites and months, each with the release in which it was read where the report was ever revised, else empty."""


@dataclass(frozen=True)
class Row:
    """A row with a count behind it: `value` where it is shown, else the bounds that are told (None: there is none)."""

    release: str
    level: str
    unit: str
    period: Period
    name: CellName
    value: float | None
    lower: float | None
    upper: float | None

    @property
    def cell(self) -> str:
        """The cell in words."""
        name = "/".join(word for word in self.name.words if word)
        return f"{self.level}/{self.unit}/{self.period}/{name}"


@dataclass(frozen=True)
class Release:
    """The files of one release."""

    id: str
    dictionary: Dictionary
    k: int
    stricter: Mapping[str, int]
    sites: Mapping[str, Any]
    about: Mapping[SiteMonth, Mapping[str, Any]]
    revised: frozenset[SiteMonth]
    rows: tuple[Row, ...]

    @cached_property
    def site_months(self) -> Mapping[CellName, frozenset[SiteMonth]]:
        """Which sites' months have a count of each name."""
        found: dict[CellName, set[SiteMonth]] = {}
        for row in self.rows:
            if row.level == Level.SITE and isinstance(row.period, Month):
                found.setdefault(row.name, set()).add((row.unit, row.period))
        return {name: frozenset(places) for name, places in found.items()}

    def contributing(self, row: Row) -> frozenset[SiteMonth] | None:
        """Whose reports are counted in a row; None where the files do not say it for sure."""
        indicator = self.dictionary.by_id[row.name.indicator]
        if indicator.window is not PeriodKind.MONTH:
            return frozenset([(row.unit, row.period.months[-1])])
        if row.level == Level.SITE and isinstance(row.period, Month):
            return frozenset([(row.unit, row.period)])
        if indicator.disclosure_class is DisclosureClass.SENTINEL:
            return None  # months may be kept back by agreement, and then nothing says which there are
        totals = self._within(row, CellName(row.name.indicator))
        return totals if totals and totals == self._within(row, row.name) else None

    def _within(self, row: Row, name: CellName) -> frozenset[SiteMonth]:
        months = set(row.period.months)
        there = self.site_months.get(name, frozenset())
        return frozenset((site, month) for site, month in there if month in months and self._is_in(site, row))

    def _is_in(self, site: str, row: Row) -> bool:
        return row.level == Level.ALL or row.unit in (site, self.sites[site].city)


@dataclass
class Count:
    """One count: the rows that tell of it, and what they say together. `values` are in steps of 1/`scale`."""

    name: CellName
    contributors: Contributors
    k: int
    scale: int
    rows: list[Row] = field(default_factory=list)

    @property
    def values(self) -> set[int]:
        """The values that are published of it: one, unless releases contradict each other."""
        return {round(row.value * self.scale) for row in self.rows if row.value is not None}

    @property
    def floor(self) -> int:
        """The least that is told of it."""
        return max((round(row.lower * self.scale) for row in self.rows if row.lower is not None), default=0)

    @property
    def ceiling(self) -> int | None:
        """The most that is told of it."""
        return min((round(row.upper * self.scale) for row in self.rows if row.upper is not None), default=None)


def read_releases(folder: Folder) -> list[Release]:
    """The releases in a folder whose files are there, the oldest first; raises NoReleases."""
    found = [_release(folder.path / id, id) for id in folder.ids() if (folder.path / id / OBSERVATIONS).exists()]
    if not found:
        raise NoReleases(f"{folder.path} has no {OBSERVATIONS}; crosstally release get brings the files.")
    return found


def counts_of(releases: list[Release]) -> list[Count]:
    """Every count that a row of any release tells of."""
    ever_revised = frozenset().union(*(release.revised for release in releases))
    found: dict[tuple[CellName, Contributors, str], Count] = {}
    for release in releases:
        for row in release.rows:
            places = release.contributing(row)
            contributors = _versioned(release, places, ever_revised)
            # Where nothing says who contributes, the row is a count of its own.
            key = row.name, contributors, "" if contributors else f"{release.id} {row.cell}"
            if key not in found:
                found[key] = Count(row.name, contributors, _k(release, places), _scale(release, row))
            found[key].rows.append(row)
    return list(found.values())


def _versioned(
    release: Release, places: frozenset[SiteMonth] | None, ever_revised: frozenset[SiteMonth]
) -> Contributors:
    return frozenset((*place, release.id if place in ever_revised else "") for place in places or ())


def _k(release: Release, places: frozenset[SiteMonth] | None) -> int:
    own = (release.stricter.get(release.sites[site].operator, 0) for site, _ in places or ())
    return max([release.k, *own])


def _scale(release: Release, row: Row) -> int:
    return 100 if release.dictionary.by_id[row.name.indicator].unit == "hours" else 1


def _release(path: Path, id: str) -> Release:
    try:
        manifest, reports = (json.loads((path / name).read_bytes()) for name in (MANIFEST, REPORTS))
        sites = [site_from_content(entry) for entry in json.loads((path / SITES).read_bytes())]
        return Release(
            id=id,
            dictionary=_dictionary(manifest["dictionary"]),
            k=manifest["policy"]["k"],
            stricter=manifest["policy"].get("stricter", {}),
            sites={site.id: site for site in sites},
            about={(entry["site"], Month.parse(entry["month"])): entry["about"] for entry in reports},
            revised=frozenset((r["site"], Month.parse(r["month"])) for r in manifest["reports"] if r["revised"]),
            rows=tuple(_rows(path / OBSERVATIONS, id)),
        )
    except (KeyError, TypeError, json.JSONDecodeError, csv.Error) as wrong:
        raise NoReleases(f"{path} does not hold the files of a release ({wrong}); verify it first.") from None


def _dictionary(version: str) -> Dictionary:
    known = shipped_dictionaries()
    if version not in known:
        raise NoReleases(f"This version knows no dictionary {version}; a newer crosstally does.")
    return known[version]


def _rows(path: Path, release: str) -> Iterator[Row]:
    periods: dict[str, Period] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if line["value_status"] in (PUBLISHED, SUPPRESSED):
                period = periods.setdefault(line["period"], parse_period(line["period"]))
                name = CellName(line["indicator"], line["breakdown"], line["category"])
                numbers = (float(line[column]) if line[column] else None for column in ("value", "lower", "upper"))
                yield Row(release, line["level"], line["unit"], period, name, *numbers)
