"""Hidden cells and time beside other tools, on the same made-up tables: `python -m tests.bench.tables [CASE ...]`.

Every tool runs in a process of its own with a time limit and is judged by the same independent checker. The
tools of others are looked for in the Python that PEERS names, by default this one; what is missing is said.
Nothing is asserted: times depend on the machine, so compare within one run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from disclosure.linear.system import Mask
from tests.bench.cases import CASES, K, Table, make
from tests.bench.checker import Findings, check

HERE = Path(__file__).parent
PEERS = str(Path(os.environ.get("PEERS", sys.executable)).absolute())
SECONDS = float(os.environ.get("SECONDS", "300"))
TOOLS = {
    "ours": [str(Path(sys.executable).absolute()), "-m", "tests.bench.ours"],
    "tau-Argus OPT": [PEERS, str(HERE / "tau_argus.py")],
    "G-Confid": [PEERS, str(HERE / "g_confid.py")],
}
NOT_INSTALLED = 3
GRACE = 30
HEAD = (
    "case",
    "tool",
    "cells",
    "sensitive",
    "secondary",
    "their sum",
    "loss",
    "exact",
    "narrow",
    "CPU s",
    "peak MB",
    "remark",
)


@dataclass(frozen=True)
class Run:
    """What a tool did: the cells it hides, unless it gave up; what that took; what is said about it."""

    tool: str
    hidden: Mask | None
    cpu: float
    peak: float
    remark: str


def run(tool: str, table: Table, folder: Path) -> Run:
    """Let a tool protect a table."""
    source, target, said = folder / "table.npz", folder / "hidden.npy", folder / "said.txt"
    target.unlink(missing_ok=True)
    with said.open("w") as output:
        command = [*TOOLS[tool], str(source), str(target), str(SECONDS)]
        # Some leave logs where they run, so they run in the folder.
        where = os.environ | {"PYTHONPATH": str(HERE.parents[1])}
        child = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder, env=where)
        status, cpu, peak = _finished(child)
    lines = said.read_text(errors="replace").strip().splitlines()
    if status == NOT_INSTALLED:
        return Run(tool, None, cpu, peak, "not installed")
    if status is None:
        return Run(tool, None, cpu, peak, f"stopped after {SECONDS:.0f} s")
    if status != 0 or not target.exists():
        return Run(tool, None, cpu, peak, f"failed: {lines[-1][:80] if lines else status}")
    return Run(tool, np.load(target), cpu, peak, lines[-1][:60] if tool == "ours" else "")


def _finished(child: subprocess.Popen[bytes]) -> tuple[int | None, float, float]:
    """Exit status (None: it had to be stopped), CPU seconds, peak megabytes of a process with its own children."""
    deadline = time.monotonic() + SECONDS + GRACE
    stopped = False
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            code = None if stopped else child.returncode
            return code, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
        if time.monotonic() > deadline and not stopped:
            stopped = True
            child.kill()
        time.sleep(0.05)


def write(table: Table, path: Path) -> None:
    """The table as arrays, for tools that know nothing of ours."""
    rows = table.rows
    np.savez(
        path,
        truth=table.truth,
        sensitive=table.sensitive,
        published=table.published,
        loss=table.loss,
        k=K,
        row=rows.row,
        column=rows.column,
        coefficient=rows.coefficient,
        rows=rows.count,
    )


def line(table: Table, run: Run) -> tuple[list[str], Findings | None, float]:
    """A line of the printed table; what the checker found; the loss."""
    start = [table.case.name, run.tool, str(len(table.truth)), str(int(table.sensitive.sum()))]
    end = [f"{run.cpu:.1f}", f"{run.peak:.0f}", run.remark]
    if run.hidden is None:
        return [*start, "", "", "", "", "", *end], None, 0.0
    rows = table.rows
    matrix = csr_array((rows.coefficient, (rows.row, rows.column)), shape=(rows.count, len(table.truth)))
    found = check(matrix, table.truth, run.hidden, table.sensitive, K)
    secondary = run.hidden & ~table.sensitive
    loss = float(table.loss[secondary].sum())
    numbers = [secondary.sum(), table.truth[secondary].sum(), loss, found.exact, found.narrow]
    if found.checked < table.sensitive.sum():
        end[-1] = f"{end[-1]} ({found.checked} checked)".strip()
    return [*start, *(f"{number:.0f}" for number in numbers), *end], found, loss


def compare(name: str) -> Iterator[str]:
    """The lines of a case, then how ours compares to the best of the others that is safe."""
    table = make(next(case for case in CASES if case.name == name))
    losses: dict[str, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        write(table, Path(folder) / "table.npz")
        for tool in TOOLS:
            result = run(tool, table, Path(folder))
            cells, found, loss = line(table, result)
            yield "| " + " | ".join(cells) + " |"
            if found is not None and not found.narrow:
                losses[tool] = loss, result.cpu
    others = {tool: numbers for tool, numbers in losses.items() if tool != "ours"}
    if "ours" in losses and others:
        best = min(others, key=others.__getitem__)
        loss, cpu = (ours / max(theirs, 1e-9) for ours, theirs in zip(losses["ours"], others[best], strict=True))
        yield f"| {name} | ours / {best} ||||| {loss:.2f} ||| {cpu:.2f} || the best safe peer |"


def main(names: Sequence[str]) -> None:
    """Print the comparison as a markdown table, line by line as it comes."""
    print("| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD), sep="\n", flush=True)
    for name in names or [case.name for case in CASES if not case.slow]:
        for text in compare(name):
            print(text, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
