"""What readers lose when a cell is hidden: the weights by which hiding is chosen.

The most useful survives: totals before categories, core indicators before others, years before quarters
before months, sites and cities before all sites together.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.dictionary import CellName, Indicator, Level
from domain.periods import PeriodKind
from domain.release import CellKey

TOTAL, CORE = 10.0, 2.0
_PERIODS = {PeriodKind.MONTH: 1.0, PeriodKind.QUARTER: 2.0, PeriodKind.YEAR: 4.0}
_LEVELS = {Level.SITE: 2.0, Level.CITY: 1.9, Level.ALL: 1.0}


def loss(name: CellName, indicator: Indicator, keys: Iterable[CellKey]) -> float:
    """What is lost with a count that has these rows; nothing with one that has none."""
    kind = (1.0 if name.breakdown else TOTAL) * (CORE if indicator.core else 1.0)
    return kind * max((_PERIODS[key.period.kind] * _LEVELS[key.level] for key in keys), default=0.0)
