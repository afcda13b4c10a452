"""The speed of reading beside others, in one run: `python -m tests.bench.reading [--sites N ...] [--seconds S]`.

The same rows are in a release and in a table of SQLite. Before anything is timed, everybody's answers are compared
row by row. Then each is sent the same question over 8 connections, in turn with the others; the medians of the rounds
are told. Those who answer from memory are asked by wrk where it is installed, for they answer faster than Python asks.
Times depend on the machine, so compare within one run, and processor time rather than requests a second.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from statistics import median

import click

from tests.bench.reading.made_up import LAST, cells, months_until_last, sites_of
from tests.bench.reading.quick import WRK, drive_by_wrk
from tests.bench.reading.servers import (
    DATASETTE,
    FLASK,
    KEPT,
    NGINX,
    OBVIOUS,
    WORKED_OUT,
    Asked,
    Case,
    answer_to,
    asked_in_turn,
    cases,
    rows_in,
)
from tests.bench.reading.spans import spans
from tests.bench.submitting.load import Load, drive

CONNECTIONS = 8


@dataclass(frozen=True)
class Turn:
    """What a server did with a question: requests a second, and microseconds of processor time for each."""

    rate: float
    cpu: float


@click.command()
@click.option("--sites", "sizes", multiple=True, type=int, default=(6, 200, 2000), show_default=True)
@click.option("--months", default=60, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=2.0, show_default=True, help="Of each measurement.")
def main(sizes: tuple[int, ...], months: int, rounds: int, seconds: float) -> None:
    """Print the tables."""
    for size in sizes:
        with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
            click.echo(f"\n{size} sites x {months} months x {len(cells())} cells, until {LAST}")
            for line in beside_others(Path(folder), size, months, rounds, seconds):
                click.echo(line)
    for line in spans():
        click.echo(line)
    click.echo(f"\nLoad average: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")


def beside_others(folder: Path, size: int, months: int, rounds: int, seconds: float) -> Iterator[str]:
    """The table of one size."""
    sites, whole = sites_of(size), months_until_last(months)
    with asked_in_turn(folder, sites, whole) as (everybody, missing):
        yield from (
            f"{name}: not installed" for name in (*missing, *([] if WRK else ["wrk, which asks the quick ones"]))
        )
        for case in cases(sites, [str(month) for month in whole]):
            compare(everybody, case)
            turns: dict[str, list[Turn]] = {asked.name: [] for asked in everybody}
            for _ in range(rounds):
                for asked in everybody:
                    turns[asked.name].append(_turn(asked, case, seconds))
            yield from table(case, {name: _median(taken) for name, taken in turns.items()})


def compare(everybody: list[Asked], case: Case) -> None:
    """Raise ClickException unless all answers have the same rows, by the members that each has in common with ours."""
    answers = [(asked.name, rows_in(answer_to(asked, case))) for asked in everybody]
    (_, ours), others = answers[0], answers[1:]
    for name, rows in others:
        if len(rows) != len(ours) or not all(map(_is_same, ours, rows)):
            raise click.ClickException(f"{case.name}: the rows of {name} are not ours")


def _is_same(one: Mapping, other: Mapping) -> bool:
    return all(_is_close(one[name], other[name]) for name in one.keys() & other.keys())


def _is_close(one: object, other: object) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return all(map(_is_close, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-9)
    return one == other


def table(case: Case, turns: Mapping[str, Turn]) -> Iterator[str]:
    """The lines of one question."""
    kept, worked_out = turns[KEPT], turns[WORKED_OUT]
    yield f"\n| {case.name} | requests/s | CPU us | kept is cheaper by | worked out is cheaper by |"
    yield "|---|---|---|---|---|"
    for name, turn in turns.items():
        told = f"{turn.rate:,.0f} | {turn.cpu:,.0f} | {turn.cpu / kept.cpu:.1f} | {turn.cpu / worked_out.cpu:.1f}"
        yield f"| {name} | {told} |"
    if NGINX in turns:
        yield f"Kept, of nginx: {kept.rate / turns[NGINX].rate:.0%} of the requests a second (target: 30 %)."
    if DATASETTE in turns:
        yield f"Kept, of Datasette: {kept.rate / turns[DATASETTE].rate:.0f} times the requests a second (target: 150)."
    aims = ((DATASETTE, 10), (OBVIOUS, 8), (FLASK, 3))
    told = (f"{turns[name].cpu / worked_out.cpu:.1f} x {name} ({aim})" for name, aim in aims if name in turns)
    yield f"Worked out, in processor time (target): {', '.join(told)}."


def _turn(asked: Asked, case: Case, seconds: float) -> Turn:
    _load(asked, case, 0.2)
    before = asked.server.cpu()
    load = _load(asked, case, seconds)
    return Turn(load.rate, (asked.server.cpu() - before) / len(load.latencies) * 1e6)


def _load(asked: Asked, case: Case, seconds: float) -> Load:
    requests = asked.requests(case)
    if asked.is_quick and WRK:
        return drive_by_wrk(asked.server.port, next(requests), connections=CONNECTIONS, seconds=seconds)
    return drive(asked.server.port, requests.__next__, connections=CONNECTIONS, seconds=seconds)


def _median(turns: list[Turn]) -> Turn:
    return Turn(*(median(getattr(turn, name) for turn in turns) for name in ("rate", "cpu")))


if __name__ == "__main__":
    main()
