"""A million lines of an operator to a report: time, memory, the counts beside others, and that nothing is sent.

    python -m tests.bench.lines [--lines N]

The tool runs in a process of its own, once where there is no network at all (a network namespace of its own, with
nothing in it) and once with its system calls traced, where the machine allows these. What it counts is compared with a
count line by line in plain Python.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from carrying import carry
from tests.arrows import ROOT
from tests.client import lines as made

COMMAND = [sys.executable, "-c", "from crosstally.commands.main import main; main()", "aggregate"]
GIVEN = ["--given", "operating_hours=248", "--given", "deaths_overdose_onsite=0", "--month", "2026-05"]
NETWORK = r"\b(socket|connect|sendto|sendmsg|sendmmsg|bind|listen|accept4?)\("


@click.command()
@click.option("--lines", default=1_000_000, show_default=True)
def main(lines: int) -> None:
    """Count made-up lines and say how long it took, how much memory, and what went over the network."""
    carry()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export = made.write(folder / "export.csv", made.made_up(lines, seed=1, persons=60_000))
        (folder / "mapping.toml").write_text(made.MAPPING)
        click.echo(f"{lines:,} lines, {export.stat().st_size / 1e6:.0f} MB")
        click.echo(f"as it is: {_timed(folder, [])}")
        _compare(folder, made.counted(export, 2026, 5))
        if _may(["unshare", "--user", "--map-root-user", "--net", "true"]):
            click.echo(f"without a network: {_timed(folder, ['unshare', '--user', '--map-root-user', '--net'])}")
            _compare(folder, made.counted(export, 2026, 5))
        if shutil.which("strace"):
            trace = folder / "trace.txt"
            _timed(folder, ["strace", "-f", "-qq", "-e", "trace=%network,%file", "-o", str(trace)])
            _tell_trace(trace.read_text(), folder)


def _timed(folder: Path, around: list[str]) -> str:
    """Run the tool; the seconds it took, those of the processor, and the most memory it had."""
    before, used = time.monotonic(), _processor()
    command = [*around, *COMMAND, "export.csv", "--to", "report.json", *GIVEN]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "client")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(done.stderr)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return f"{time.monotonic() - before:.1f} s ({_processor() - used:.1f} s of processor), at most {memory:.0f} MiB"


def _processor() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def _may(command: list[str]) -> bool:
    return bool(shutil.which(command[0])) and not subprocess.run(command, capture_output=True, check=False).returncode


def _compare(folder: Path, wanted: dict) -> None:
    found = json.loads((folder / "report.json").read_text())["indicators"]
    same = (
        found["operating_days"]["total"] == wanted["days"],
        found["visits_consumption"]["total"] == wanted["visits"],
        found["visits_consumption"]["by"]["route_any"] == {"other": 0, **wanted["routes"]},
        found["participants_unique"]["total"] == wanted["persons"],
        {c: n for c, n in found["participants_unique"]["by"]["age_band"].items() if n} == wanted["ages"],
        found["overdose_events"]["by"]["overdose_type"] == {"mixed": 0, **wanted["types"]},
        found["naloxone_doses_onsite"]["total"] == wanted["doses"],
    )
    if not all(same):
        raise click.ClickException(f"counted otherwise than line by line: {same}")
    click.echo(f"the same as line by line: {wanted['visits']:,} visits of {wanted['persons']:,} persons")


def _tell_trace(trace: str, folder: Path) -> None:
    network = re.findall(NETWORK + ".*", trace)
    written = {Path(path).name for path in re.findall(r'"([^"]+)", O_(?:WRONLY|RDWR)[^)]*\) = \d', trace)}
    click.echo(f"system calls of the network: {len(network)}; files written to: {', '.join(sorted(written))}")
    if network:
        raise click.ClickException("something was opened: " + network[0])


if __name__ == "__main__":
    main()
