"""What people read in place of ids: the units and cells of a release by their labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from domain.dictionary import CellName, Dictionary, Level
from domain.report import Site

LEVELS = {Level.SITE: "One site", Level.CITY: "All sites of a city", Level.ALL: "All sites"}
SYNTHETIC = "synthetic numbers"


@dataclass(frozen=True)
class Labels:
    """The labels of a dictionary and of the sites of a release; made-up numbers are said to be synthetic."""

    dictionary: Dictionary
    sites: tuple[Site, ...]

    @cached_property
    def units(self) -> Mapping[tuple[str, str], str]:
        """The label of each unit by level and id: sites, then cities, then all."""
        cities: dict[str, list[Site]] = {}
        for site in sorted(self.sites, key=lambda site: site.id):
            cities.setdefault(site.city, []).append(site)
        return {
            **{(Level.SITE.value, site.id): _marked(site.label, [site]) for site in self.sites},
            **{(Level.CITY.value, city): _marked(f"City {city}", sites) for city, sites in sorted(cities.items())},
            (Level.ALL.value, Level.ALL.value): _marked(LEVELS[Level.ALL], self.sites),
        }

    def cell(self, name: CellName) -> str:
        """The indicator, and the breakdown and category where it is no total."""
        indicator = self.dictionary.by_id.get(name.indicator)
        words = [indicator.label if indicator else name.indicator]
        if name.breakdown:
            words.append(self._breakdowns.get(name.breakdown, name.breakdown))
            words.append(self._categories.get((name.breakdown, name.category), name.category))
        return ": ".join(words)

    @cached_property
    def _breakdowns(self) -> Mapping[str, str]:
        return {breakdown.id: breakdown.label for breakdown in self.dictionary.breakdowns}

    @cached_property
    def _categories(self) -> Mapping[tuple[str, str], str]:
        lists = self.dictionary.breakdowns
        return {(breakdown.id, c.code): c.label for breakdown in lists for c in breakdown.categories}


def _marked(label: str, sites: Iterable[Site]) -> str:
    kept = list(sites)
    is_to_be_said = kept and all(site.synthetic for site in kept) and "synthetic" not in label.casefold()
    return f"{label} ({SYNTHETIC})" if is_to_be_said else label
