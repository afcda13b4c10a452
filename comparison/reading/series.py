"""One cell of a unit through time, and sets of site-months as bits: what comparisons do most, without row objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import compress
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from domain.cube import CODES, Cube, Rows, number_of
from domain.periods import Month, MonthRange, Period
from domain.release import Observation, Status

T = TypeVar("T")

_SHOWN, _HIDDEN = CODES[Status.PUBLISHED], CODES[Status.SUPPRESSED]


@dataclass(frozen=True, eq=False)
class Series(Mapping[Period, Observation]):
    """The rows of one unit and cell by period; each is made when it is asked for."""

    cube: Cube
    unit: int
    cell: int

    def __getitem__(self, period: Period) -> Observation:
        number = self.cube.period_numbers[period]
        if not self.cube.codes[self.cell, number, self.unit]:
            raise KeyError(period)
        place = (np.array([n], dtype=np.intp) for n in (self.unit, number, self.cell))
        return next(Rows(self.cube, *place).observations())

    def __iter__(self) -> Iterator[Period]:
        return (self.cube.periods[n] for n in np.flatnonzero(self.cube.codes[self.cell, :, self.unit]).tolist())

    def __len__(self) -> int:
        return int(np.count_nonzero(self.cube.codes[self.cell, :, self.unit]))

    def published_sum(self, within: MonthRange) -> tuple[tuple[Month, ...], int | float] | None:
        """The months of the range that are counted, and their sum; None unless there are some, all published."""
        months = months_within(self.cube, within)
        codes = self.cube.codes[self.cell, months, self.unit].tobytes()
        shown = codes.count(_SHOWN)
        if not shown or _HIDDEN in codes:
            return None
        counted = self.cube.months[months]
        if shown < len(codes):
            counted = tuple(month for month, code in zip(counted, codes, strict=True) if code == _SHOWN)
        # What was not counted is kept as 0.
        total = int(self.cube.hundredths[self.cell, months, self.unit].sum(dtype=np.int64))
        return counted, number_of(total)


def months_within(cube: Cube, within: MonthRange) -> slice:
    """The numbers of the months of a range that the cube has; months come first among its periods, in order."""
    indexes = cube.month_indexes
    begin = int(np.searchsorted(indexes, within.first.index))
    return slice(begin, int(np.searchsorted(indexes, within.last.index, side="right")))


class SiteMonths(Set[tuple[str, Month]]):
    """A set of sites and months of a cube: for each site the numbers of its months, as bits."""

    def __init__(self, cube: Cube, bits: Mapping[str, int]) -> None:
        self._cube = cube
        self._bits = {site: mask for site, mask in bits.items() if mask}

    def __contains__(self, item: Any) -> bool:
        site, month = item
        number = self._cube.period_numbers.get(month)
        return number is not None and bool(self._bits.get(site, 0) >> number & 1)

    def __iter__(self) -> Iterator[tuple[str, Month]]:
        """By site, then by month."""
        months = self._cube.months
        for site in sorted(self._bits):
            bits = f"{self._bits[site]:b}"[::-1]
            yield from ((site, months[number]) for number, bit in enumerate(bits) if bit == "1")

    def __len__(self) -> int:
        return sum(mask.bit_count() for mask in self._bits.values())

    @property
    def sites(self) -> Set[str]:
        """The sites that have a month in it."""
        return self._bits.keys()

    def pick(self, table: Mapping[str, Sequence[T]]) -> Iterator[T]:
        """By site, then by month, what the table holds under a site at the numbers of its months."""
        for site in sorted(self._bits):
            yield from compress(table[site], [bit == "1" for bit in f"{self._bits[site]:b}"[::-1]])

    def __and__(self, other: Any) -> SiteMonths:
        if not isinstance(other, SiteMonths):
            return NotImplemented
        return SiteMonths(self._cube, {site: mask & other._bits.get(site, 0) for site, mask in self._bits.items()})

    def __eq__(self, other: object) -> bool:
        return self._bits == other._bits if isinstance(other, SiteMonths) else super().__eq__(other)


def bits_of(is_in: NDArray[np.bool_]) -> int:
    """The truths as one integer, the first in its lowest bit."""
    return int.from_bytes(np.packbits(is_in, bitorder="little").tobytes(), "little")
