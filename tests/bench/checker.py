"""What an attacker can work out from a table with cells hidden: judged by scipy alone, sharing nothing with the engine.

Published cells are put in the equations. What is left falls into parts that no equation joins; in each, two
linear programs for every sensitive cell say how far it can go. In a part too large for that, for a sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

_NEAR = 1e-6
LARGE, SAMPLE = 1500, 150


@dataclass(frozen=True)
class Findings:
    """Sensitive cells that an attacker gets exactly (as whole numbers), and within less than was asked.

    The first are among the second. `checked` says how many were looked at.
    """

    exact: int
    narrow: int
    checked: int


def check(
    matrix: csr_array, truth: NDArray[np.float64], hidden: NDArray[np.bool_], sensitive: NDArray[np.bool_], k: int
) -> Findings:
    """The findings, given equations `matrix @ cells = 0` and cells of 0 and more."""
    right = -(matrix[:, ~hidden] @ truth[~hidden])
    left = csr_array(matrix[:, hidden])
    place = np.flatnonzero(hidden)
    narrow = exact = checked = 0
    for cells, rows in _parts(left):
        targets = np.flatnonzero(sensitive[place[cells]])
        if len(cells) > LARGE:
            targets = targets[:: max(1, len(targets) // SAMPLE)]
        part = csr_array(left[rows][:, cells])
        for target in targets.tolist():
            low, high = (_extreme(part, right[rows], target, sign) for sign in (1, -1))
            exact += bool(np.ceil(low - _NEAR) == np.floor(high + _NEAR))
            narrow += bool(high - low < k - _NEAR)
            checked += 1
    naked = int((sensitive & ~hidden).sum())
    return Findings(exact + naked, narrow + naked, checked + naked)


def _parts(left: csr_array) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The hidden cells (columns) that equations join, with those equations."""
    rows, columns = left.shape
    entries = coo_array(left)
    joined = coo_array(
        (np.ones(entries.nnz), (entries.coords[0], entries.coords[1] + rows)), shape=(rows + columns, rows + columns)
    )
    _, label = connected_components(joined, directed=False)
    return [
        (np.flatnonzero(label[rows:] == one), np.flatnonzero(label[:rows] == one)) for one in np.unique(label[rows:])
    ]


def _extreme(matrix: csr_array, right: NDArray[np.float64], target: int, sign: int) -> float:
    cost = np.zeros(matrix.shape[1])
    cost[target] = sign
    if not matrix.shape[0]:
        return 0.0 if sign > 0 else np.inf
    result = linprog(cost, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs-ds")
    if result.status == 3:
        return -sign * np.inf
    if result.status != 0:
        raise RuntimeError(f"linprog ended with {result.status}")
    return float(sign * result.fun)
