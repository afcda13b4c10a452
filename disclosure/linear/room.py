"""Linear programs in a part of a frame, in HiGHS: how far a count can be moved, and at what price.

Nothing here decides that a count is safe: a solution is a suggestion that the caller tries in whole numbers,
and a solver that ends with anything but an optimum suggests nothing.
"""

from __future__ import annotations

import highspy
import numpy as np

from disclosure.linear.frame import Part
from disclosure.linear.system import NO_BOUND, Rows, Vector, sums_by_row

_ALMOST_NOTHING = 1e-4
_UNPAYABLE = float("inf")
# Seconds for all runs of one model; most take a thousandth of one.
_PATIENCE = 60.0


class Room:
    """A model with a column for every step up, one for every step down, and one each way for rows that give way.

    `costs` are what a step of each column costs; `prices` what it costs when a row leaves its bounds by one,
    inf where it may not.
    """

    def __init__(self, part: Part, costs: Vector, prices: Vector | None = None) -> None:
        self.part = part
        self._count = len(part.columns)
        payable = np.zeros(part.rows.count, bool) if prices is None else prices < _UNPAYABLE
        self._payable = np.flatnonzero(payable)
        down, up = part.reach(~payable)
        paid = np.zeros(0) if prices is None else prices[self._payable]
        self._cost = np.concatenate([costs, costs, paid, paid]) + _ALMOST_NOTHING
        self._upper = np.concatenate([up, down, np.full(2 * len(paid), NO_BOUND)])
        self._highs = _solver()
        self._pass_model()

    def reprice(self, costs: Vector, prices: Vector) -> None:
        """Take other costs; rows that could give way still can, and no others."""
        paid = prices[self._payable]
        self._cost = np.concatenate([costs, costs, paid, paid]) + _ALMOST_NOTHING

    def farthest(self, gains: Vector, cap: float, reward: float) -> Vector | None:
        """The move on which the gains are largest, at most `cap`, as long as each step is worth its price."""
        row = self._part_row(gains, -NO_BOUND, cap)
        both = np.concatenate([-gains, gains, np.zeros(2 * len(self._payable))])
        solution = self._solve(self._cost + reward * both)
        self._drop(row)
        return solution

    def reaching(self, gains: Vector, goal: float) -> Vector | None:
        """The cheapest move with gains of at least the goal; None where there is none."""
        row = self._part_row(gains, goal, NO_BOUND)
        solution = self._solve(self._cost)
        self._drop(row)
        return solution

    def steps(self, solution: Vector) -> Vector:
        """The steps of the columns in a solution."""
        return solution[: self._count] - solution[self._count : 2 * self._count]

    def price(self, solution: Vector) -> float:
        """What a solution costs."""
        return float(self._cost @ solution)

    def _part_row(self, gains: Vector, low: float, high: float) -> int:
        columns = np.flatnonzero(gains)
        index = np.concatenate([columns, columns + self._count]).astype(np.int32)
        values = np.concatenate([gains[columns], -gains[columns]])
        self._highs.addRow(low, high, len(index), index, values)
        return self.part.rows.count

    def _drop(self, row: int) -> None:
        self._highs.deleteRows(1, np.array([row], dtype=np.int32))

    def _solve(self, costs: Vector) -> Vector | None:
        self._highs.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), costs)
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.array(self._highs.getSolution().col_value)

    def _binding(self) -> Rows:
        """The rows, those without entries that nothing within the bounds of the columns can break."""
        rows = self.part.rows
        steps = rows.coefficient * self._upper[rows.column], rows.coefficient * -self._upper[rows.column + self._count]
        least, most = np.minimum(*steps), np.maximum(*steps)
        can_break = sums_by_row(rows.row, least, rows.count) < rows.low
        can_break |= sums_by_row(rows.row, most, rows.count) > rows.high
        kept = can_break[rows.row]
        low, high = np.where(can_break, rows.low, -NO_BOUND), np.where(can_break, rows.high, NO_BOUND)
        return Rows(rows.row[kept], rows.column[kept], rows.coefficient[kept], low, high)

    def _pass_model(self) -> None:
        rows, count = self._binding(), self._count
        slack = np.arange(len(self._payable)) + 2 * count
        ones = np.ones(len(slack))
        both_ways = Rows(
            np.concatenate([rows.row, rows.row, self._payable, self._payable]),
            np.concatenate([rows.column, rows.column + count, slack, slack + len(slack)]),
            np.concatenate([rows.coefficient, -rows.coefficient, -ones, ones]),
            rows.low,
            rows.high,
        )
        order = np.argsort(both_ways.row, kind="stable")
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self._cost), rows.count
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self._cost, np.zeros(len(self._cost)), self._upper
        lp.row_lower_, lp.row_upper_ = rows.low, rows.high
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.searchsorted(both_ways.row[order], np.arange(rows.count + 1))
        lp.a_matrix_.index_ = both_ways.column[order]
        lp.a_matrix_.value_ = both_ways.coefficient[order]
        self._highs.passModel(lp)


def _solver() -> highspy.Highs:
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("parallel", "off")
    highs.setOptionValue("solver", "simplex")
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("time_limit", _PATIENCE)
    return highs
