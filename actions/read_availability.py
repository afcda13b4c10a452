"""What a release has of which indicator, for whom and when: how many cells are told, hidden, or without a count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from actions.hub import Hub
from actions.open_release import find_readable_release, open_release
from actions.query_observations import Query
from domain.cube import CODES, Cube, Indexes, Selection
from domain.release import Status

KINDS = ("published", "suppressed", "missing")
_KIND_OF = {Status.PUBLISHED: 0, Status.SUPPRESSED: 1}
_UNITS_AT_ONCE = 64


@dataclass(frozen=True)
class Available:
    """The cells of an indicator for one unit and period, total and categories, by what is told of them."""

    level: str
    unit: str
    city: str
    operator: str
    period: str
    indicator: str
    published: int
    suppressed: int
    missing: int


@dataclass(frozen=True)
class Availability:
    """A page of what there is, where the next begins, and the sums of all that was asked for."""

    release: str
    first_month: str | None
    last_month: str | None
    summary: dict[str, int]
    items: list[Available]
    next: int | None


def read_availability(hub: Hub, *, release: str, query: Query, start: int, limit: int) -> Availability:
    """What the release has, from a position on; raises NotFound, Retracted, QueryInvalid."""
    found = find_readable_release(hub, release)
    cube = open_release(hub.artefacts, found.id).cube
    wanted = query.selection(cube)
    items: list[Available] = []
    following = None
    for position, item in _items(cube, wanted, start):
        if len(items) == limit:
            following = position
            break
        items.append(item)
    months = cube.months
    return Availability(
        found.id,
        str(months[0]) if months else None,
        str(months[-1]) if months else None,
        _summary(cube, wanted),
        items,
        following,
    )


def _items(cube: Cube, wanted: Selection, start: int) -> Iterator[tuple[int, Available]]:
    indicators, groups = _groups(cube, wanted.cells)
    periods = [str(period) for period in cube.periods]
    of_a_unit = len(cube.periods) * max(1, len(indicators))
    units = wanted.units[wanted.units >= start // max(1, of_a_unit)]
    for begin in range(0, len(units), _UNITS_AT_ONCE):
        chunk = units[begin : begin + _UNITS_AT_ONCE]
        counts = _counts(cube, wanted, chunk, groups, len(indicators))
        for unit, period, group in np.argwhere(counts.any(axis=3)).tolist():
            number, when = int(chunk[unit]), int(wanted.periods[period])
            position = number * of_a_unit + when * len(indicators) + group
            if position >= start:
                told = counts[unit, period, group].tolist()
                yield position, Available(*cube.units[number], periods[when], indicators[group], *told)


def _groups(cube: Cube, cells: Indexes) -> tuple[list[str], Indexes]:
    """The indicators of the cube, in order, and for each of the cells the number of its own."""
    indicators = list(dict.fromkeys(cell.indicator for cell in cube.cells))
    numbers = {indicator: number for number, indicator in enumerate(indicators)}
    return indicators, np.array([numbers[cube.cells[cell].indicator] for cell in cells], dtype=np.intp)


def _counts(cube: Cube, wanted: Selection, units: Indexes, groups: Indexes, indicators: int) -> NDArray[np.int64]:
    """How many cells there are by unit, period, indicator and kind."""
    kinds = _kinds()[cube.codes[np.ix_(wanted.cells, wanted.periods, units)]]
    counts = np.zeros((indicators, len(KINDS), len(wanted.periods), len(units)), dtype=np.int64)
    for kind in range(len(KINDS)):
        np.add.at(counts[:, kind], groups, kinds == kind)
    return counts.transpose(3, 2, 0, 1)


@lru_cache(maxsize=1)
def _kinds() -> NDArray[np.int8]:
    """The kind of each status code; -1 where there is no row."""
    kinds = np.full(len(CODES) + 1, -1, dtype=np.int8)
    for status, code in CODES.items():
        kinds[code] = _KIND_OF.get(status, KINDS.index("missing"))
    return kinds


def _summary(cube: Cube, wanted: Selection) -> dict[str, int]:
    kinds = _kinds()[cube.codes[np.ix_(wanted.cells, wanted.periods, wanted.units)]]
    return {name: int(np.count_nonzero(kinds == kind)) for kind, name in enumerate(KINDS)}
