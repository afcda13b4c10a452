"""Published figures of real centers, each with its source, as the demo uses them (`cli/demo_data/`)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from domain.periods import Month


@dataclass(frozen=True)
class Figure:
    """One published number; `start` and `end` are the first and the last day it covers."""

    city: str
    site: str
    start: date
    end: date
    indicator: str
    category: str
    value: int
    source_url: str

    @property
    def month(self) -> Month | None:
        """The month it covers, or None where it reaches over several."""
        first, last = Month.of(self.start), Month.of(self.end)
        return first if first == last else None

    @property
    def per_day(self) -> float:
        """The value divided by the days it covers."""
        return self.value / ((self.end - self.start).days + 1)


@cache
def figures() -> tuple[Figure, ...]:
    """All figures, in the order of the file."""
    text = (files("cli") / "demo_data" / "reference.csv").read_text(encoding="utf-8")
    return tuple(_figure(row) for row in csv.DictReader(text.splitlines()))


def figure(site: str, indicator: str, start: str, category: str = "") -> Figure:
    """The one figure of a site and indicator from a day on; raises LookupError where there is not exactly one."""
    wanted = (site, indicator, date.fromisoformat(start), category)
    found = [f for f in figures() if (f.site, f.indicator, f.start, f.category) == wanted]
    if len(found) != 1:
        raise LookupError(f"{len(found)} figures of {indicator} at {site} from {start}")
    return found[0]


def _figure(row: dict[str, str]) -> Figure:
    return Figure(
        city=row["city"],
        site=row["site"],
        start=date.fromisoformat(row["period_start"]),
        end=date.fromisoformat(row["period_end"]),
        indicator=row["indicator"],
        category=row["category"],
        value=int(row["value"]),
        source_url=row["source_url"],
    )
