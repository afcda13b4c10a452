"""Our engine on a made-up table: `python -m tests.bench.ours IN.npz OUT.npy SECONDS`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from disclosure.exact import Problem, cheapest
from disclosure.system import Mask, Rows
from tests.bench.cases import K

FAR = 1_000_000.0


def protect(problem: Problem, seconds: float) -> tuple[Mask, bool]:
    """The cells to hide, and whether that is proved the cheapest way. This is the function to replace."""
    answer = cheapest(problem, ~problem.fixed, seconds)
    return answer.hidden, answer.proved


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
    hidden, proved = protect(read(Path(sys.argv[1])), float(sys.argv[3]))
    np.save(sys.argv[2], hidden)
    print("proved the cheapest" if proved else "time ran out")
