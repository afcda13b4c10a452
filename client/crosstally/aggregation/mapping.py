"""How the columns of an export become the counts of a report: what the operator says once, in a TOML file.

    dictionary = "2026.1"
    site_time_zone = "America/New_York"     months and days are those of the site

    [export]
    time = "checked_in"                     the column with the moment of each line
    time_format = "%Y-%m-%d %H:%M"          without %H it is a day
    time_zone = "UTC"                       of times that say none themselves; without it that of the site
    person = ["code"]                       columns that together tell persons apart
    separator = ","                         of a CSV; `encoding` too; `sheet` of a workbook

    [about]                                 as in the report

    [indicators.visits_consumption]
    count = "lines"                         or persons, days, sum (of `column`), given (told with each report)
    where = {kind = ["visit"]}              only lines with one of these values, in each of the columns

    [indicators.visits_consumption.by.route_any]
    column = "routes"
    separator = ";"                         where one line has several values
    empty = "unknown"                       the code where nothing stands; `unmapped` the one for what is in no list
    values = {inject = ["inject", "IV"], smoke = ["smoke"]}

    [indicators.participants_connected]
    status = "not_collected"

Values are compared without regard to case and to blanks around them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from crosstally._hub.domain.dictionary import Dictionary, Indicator, Kind
from crosstally._hub.domain.load_dictionary import shipped_dictionaries
from crosstally._hub.domain.report import Gap

LINES, PERSONS, DAYS, SUM, GIVEN = WAYS = ("lines", "persons", "days", "sum", "given")


class WrongMapping(ValueError):
    """The file that maps columns cannot be used; the words say where and why, and quote no line of the export."""


@dataclass(frozen=True)
class Export:
    """How the lines are read."""

    time: str
    time_format: str
    time_zone: str = ""
    person: tuple[str, ...] = ()
    separator: str = ","
    encoding: str = "utf-8"
    sheet: str = ""

    @property
    def is_day(self) -> bool:
        """Whether the column holds days, which belong to no time zone."""
        return "%H" not in self.time_format and "%I" not in self.time_format and "%T" not in self.time_format


@dataclass(frozen=True)
class Breakdown:
    """How a column gives the categories of a breakdown: by code, the values that mean it."""

    column: str
    values: Mapping[str, tuple[str, ...]]
    separator: str = ""
    empty: str = ""
    unmapped: str = ""

    @property
    def codes(self) -> dict[str, str]:
        """The code of each value, as values are compared."""
        return {plain(value): code for code, values in self.values.items() for value in values}


@dataclass(frozen=True)
class Counting:
    """How an indicator is counted, or the status for which it is not."""

    count: str = ""
    column: str = ""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by: Mapping[str, Breakdown] = field(default_factory=dict)
    status: str = ""


@dataclass(frozen=True)
class ColumnMapping:
    """The whole file; what it names exists in the dictionary."""

    dictionary: Dictionary
    site_time_zone: str
    export: Export
    about: Mapping[str, Any]
    indicators: Mapping[str, Counting]
    site: str = ""

    @property
    def columns(self) -> frozenset[str]:
        """The columns that are read; no other is."""
        found = {self.export.time, *self.export.person}
        for counting in self.indicators.values():
            found |= {counting.column, *counting.where, *(by.column for by in counting.by.values())}
        return frozenset(found - {""})

    @property
    def given(self) -> frozenset[str]:
        """The indicators that are told with each report."""
        return frozenset(id for id, counting in self.indicators.items() if counting.count == GIVEN)


def plain(value: str) -> str:
    """A value as it is compared."""
    return value.strip().lower()


def load(path: Path) -> ColumnMapping:
    """The mapping in a file; raises WrongMapping."""
    try:
        return mapping_of(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise WrongMapping(f"{path}: {wrong}") from None
    except WrongMapping as wrong:
        raise WrongMapping(f"{path}: {wrong}") from None
    except (TypeError, AttributeError, KeyError) as wrong:
        raise WrongMapping(f"{path}: it is not built like a mapping ({wrong}); see its documentation.") from None


def mapping_of(content: Mapping[str, Any]) -> ColumnMapping:
    """A mapping from the values of its file; raises WrongMapping, and TypeError or KeyError for other shapes."""
    known = shipped_dictionaries()
    version = content.get("dictionary", max(known))
    if version not in known:
        raise WrongMapping(f"there is no dictionary {version}; there are {', '.join(known)}.")
    export = dict(content["export"])
    made = ColumnMapping(
        dictionary=known[version],
        site_time_zone=content["site_time_zone"],
        export=Export(**{**export, "person": tuple(export.get("person", ()))}),
        about={"partial_month": None, "provisional": False, **content.get("about", {})},
        indicators={id: _counting(told) for id, told in content["indicators"].items()},
        site=content.get("site", ""),
    )
    wrong = list(_faults(made))
    if wrong:
        raise WrongMapping("; ".join(wrong))
    return made


def _counting(told: Mapping[str, Any]) -> Counting:
    by = {id: Breakdown(**{**block, "values": _lists(block["values"])}) for id, block in told.get("by", {}).items()}
    return Counting(**{**told, "where": _lists(told.get("where", {})), "by": by})


def _lists(told: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(map(str, values)) for name, values in told.items()}


def _faults(mapping: ColumnMapping) -> Iterator[str]:
    for zone in (mapping.site_time_zone, mapping.export.time_zone):
        if zone and not _is_zone(zone):
            yield f"{zone} is no time zone; one is America/New_York"
    missing = [i.id for i in mapping.dictionary.indicators if i.core and i.id not in mapping.indicators]
    if missing:
        yield f"core indicators are in every report, with a status at least: {', '.join(missing)}"
    for id, counting in mapping.indicators.items():
        indicator = mapping.dictionary.by_id.get(id)
        if indicator is None:
            yield f"there is no indicator {id}"
        else:
            yield from (f"{id}: {words}" for words in _faults_of(indicator, counting, mapping.export))


def _faults_of(indicator: Indicator, counting: Counting, export: Export) -> Iterator[str]:
    wrong = {
        "it has either count or status": bool(counting.status) == bool(counting.count),
        f"a status is one of {', '.join(Gap)}": bool(counting.status) and counting.status not in tuple(Gap),
        f"count is one of {', '.join(WAYS)}": bool(counting.count) and counting.count not in WAYS,
        "to count persons, export.person names the columns that tell them apart": (
            counting.count == PERSONS and not export.person
        ),
        "a column is what sum adds up, and nothing else has one": (counting.count == SUM) != bool(counting.column),
        "lines, persons and sums have breakdowns": (bool(counting.by) and counting.count not in (LINES, PERSONS, SUM)),
    }
    yield from (words for words, is_so in wrong.items() if is_so)
    for id, breakdown in counting.by.items():
        yield from (f"{id}: {words}" for words in _faults_of_codes(breakdown, indicator.codes(id)))


def _faults_of_codes(breakdown: Breakdown, codes: tuple[str, ...]) -> Iterator[str]:
    used = {*breakdown.values, breakdown.empty, breakdown.unmapped} - {""}
    if not codes:
        yield "there is no such breakdown"
    elif used - set(codes):
        yield f"there is no code {', '.join(sorted(used - set(codes)))}; there are {', '.join(codes)}"
    elif not breakdown.codes:
        yield "no value is listed"
    elif len(breakdown.codes) < sum(map(len, breakdown.values.values())):
        yield "a value is listed twice"


def kind_of(indicator: Indicator, breakdown: str) -> Kind:
    """How the categories of a breakdown of the indicator add up."""
    binding = indicator.binding(breakdown)
    assert binding is not None, "the mapping names breakdowns of the indicator alone"
    return binding.kind


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False
