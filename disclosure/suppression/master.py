"""The master problem of the exact search: the cheapest pattern that meets all cuts known so far."""

from __future__ import annotations

from collections.abc import Iterable

import highspy
import numpy as np

from disclosure.linear.system import Mask, Places, Vector
from disclosure.suppression.cuts import TOLERANCE, Cut, Stopped


class Master:
    """Cells with a cost, some of them hidden for certain, under cuts that only grow in number."""

    def __init__(self, cost: Vector, certain: Mask) -> None:
        self._cost, self._certain = cost, certain
        self._known: set[bytes] = set()
        self._row, self._place = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        self._weight: Vector = np.empty(0)

    def add(self, cuts: Iterable[Cut]) -> None:
        """Add those cuts that are new."""
        new = list({cut.key: cut for cut in cuts if cut.key not in self._known}.values())
        rows = np.repeat(np.arange(len(new)) + len(self._known), [len(cut.places) for cut in new])
        self._known |= {cut.key for cut in new}
        self._row = np.concatenate([self._row, rows])
        self._place = np.concatenate([self._place, *(cut.places for cut in new)])
        self._weight = np.concatenate([self._weight, *(cut.weights for cut in new)])

    def refutes(self, pattern: Mask) -> bool:
        """Whether the cuts are enough to say that a pattern does not protect."""
        return bool(self._missing(pattern).any())

    def complete(self, pattern: Mask) -> Mask:
        """The pattern with more hidden until it meets the cuts, each time the cell that serves most for its cost."""
        pattern = pattern.copy()
        while (missing := self._missing(pattern)).any():
            gain = np.bincount(self._place, np.minimum(self._weight, missing[self._row]), len(pattern))
            gain[pattern] = 0
            if not gain.any():
                raise Stopped
            pattern[np.argmax(gain / np.maximum(self._cost, TOLERANCE))] = True
        return pattern

    def cheapest(self, start: Mask, seconds: float) -> tuple[Mask, float]:
        """The cheapest pattern that meets the cuts, and a lower bound on what any costs.

        The solver begins with the start, a pattern that meets them. Raises Stopped where it does not end with
        an optimum in so many seconds.
        """
        free = np.flatnonzero(~self._certain)
        model = self._model(free)
        model.setOptionValue("time_limit", seconds)
        model.setSolution(len(free), np.arange(len(free), dtype=np.int32), start[free].astype(float))
        model.run()
        if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise Stopped
        pattern = self._certain.copy()
        pattern[free] = np.array(model.getSolution().col_value) > 0.5
        return pattern, float(self._cost[self._certain].sum() + model.getInfo().mip_dual_bound)

    def _missing(self, pattern: Mask) -> Vector:
        """By how much the pattern falls short of each cut."""
        met = np.bincount(self._row, self._weight * pattern[self._place], len(self._known))
        return np.where(met < 1 - TOLERANCE, 1 - met, 0)

    def _model(self, free: Places) -> highspy.Highs:
        highs = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("parallel", "off"), ("mip_rel_gap", 0.0)):
            highs.setOptionValue(option, value)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(free), len(self._known)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self._cost[free], np.zeros(len(free)), np.ones(len(free))
        lp.integrality_ = [highspy.HighsVarType.kInteger] * len(free)
        lp.row_lower_, lp.row_upper_ = np.ones(len(self._known)), np.full(len(self._known), np.inf)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.searchsorted(self._row, np.arange(len(self._known) + 1))
        lp.a_matrix_.index_ = (np.cumsum(~self._certain) - 1)[self._place]
        lp.a_matrix_.value_ = self._weight
        highs.passModel(lp)
        return highs
