"""Two linear programs over a component, in HiGHS: how far an unknown can go, and how to get it somewhere.

Each is one model of which only objective and bounds change. Nothing here decides that a count is safe: a
solution is a suggestion that the caller tries against the relations in whole numbers, and a solver that ends
with anything but an optimum suggests nothing.
"""

from __future__ import annotations

import highspy
import numpy as np

from disclosure.linear.components import Component
from disclosure.linear.system import NO_BOUND, Rows, Vector

_NODES = 1_000
_DUAL, _PRIMAL = 1, 4
_REWARD = 50.0


class Program:
    """What the two have in common: a model whose last rows are open implications, bound only while settled."""

    def __init__(self, component: Component, rows: Rows, center: Vector, strategy: int) -> None:
        self._component = component
        self._highs = _quiet_solver(strategy)
        self._first = rows.count
        self._rows = rows.followed_by(component.premises).followed_by(component.conclusions)
        self._center = center

    @property
    def is_infeasible(self) -> bool:
        """Whether the last run proved that nothing fits the rows and bounds."""
        return bool(self._highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible)

    def settle(self, table: Vector, *, deny: bool) -> None:
        """Bind each implication to one of the ways in which it can hold: the one in which it holds in the table.

        Where it does not hold there, its premise is denied, or else its conclusion is affirmed.
        """
        premises, conclusions = self._component.premises, self._component.conclusions
        activity, concluded = premises.activity(table), conclusions.hold(table)
        denied = ~concluded & (~premises.hold(table) | deny)
        above = (premises.low == -NO_BOUND) | (activity > premises.high)
        self._bind_implications(
            np.concatenate(
                [
                    np.where(denied & above, premises.high + 1, -NO_BOUND),
                    np.where(denied, -NO_BOUND, conclusions.low),
                ]
            ),
            np.concatenate(
                [
                    np.where(denied & ~above, premises.low - 1, NO_BOUND),
                    np.where(denied, NO_BOUND, conclusions.high),
                ]
            ),
        )

    def release(self) -> None:
        """Bind no implication."""
        count = self._rows.count - self._first
        self._bind_implications(np.full(count, -NO_BOUND), np.full(count, NO_BOUND))

    def _bind_implications(self, low: Vector, high: Vector) -> None:
        places = np.arange(self._first, self._rows.count, dtype=np.int32)
        if len(places):
            center = self._rows.activity(self._center)[self._first :]
            self._highs.changeRowsBounds(len(places), places, low - center, high - center)  # type: ignore[attr-defined]

    def _pass_model(self, matrix: Rows, cost: Vector, lower: Vector, upper: Vector) -> None:
        order = np.argsort(matrix.row, kind="stable")
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(cost), matrix.count
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, lower, upper
        lp.row_lower_, lp.row_upper_ = matrix.low, matrix.high
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.searchsorted(matrix.row[order], np.arange(matrix.count + 1))
        lp.a_matrix_.index_ = matrix.column[order]
        lp.a_matrix_.value_ = matrix.coefficient[order]
        self._highs.passModel(lp)
        self.release()

    def _run(self) -> Vector | None:
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.array(self._highs.getSolution().col_value)


class Extremes(Program):
    """The tables in which a sum of unknowns is largest.

    Only the objective changes between runs, so the last vertex stays feasible, and the primal simplex goes
    on from it.
    """

    def __init__(self, component: Component) -> None:
        columns = len(component.columns)
        super().__init__(component, component.rows, np.zeros(columns), _PRIMAL)
        self._pass_model(self._rows, np.zeros(columns), component.lower[:columns], component.upper[:columns])

    def best(self, costs: Vector) -> Vector | None:
        """The vertex where costs * table is largest, or None."""
        self._highs.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), -costs)
        return self._run()

    def best_whole(self, costs: Vector) -> Vector | None:
        """As `best`, over whole numbers."""
        self._ask_whole_numbers(True)
        best = self.best(costs)
        self._ask_whole_numbers(False)
        return best

    def _ask_whole_numbers(self, asked: bool) -> None:
        count = len(self._component.columns)
        self._highs.changeColsIntegrality(
            count, np.arange(count, dtype=np.int32), np.full(count, int(asked), dtype=np.uint8)
        )


class Moves(Program):
    """The tables nearest to a given one, the center, in which a target reaches a value.

    A column for every step up from the center and one for every step down, each at a price of one. The
    center itself is the optimum until a target is sent elsewhere, and few unknowns have to move with it:
    the dual simplex needs few steps, and a way round through whole numbers is usually the cheapest.
    """

    def __init__(self, component: Component, center: Vector) -> None:
        open_sums = component.sums.bounded(
            np.full(component.sums.count, -NO_BOUND), np.full(component.sums.count, NO_BOUND)
        )
        super().__init__(component, component.rows.followed_by(open_sums), center, _DUAL)
        at_center = self._rows.activity(center)
        count = len(component.columns)
        both_ways = Rows(
            np.concatenate([self._rows.row, self._rows.row]),
            np.concatenate([self._rows.column, self._rows.column + count]),
            np.concatenate([self._rows.coefficient, -self._rows.coefficient]),
            self._rows.low - at_center,
            self._rows.high - at_center,
        )
        self._room = np.concatenate([component.upper[:count] - center, center - component.lower[:count]])
        self._pass_model(both_ways, np.ones(2 * count), np.zeros(2 * count), self._room)

    def push(self, steps: Vector) -> Vector | None:
        """The table in which as many counts as possible make their steps from the center, or None.

        Up or down, 0 for those that need not move: only where a step would set too many others in motion
        it is left undone.
        """
        wanted = np.concatenate([np.maximum(steps, 0), np.maximum(-steps, 0)])
        self._set_columns(np.where(wanted > 0, -_REWARD, 1.0), np.where(wanted > 0, wanted, self._room))
        table = self._moved(self._run())
        self._set_columns(np.ones(len(wanted)), self._room)
        return table

    def reach(self, target: int, steps: float) -> Vector | None:
        """The nearest table in which the target differs by at least so many steps, up or down; or None."""
        count = len(self._component.columns)
        sent = self._send_column(target, steps) if target < count else self._send_sum(target - count, steps)
        return self._moved(sent)

    def _moved(self, moves: Vector | None) -> Vector | None:
        count = len(self._center)
        return None if moves is None else self._center + moves[:count] - moves[count:]

    def _set_columns(self, cost: Vector, upper: Vector) -> None:
        columns = np.arange(len(cost), dtype=np.int32)
        self._highs.changeColsCost(len(cost), columns, cost)
        self._highs.changeColsBounds(len(cost), columns, np.zeros(len(cost)), upper)
        self._highs.setBasis()

    def _send_column(self, column: int, steps: float) -> Vector | None:
        count = len(self._component.columns)
        sent, back = (column, column + count) if steps > 0 else (column + count, column)
        if abs(steps) > self._room[sent]:
            return None
        # Steps back would make the way there cost less than it does.
        self._highs.changeColBounds(sent, abs(steps), self._room[sent])
        self._highs.changeColBounds(back, 0.0, 0.0)
        moves = self._run()
        self._highs.changeColBounds(sent, 0.0, self._room[sent])
        self._highs.changeColBounds(back, 0.0, self._room[back])
        return moves

    def _send_sum(self, sum: int, steps: float) -> Vector | None:
        row = self._component.rows.count + sum
        low, high = (steps, NO_BOUND) if steps > 0 else (-NO_BOUND, steps)
        self._highs.changeRowBounds(row, low, high)
        moves = self._run()
        self._highs.changeRowBounds(row, -NO_BOUND, NO_BOUND)
        return moves


def _quiet_solver(strategy: int) -> highspy.Highs:
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("parallel", "off")
    highs.setOptionValue("solver", "simplex")
    highs.setOptionValue("simplex_strategy", strategy)
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("mip_max_nodes", _NODES)
    return highs
