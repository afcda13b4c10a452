"""The submit rate beside others, in one run: `python -m tests.bench.submitting [--rounds N] [--seconds S]`.

Every server is sent the same 243 cells, again and again for other site-months, over 8 connections and then over one,
in turn with the others; the medians of the rounds are told. At the end each must have stored what it acknowledged.
Nothing else is asserted: times depend on the machine, so compare within one run.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import click

from tests.bench.submitting.load import drive
from tests.bench.submitting.servers import BARE, HUB, KINDS, PEERS, Running, is_installed, running

CONNECTIONS = 8
BLOCK = b"x" * 8192


@dataclass(frozen=True)
class Turn:
    """What a server did: requests a second over many connections, CPU milliseconds for each, p50 over one."""

    rate: float
    cpu: float
    p50: float


@click.command()
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=4.0, show_default=True, help="Of each measurement.")
def main(rounds: int, seconds: float) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder, ExitStack() as servers:
        there = [kind for kind in KINDS if is_installed(kind)]
        for kind in set(KINDS) - set(there):
            click.echo(f"{kind.name}: not installed, there is no {PEERS}")
        started = [servers.enter_context(running(kind, Path(folder, str(n)))) for n, kind in enumerate(there)]
        turns, syncs = defaultdict(list), []
        for server in started:
            _turn(server, 1.0)
        for _ in range(rounds):
            syncs.append(fdatasync_ms(Path(folder)))
            for server in started:
                turns[server.kind.name].append(_turn(server, seconds))
        for server in started:
            if server.reports_stored() != server.answered:
                raise click.ClickException(f"{server.kind.name} has not stored what it acknowledged")
    click.echo("\n".join(table({name: _median(taken) for name, taken in turns.items()}, median(syncs))))


def fdatasync_ms(folder: Path) -> float:
    """What one fdatasync of a small addition to a file takes, half of the time."""
    taken = []
    with (folder / "synced").open("ab", buffering=0) as file:
        for _ in range(200):
            file.write(BLOCK)
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - begun)
    return median(taken) * 1000


def table(turns: dict[str, Turn], sync: float) -> list[str]:
    """The lines of the printed table."""
    bare, hub = turns[BARE], turns[HUB]
    lines = [
        "| | reports/s | of the bare INSERT | Crosstally is faster by | CPU ms | p50 ms, one client | in fdatasyncs |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, turn in turns.items():
        cells = [f"{turn.rate:.0f}", f"{turn.rate / bare.rate:.0%}", f"{hub.rate / turn.rate:.1f}"]
        cells += [f"{turn.cpu:.2f}", f"{turn.p50:.2f}", f"{turn.p50 / sync:.1f}"]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return [*lines, "", f"One fdatasync on this disk: {sync:.2f} ms. {CONNECTIONS} connections, one worker each."]


def _turn(server: Running, seconds: float) -> Turn:
    before = server.cpu()
    many = drive(server.port, server.requests.__next__, connections=CONNECTIONS, seconds=seconds)
    cpu = server.cpu() - before
    one = drive(server.port, server.requests.__next__, connections=1, seconds=seconds / 2)
    server.answered += len(many.latencies) + len(one.latencies)
    return Turn(many.rate, cpu / len(many.latencies) * 1000, one.p50)


def _median(turns: list[Turn]) -> Turn:
    return Turn(*(median(getattr(turn, name) for turn in turns) for name in ("rate", "cpu", "p50")))


if __name__ == "__main__":
    main()
