"""Rows of a cube as SDMX has them: series of observations, whichever dimension tells the observations apart.

A series is what has the same codes in all dimensions but that one. As long as it isn't the unit, a series lies in one
block of rows, so that long answers are made block by block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from domain.cube import Cube, Indexes, Rows
from domain.dictionary import Level
from formats.sdmx.codes import DIMENSIONS, FREQUENCIES, TIME, code_of

ALL_DIMENSIONS = "AllDimensions"
_AXES = {"LEVEL": "units", "UNIT": "units", "FREQ": "periods", TIME: "periods"}
# Units first, so that what is made block by block is in the same order as all at once.
_ORDER = ("LEVEL", "UNIT", "INDICATOR", "BREAKDOWN", "CATEGORY", "FREQ", TIME)


@dataclass(frozen=True)
class Arrangement:
    """How rows are told: by which dimension observations differ within a series, which of them, and how much of each.

    `first` and `last` are how many observations of each series over time are kept, counted from its ends.
    """

    across: str = TIME
    detail: str = "full"
    first: int | None = None
    last: int | None = None

    @property
    def is_flat(self) -> bool:
        """Whether there are no series, but observations that name all their dimensions."""
        return self.across == ALL_DIMENSIONS

    @property
    def key(self) -> tuple[str, ...]:
        """The dimensions that the observations of a series share."""
        return tuple(dimension for dimension in DIMENSIONS if dimension != self.across)

    @property
    def needs_all(self) -> bool:
        """Whether a series may have observations in any block."""
        return self.across in ("LEVEL", "UNIT")

    @property
    def has_values(self) -> bool:
        return self.detail in ("full", "dataonly")

    @property
    def has_attributes(self) -> bool:
        return self.detail == "full"


@dataclass(frozen=True, eq=False)
class Words:
    """The codes of every dimension of a cube."""

    cube: Cube

    @cached_property
    def codes(self) -> dict[str, list[str]]:
        """The code of each unit, period or cell, by dimension."""
        cube = self.cube
        return {
            "FREQ": [FREQUENCIES[period.kind] for period in cube.periods],
            "LEVEL": [code_of(unit.level, Level.ALL) for unit in cube.units],
            "UNIT": [code_of(unit.id, Level.ALL) for unit in cube.units],
            "INDICATOR": [cell.indicator for cell in cube.cells],
            "BREAKDOWN": [code_of(cell.breakdown, "") for cell in cube.cells],
            "CATEGORY": [code_of(cell.category, "") for cell in cube.cells],
            TIME: [str(period) for period in cube.periods],
        }

    @cached_property
    def distinct(self) -> dict[str, list[str]]:
        """The codes that there are in each dimension, in the order of the release."""
        return {dimension: list(dict.fromkeys(codes)) for dimension, codes in self.codes.items()}

    @cached_property
    def _numbers(self) -> dict[str, Indexes]:
        places = {name: {word: n for n, word in enumerate(words)} for name, words in self.distinct.items()}
        return {
            name: np.array([places[name][word] for word in words], dtype=np.intp) for name, words in self.codes.items()
        }

    def of(self, dimension: str, rows: Rows) -> Indexes:
        """For each row the number of its code among the distinct ones."""
        return self._numbers[dimension][getattr(rows, _AXES.get(dimension, "cells"))]


def arranged(words: Words, blocks: Iterable[Rows], how: Arrangement) -> Iterator[Rows]:
    """The rows, those of a series one after the other."""
    kept: Iterable[Rows] = blocks
    if how.needs_all:
        kept = _joined(list(blocks))
    for rows in kept:
        in_time = _sorted(words, rows, TIME)
        if how.first is not None or how.last is not None:
            in_time = in_time[_at_the_ends(_starts(words, in_time, TIME), how.first, how.last)]
        yield in_time if how.is_flat or how.across == TIME else _sorted(words, in_time, how.across)


def series(words: Words, rows: Rows, how: Arrangement) -> Iterator[tuple[tuple[str, ...], slice]]:
    """The series among rows that are arranged so: the codes of its key, and where its observations are."""
    numbers = [words.of(dimension, rows).tolist() for dimension in how.key]
    ends = np.append(np.flatnonzero(_starts(words, rows, how.across)), len(rows)).tolist()
    for begin, end in zip(ends, ends[1:], strict=False):
        codes = (words.distinct[dimension][column[begin]] for dimension, column in zip(how.key, numbers, strict=True))
        yield tuple(codes), slice(begin, end)


def _joined(blocks: Sequence[Rows]) -> Iterator[Rows]:
    if blocks:
        columns = (np.concatenate([getattr(b, axis) for b in blocks]) for axis in ("units", "periods", "cells"))
        yield Rows(blocks[0].cube, *columns)


def _sorted(words: Words, rows: Rows, across: str) -> Rows:
    """The rows by all other dimensions, then by this one."""
    order = [*(dimension for dimension in _ORDER if dimension != across), across]
    by = np.lexsort([words.of(dimension, rows) for dimension in reversed(order)])
    return rows[by]


def _starts(words: Words, rows: Rows, across: str) -> NDArray[np.bool_]:
    """Whether each row is the first of its series."""
    starts = np.zeros(len(rows), dtype=bool)
    starts[:1] = True
    for dimension in DIMENSIONS:
        if dimension != across:
            numbers = words.of(dimension, rows)
            starts[1:] |= numbers[1:] != numbers[:-1]
    return starts


def _at_the_ends(starts: NDArray[np.bool_], first: int | None, last: int | None) -> Indexes:
    """The numbers of the rows among the first or the last so many of their series."""
    begins = np.flatnonzero(starts)
    sizes = np.diff(np.append(begins, len(starts)))
    place = np.arange(len(starts)) - np.repeat(begins, sizes)
    left = np.repeat(sizes, sizes) - place
    return np.flatnonzero((place < (first or 0)) | (left <= (last or 0)))
