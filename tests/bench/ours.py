"""Our engine on a made-up table: `python -m tests.bench.ours IN.npz OUT.npy SECONDS`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from disclosure.linear.pattern import Pattern
from disclosure.linear.system import Mask, Relation, Rows, Sum, System, Unknown
from disclosure.suppression.complementary import complement
from disclosure.suppression.exact import Problem, cheapest
from tests.bench.cases import K

FAR = 1_000_000.0
EXACT_UP_TO = 7_000
"""The exact search is begun on tables of up to so many cells; on larger ones it is far from an end in time."""


def protect(problem: Problem, seconds: float) -> tuple[Mask, str]:
    """The cells to hide, and how they were found."""
    began = time.monotonic()
    system, pattern = as_system(problem)
    hidden = ~complement(system, pattern, system.truth).published
    left = seconds - (time.monotonic() - began)
    if len(problem.truth) > EXACT_UP_TO or left < 1:
        return hidden, "by detours"
    answer = cheapest(problem, hidden, left)
    return answer.hidden, "proved the cheapest" if answer.proved else "time ran out on the exact search"


def as_system(problem: Problem) -> tuple[System, Pattern]:
    """The table as the engine takes it: every total as a sum over the cells that are no totals."""
    splits = list(_splits(problem.rows))
    over = _over_base_cells(splits)
    unknowns = tuple(
        Unknown(
            low=int(value),
            high=int(value),
            ceiling=int(FAR),
            k=K,
            sensitive=bool(width),
            is_protected=True,
            operators=frozenset(["all"]),
            loss=float(cost),
        )
        for value, width, cost in zip(problem.truth, problem.width, problem.cost, strict=True)
    )
    sums = tuple(Sum(total, tuple(sorted(parts))) for total, parts in over.items())
    hidden = problem.width > 0
    return System(unknowns, sums, tuple(_relations(splits, over)), ()), Pattern(~hidden, ~hidden & ~problem.fixed)


def _splits(rows: Rows) -> Iterator[tuple[int, list[int]]]:
    """Each total with the parts of one of its rows."""
    order = np.argsort(rows.row, kind="stable")
    starts = np.searchsorted(rows.row[order], np.arange(rows.count + 1))
    for start, end in pairwise(starts):
        columns, signs = rows.column[order[start:end]], rows.coefficient[order[start:end]]
        [total] = columns[signs < 0] if (signs < 0).sum() == 1 else columns[signs > 0]
        yield int(total), [int(column) for column in columns if column != total]


def _relations(splits: list[tuple[int, list[int]]], over: dict[int, frozenset[int]]) -> Iterator[Relation]:
    """The rows by steps, and where a total is split in several ways that these agree."""
    for total, parts in splits:
        yield Relation(((total, 1), *((part, -1) for part in parts)), 0, 0, implied=True)
        cells = frozenset[int]().union(*(over.get(part, frozenset([part])) for part in parts))
        if cells != over[total]:
            one, other = over[total] - cells, cells - over[total]
            yield Relation((*((cell, 1) for cell in sorted(one)), *((cell, -1) for cell in sorted(other))), 0, 0)


def _over_base_cells(splits: list[tuple[int, list[int]]]) -> dict[int, frozenset[int]]:
    """For each total the cells that are no totals and sum to it."""
    parts: dict[int, list[int]] = {}
    for total, cells in splits:
        parts.setdefault(total, cells)
    found: dict[int, frozenset[int]] = {}

    def base(cell: int) -> frozenset[int]:
        if cell not in parts:
            return frozenset([cell])
        if cell not in found:
            found[cell] = frozenset().union(*map(base, parts[cell]))
        return found[cell]

    return {total: base(total) for total in parts}


def read(path: Path) -> Problem:
    """The problem that the tools are given: nobody knows more than what is published, and zeros are."""
    data = np.load(path)
    truth, sensitive = data["truth"], data["sensitive"]
    zeros = np.zeros(data["rows"])
    nothing = np.zeros(len(truth), dtype=bool)
    return Problem(
        rows=Rows(data["row"], data["column"], data["coefficient"], zeros, zeros),
        truth=truth,
        lower=np.zeros(len(truth)),
        upper=np.full(len(truth), FAR),
        width=np.where(sensitive, float(K), 0.0),
        cost=data["loss"],
        hidden=nothing,
        fixed=data["published"],
        known=[nothing],
    )


if __name__ == "__main__":
    hidden, how = protect(read(Path(sys.argv[1])), float(sys.argv[3]))
    np.save(sys.argv[2], hidden)
    print(how)
