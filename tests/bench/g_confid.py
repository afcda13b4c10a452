"""G-Confid on a made-up table: `python g_confid.py IN.npz OUT.npy SECONDS`. Imports nothing of ours.

It asks of a sensitive cell to move by half its sensitivity both ways, and takes no sensitivity above what it
calls the noise of the cell: both are the width asked, for the others the noise is the count.
"""

from __future__ import annotations

import sys

import numpy as np

try:
    import pandas as pd
    from gconfid import Suppression
except ImportError:
    sys.exit(3)


def main(source: str, target: str, seconds: str) -> None:
    """Hand the table over without its zeros, and read which cells are not published."""
    data = np.load(source)
    shown = ~data["published"]
    truth, sensitive, k = data["truth"], data["sensitive"], float(data["k"])
    cells = pd.DataFrame(
        {
            "CellId": np.arange(1, len(truth) + 1),
            "TotalNoise": np.where(sensitive, np.maximum(truth, k), truth),
            "Sensitivity": np.where(sensitive, k, -1.0),
            "Status": np.where(sensitive, "S", "V"),
            "Type": "C",
            "Loss": data["loss"],
        }
    )[shown]
    kept = shown[data["column"]] & (np.bincount(data["row"], shown[data["column"]])[data["row"]] > 1)
    constraints = pd.DataFrame(
        {
            "ConstraintId": data["row"][kept] + 1,
            "CellId": data["column"][kept] + 1,
            "Coefficient": -data["coefficient"][kept].astype(int),
        }
    )
    run = Suppression(
        incell=cells,
        inconstraint=constraints,
        cost_function1="Size",
        cost_var1="Loss",
        outsuppress="pandas",
        trace=False,
    )
    found = run.outsuppress
    hidden = sensitive.copy()
    hidden[found.loc[found["OutStatus"] != "P", "CellId"].to_numpy(int) - 1] = True
    np.save(target, hidden)


if __name__ == "__main__":
    main(*sys.argv[1:])
