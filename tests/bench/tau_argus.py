"""tau-Argus (pytauargus) on a made-up table: `python tau_argus.py IN.npz OUT.npy SECONDS`. Imports nothing of ours.

The table goes in as equations, in the format of its own optimal method. It takes a sliding width only beside
levels to either side, so every interval is asked to cover 1 to k too.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

try:
    from pytauargus._tauargus import HiTaSCtrl
except ImportError:
    sys.exit(3)

FAR = 1_000_000


def main(source: str, target: str, seconds: str) -> None:
    """Write the table, let the method run, read which cells it adds."""
    data = np.load(source)
    with tempfile.TemporaryDirectory() as folder:
        table, found = Path(folder, "table.jj"), Path(folder, "found.txt")
        table.write_text("\n".join(["0", *_cells(data), *_equations(data)]) + "\n")
        engine = HiTaSCtrl()
        code = engine.full_jj(in_file_jj=str(table), out_file=str(found), max_time=max(1, int(float(seconds) / 60)))
        if code > 1:
            sys.exit(f"code {code}: {engine.error_string(code)}")
        hidden = data["sensitive"].copy()
        hidden[[int(line) for line in found.read_text().split()]] = True
    np.save(target, hidden)
    print(f"code {code}")


def _cells(data) -> list[str]:
    k, lines = int(data["k"]), [str(len(data["truth"]))]
    for place, (count, loss) in enumerate(zip(data["truth"].astype(int), data["loss"].astype(int), strict=True)):
        if data["sensitive"][place]:
            lines.append(f"{place} {count} {loss} u 0 {FAR} {count - 1} {k - count} {k}")
        else:
            status = "z" if data["published"][place] else "s"
            lines.append(f"{place} {count} {loss} {status} 0 {FAR} 0 0 0")
    return lines


def _equations(data) -> list[str]:
    lines = [str(int(data["rows"]))]
    for row in range(int(data["rows"])):
        entries = np.flatnonzero(data["row"] == row)
        # The total comes first there, and counts negatively.
        terms = " ".join(f"{data['column'][e]} ({-int(data['coefficient'][e])})" for e in entries)
        lines.append(f"0 {len(entries)} : {terms}")
    return lines


if __name__ == "__main__":
    main(*sys.argv[1:])
