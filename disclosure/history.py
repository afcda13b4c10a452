"""What the latest release has told stays told: rows never change, vanish, or gain a contributor.

As each release keeps all rows of the one before, the latest stands for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from disclosure.assemble import Contributors, PlannedCell, SiteMonth, Span
from domain.dictionary import Dictionary, DisclosureClass, Level
from domain.periods import Month, Period, PeriodKind
from domain.refusals import Item, ReleaseRefused
from domain.release import CellKey, Observation, Status


@dataclass(frozen=True)
class History:
    """The rows of the latest release (none: nothing is published yet)."""

    observations: Sequence[Observation]
    dictionary: Dictionary

    @cached_property
    def rows(self) -> Mapping[CellKey, Observation]:
        return {observation.key: observation for observation in self.observations}

    def hides(self, key: CellKey) -> bool:
        """Whether the row was hidden."""
        return key in self.rows and self.rows[key].value_status == Status.SUPPRESSED

    def shows(self, key: CellKey) -> bool:
        """Whether the row was published."""
        return key in self.rows and self.rows[key].value_status == Status.PUBLISHED

    def refuse_changes(self, plan: Sequence[PlannedCell]) -> None:
        """Raise ReleaseRefused, naming each row that would vanish or change."""
        items = [*self._vanishing(plan), *self._changing(plan)]
        if items:
            raise ReleaseRefused(
                "Rows of the latest release would change. Corrections of what is published are not possible yet, "
                "nor are reports that join what is published already.",
                items,
            )

    def _vanishing(self, plan: Sequence[PlannedCell]) -> Iterator[Item]:
        for key in self.rows.keys() - {cell.key for cell in plan}:
            yield Item(pointer(key), "row_vanishes", "The latest release has this row, and this one would not.")

    def _changing(self, plan: Sequence[PlannedCell]) -> Iterator[Item]:
        for cell in plan:
            row = self.rows.get(cell.key)
            if row and not _says_the_same(row, cell):
                yield Item(pointer(cell.key), "row_changes", "What the latest release says of this cell would change.")
            elif row and not self._has_same_contributors(cell):
                yield Item(pointer(cell.key), "contributors_change", "Other reports would contribute to this cell.")

    def _has_same_contributors(self, cell: PlannedCell) -> bool:
        if not isinstance(cell.content, Span) or not self._lists_contributors(cell):
            return True
        key = cell.key
        return cell.contributors == self._contributors(key.level, key.unit, key.period, key.name.indicator)

    def _lists_contributors(self, cell: PlannedCell) -> bool:
        """Whether the rows of single sites and months tell which reports are in a sum."""
        indicator = self.dictionary.by_id[cell.key.name.indicator]
        plan = self.dictionary.plan[indicator.disclosure_class]
        is_listed = Level.SITE in plan.levels and PeriodKind.MONTH in plan.periods
        is_sentinel = indicator.disclosure_class is DisclosureClass.SENTINEL
        return is_listed and not is_sentinel and indicator.window is PeriodKind.MONTH

    def _contributors(self, level: Level, unit: str, period: Period, indicator: str) -> Contributors:
        """The site-months below a row that the latest release counts."""
        counted = self._counted.get(indicator, {})
        return frozenset(
            (site, month)
            for (site, month), city in counted.items()
            if month in period.months and (level is Level.ALL or unit == (site if level is Level.SITE else city))
        )

    @cached_property
    def _counted(self) -> Mapping[str, Mapping[SiteMonth, str]]:
        """For each indicator the site-months that the latest release counts, with their cities."""
        counted: dict[str, dict[SiteMonth, str]] = {}
        for key, row in self.rows.items():
            is_site_month = key.level is Level.SITE and isinstance(key.period, Month) and not key.name.breakdown
            if is_site_month and isinstance(key.period, Month) and Status(row.value_status).is_counted:
                counted.setdefault(key.name.indicator, {})[key.unit, key.period] = row.city
        return counted


def _says_the_same(row: Observation, cell: PlannedCell) -> bool:
    if not isinstance(cell.content, Span):
        return row.value_status == cell.content.value
    if row.value_status == Status.PUBLISHED:
        return cell.content.is_exact and cell.content.low == row.value
    return row.value_status == Status.SUPPRESSED


def pointer(key: CellKey) -> str:
    """The place of a row as a path, without what it says."""
    name = "/".join(part for part in (key.name.indicator, key.name.breakdown, key.name.category) if part)
    return f"/{key.level}/{key.unit}/{key.period}/{name}"
