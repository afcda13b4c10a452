"""What a release costs in a process, and what a comparison does by months and sites: each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from actions.compare_rates import compare_rates
from actions.hub import Hub
from actions.open_release import open_release
from domain.dictionary import Level
from domain.periods import MonthRange
from tests.bench.reading.made_up import LAST, MEASURE, RELEASE, months_until_last, publish, sites_of

SIZES = ((200, 60), (600, 60), (2000, 60), (2000, 120))
SPANS = (1, 12, 60)
REPEATED = 5


def spans() -> Iterator[str]:
    """The lines of the printed table."""
    yield (
        "\n| sites x months | loaded in CPU s | MiB more | rates over "
        + " | ".join(f"{n} months" for n in SPANS)
        + " |"
    )
    yield "|---|---|---|" + "---|" * len(SPANS)
    for sites, months in SIZES:
        command = [sys.executable, "-m", __spec__.name, str(sites), str(months)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        yield done.stdout.strip() if done.returncode == 0 else f"| {sites} x {months} | {done.stderr[-300:]}"


def one(sites: int, months: int) -> str:
    """One line: the release is made, then read by this process."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", __spec__.name, "publish", folder, str(sites), str(months)]
        subprocess.run(command, check=True)
        hub = publish_nothing(Path(folder))
        before, begun = resident(), time.process_time()
        opened = open_release(hub.artefacts, RELEASE)
        loaded = time.process_time() - begun
        more = resident() - before
        assert opened.cube.months[-1] == LAST
        took = [f"{1000 * _rates(hub, span):.1f} ms" for span in SPANS]
        hub.database.close()
    return f"| {sites} x {months} | {loaded:.2f} | {more:.0f} | {' | '.join(took)} |"


def publish_nothing(folder: Path) -> Hub:
    """The hub that another process has published into."""
    from tests.builders import make_hub

    return make_hub(folder)


def resident() -> float:
    """MiB of memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


def _rates(hub: Hub, span: int) -> float:
    """Seconds of processor time of one comparison, the median of some; what is made once is made before."""
    within = months_until_last(span)
    asked = {"measure": MEASURE, "by": Level.SITE, "period": MonthRange(within[0], within[-1]), "release": RELEASE}
    taken = []
    for _ in range(REPEATED + 1):
        begun = time.process_time()
        compare_rates(hub, **asked)[1].content
        taken.append(time.process_time() - begun)
    return median(taken[1:])


if __name__ == "__main__":
    if sys.argv[1] == "publish":
        publish(Path(sys.argv[2]), sites_of(int(sys.argv[3])), months_until_last(int(sys.argv[4]))).database.close()
    else:
        print(one(int(sys.argv[1]), int(sys.argv[2])))
