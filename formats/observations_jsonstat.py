"""Rows as a JSON-stat 2.0 dataset (https://json-stat.org/full/), sparse: only places that have a row are told.

Its dimensions are level, unit, period and cell; a cell is written `indicator`, or `indicator/breakdown/category`. What
has no value has a status, and hidden cells have their bounds in `extension`, all by the flat index of the place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.citation import DATA_LICENSE
from domain.cube import STATUSES, Cube, Rows
from domain.dictionary import CellName
from domain.labels import LEVELS, Labels
from domain.release import Status
from formats.description import Source

MEDIA_TYPE = "application/vnd.json-stat+json"
NAMES = ("level", "unit", "period", "cell")


def write_jsonstat(cube: Cube, blocks: Iterable[Rows], source: Source, labels: Labels) -> bytes:
    """The dataset of these rows, all of the cube given."""
    kept = list(blocks)
    units, periods, cells = (
        np.concatenate([np.zeros(0, dtype=np.intp), *(getattr(rows, name) for rows in kept)])
        for name in ("units", "periods", "cells")
    )
    axes = [
        _axis([unit.level for unit in cube.units], units),
        _axis([unit.id for unit in cube.units], units),
        _axis([str(period) for period in cube.periods], periods),
        _axis(["/".join(filter(None, cell.words)) for cell in cube.cells], cells),
    ]
    flat = np.zeros(len(units), dtype=np.int64)
    for words, numbers in axes:
        flat = flat * len(words) + numbers
    values, statuses, bounds = _told(kept, [str(index) for index in flat.tolist()])
    words_of = dict(zip(NAMES, (words for words, _ in axes), strict=True))
    dataset = {
        "version": "2.0",
        "class": "dataset",
        "label": source.title,
        "source": source.url,
        "id": NAMES,
        "size": [len(words) for words in words_of.values()],
        "role": {"geo": ["unit"], "time": ["period"], "metric": ["cell"]},
        "dimension": _dimensions(words_of, labels),
        "value": values,
        "status": statuses,
        "link": {"license": [{"type": "text/html", "href": DATA_LICENSE.url}]},
        "extension": {**source.facts, "bounds": bounds},
    }
    return json.dumps(dataset).encode()


def _dimensions(words_of: Mapping[str, Sequence[str]], labels: Labels) -> dict[str, Any]:
    """Each axis with its words and their labels; what has none of its own is read as it is written."""
    units: dict[str, str] = {}
    for (_, unit), label in labels.units.items():
        units[unit] = f"{units[unit]} / {label}" if unit in units else label
    read = {
        "level": {level.value: label for level, label in LEVELS.items()},
        "unit": units,
        "cell": {word: labels.cell(CellName(*word.split("/"))) for word in words_of["cell"]},
    }
    return {
        name: {
            "label": name,
            "category": {"index": words, "label": {word: read.get(name, {}).get(word, word) for word in words}},
        }
        for name, words in words_of.items()
    }


def _axis(words: Sequence[str], used: NDArray[np.intp]) -> tuple[list[str], NDArray[np.intp]]:
    """The distinct words that are used, in their order, and for each use the number of its word among them."""
    known = {words[number]: 0 for number in np.unique(used).tolist()}
    known = {word: number for number, word in enumerate(known)}
    of_each = np.array([known.get(word, -1) for word in words], dtype=np.intp)
    return list(known), of_each[used]


def _told(blocks: Sequence[Rows], flat: Sequence[str]) -> tuple[dict, dict, dict]:
    """Values, statuses of what has none, and bounds of what is hidden, by index."""
    values, statuses, bounds = {}, {}, {}
    begin = 0
    for rows in blocks:
        indexes = flat[begin : begin + len(rows)]
        begin += len(rows)
        for index, value, code in zip(indexes, rows.values, rows.codes.tolist(), strict=True):
            if STATUSES[code - 1] is Status.PUBLISHED:
                values[index] = value
            else:
                statuses[index] = STATUSES[code - 1].value
        bounds.update({indexes[number]: ends for number, ends in rows.bounds.items()})
    return values, statuses, bounds
