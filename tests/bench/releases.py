"""What cutting a release costs: `python -m tests.bench.releases whole|turns|month|k [SITES] [MONTHS]`.

whole   all months, quarters and the year in one cut: time by step, memory, what is hidden
turns   the same month by month, one release after another, with late, corrected and withdrawn reports; then
        the attack on the last release, from nothing, beside all before it
month   one month more on top of a year that is published. The year's rows stand in for those of a release:
        policy alone hides what it hides, for only how many there are matters to the month
k       how much of the core indicators survives at k = 5, 7 and 11
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import NamedTemporaryFile

from disclosure.engine import attack_told, protect
from disclosure.policy import Policy
from disclosure.publication.assemble import Assembly, PlannedCell, Span
from disclosure.publication.parts import Partition
from domain.load_dictionary import shipped_dictionaries
from domain.periods import Month, MonthRange, PeriodKind
from domain.reasons import pack_reasons
from domain.release import (
    AttackSummary,
    Contribution,
    Inclusion,
    Observation,
    Part,
    PastRelease,
    ProtectedTable,
    Status,
    periods_of,
    rows_about,
)
from formats.observations_csv import read_observations_of, write_observations
from tests.bench.federation import YEAR, Federation, corrected, federation

DICTIONARIES = shipped_dictionaries()
CORE = [indicator.id for indicator in DICTIONARIES[max(DICTIONARIES)].indicators if indicator.core]


def cut(
    made: Federation, reports: Sequence[Contribution], k: int = 11, past: Sequence[PastRelease] = ()
) -> ProtectedTable:
    """A release of these reports."""
    return protect(
        reports, sites=made.sites, operators=made.operators, dictionaries=DICTIONARIES, k=k, past=past, progress=_bar
    )


def _bar(share: float) -> None:
    print(f"\r{share:4.0%}", end="", file=sys.stderr)


def told(made: Federation, table: ProtectedTable) -> PastRelease:
    """What a release told, for those that come after it."""
    return PastRelease(table.contributions, made.sites, partial(rows_about, table.observations), parts=table.parts)


def whole(sites: int, months: int) -> None:
    """One cut of everything."""
    made = federation(sites, _first(months))
    before = time.process_time(), time.monotonic()
    table = cut(made, [c for month in made.reports.values() for c in month])
    cpu, wall = time.process_time() - before[0], time.monotonic() - before[1]
    _line(f"{sites} x {months}", len(table.observations), table.attack.cells, f"{cpu:.0f}", f"{wall:.0f}", _peak())


def turns(sites: int, months: int) -> None:
    """Month after month; every third month something comes late, is corrected, is withdrawn."""
    made = federation(sites, _first(months))
    reports: dict[tuple[str, Month], Contribution] = {}
    past: list[PastRelease] = []
    print("| release | reports | rows | hidden | waiting | held back | CPU s | MB |\n|---|---|---|---|---|---|---|---|")
    for number, month in enumerate(made.reports):
        _arrive(reports, made, number, month)
        before = time.process_time()
        table = cut(made, list(reports.values()), past=past)
        past.append(told(made, table))
        states = list(table.inclusions.values())
        waiting, held = (states.count(s) for s in (Inclusion.CORRECTION_PENDING, Inclusion.HELD_BACK))
        seconds = f"{time.process_time() - before:.0f}"
        _line(number + 1, len(reports), len(table.observations), table.attack.cells, waiting, held, seconds, _peak())
    before = time.process_time()
    breaches = attack_told(
        past[-1], operators=made.operators, dictionaries=DICTIONARIES, k=11, past=past[:-1], progress=_bar
    )
    print(f"\rJoint attack on all {len(past)} releases: {len(breaches)} breaches, {time.process_time() - before:.0f} s")


def month(sites: int, months: int) -> None:
    """The month after so many, in a release on top of them."""
    calendar = _first(months + 1)
    made = federation(sites, calendar)
    reports = [c for month in calendar for c in made.reports[month]]
    with NamedTemporaryFile() as file, ProcessPoolExecutor(1, mp_context=get_context("fork")) as apart:
        parts = apart.submit(_stand_in, made, months, file.name).result()
        told = [c for c in reports if c.month != calendar[-1]]
        past = PastRelease(told, made.sites, partial(_rows_of_file, file.name), parts=parts)
        before = time.process_time(), time.monotonic()
        table = cut(made, reports, past=[past])
    cpu, wall = time.process_time() - before[0], time.monotonic() - before[1]
    again = sum(part in parts for part in table.parts)
    _line(
        f"{sites} x {months} + 1",
        len(table.observations),
        f"{again} of {len(table.parts)} parts told again",
        table.parts[-1].attack.cells,
        f"{cpu:.0f}",
        f"{wall:.0f}",
        _peak(),
    )


def _stand_in(made: Federation, months: int, file: str) -> list[Part]:
    """The parts of a release of so many months that hides what policy alone hides; its rows are in the file."""
    reports = [c for month in list(made.reports)[:months] for c in made.reports[month]]
    whole = Assembly(reports, made.sites, Policy(11, made.operators), DICTIONARIES)
    Path(file).write_bytes(write_observations(map(_as_policy_has_it, whole.cells())))
    partition = Partition(whole, ())
    parts = []
    for there in partition.months:
        assembly = replace(whole, contributions=[c for c in reports if c.month in there])
        basis = partition.basis(assembly, partition.history(there), there)
        parts.append(Part(there, basis, AttackSummary(("anyone",), 0, 0, None, 0, 0, ""), pack_reasons({})))
    return parts


def _as_policy_has_it(cell: PlannedCell) -> Observation:
    key, content = cell.key, cell.content
    name = key.name.indicator, key.name.breakdown, key.name.category
    place = key.level.value, key.unit, cell.city, cell.operator, str(key.period), *name
    if not isinstance(content, Span):
        return Observation(*place, None, content.value)
    if content.low < 11:
        return Observation(*place, None, Status.SUPPRESSED.value, 0, None)
    return Observation(*place, content.low, Status.PUBLISHED.value)


def _rows_of_file(file: str, months: Collection[Month]) -> Iterator[Observation]:
    return read_observations_of(Path(file).read_bytes(), periods_of(months))


def _first(months: int) -> list[Month]:
    """So many months from the beginning of the made-up year on, and beyond it."""
    last = YEAR.first.index + months - 1
    return list(MonthRange(YEAR.first, Month(last // 12, last % 12 + 1)))


def _arrive(reports: dict[tuple[str, Month], Contribution], made: Federation, number: int, month: Month) -> None:
    """The reports of a month, but for some that come a month late; corrections of the month before; a withdrawal."""
    previous = list(made.reports)[number - 1] if number else None
    for place, contribution in enumerate(made.reports[month]):
        if place % 20 != 7:
            reports[contribution.site.id, month] = contribution
        if previous is None:
            continue
        key = contribution.site.id, previous
        if place % 20 == 7:
            reports[key] = made.reports[previous][place]
        elif place % 20 in (3, 11):
            reports[key] = corrected(reports[key], 2 if place % 20 == 3 else 25)
        elif place == 5 and number == 6:
            del reports[key]


def survival(sites: int, months: int) -> None:
    """The share of each core indicator's totals that is shown, by site and period."""
    made = federation(sites, _first(months))
    reports = [c for month in made.reports.values() for c in month]
    print("| core indicator | period | k = 5 | k = 7 | k = 11 |\n|---|---|---|---|---|")
    shares = [dict(_shares(cut(made, reports, k))) for k in (5, 7, 11)]
    for place in shares[0]:
        print(f"\r| {place[0]} | {place[1]} | " + " | ".join(f"{share[place]:.0%}" for share in shares) + " |")


def _shares(table: ProtectedTable) -> Iterator[tuple[tuple[str, str], float]]:
    for indicator in CORE:
        for kind in PeriodKind:
            rows = [
                row.value_status == Status.PUBLISHED
                for row in table.observations
                if (row.level, row.indicator, row.breakdown) == ("site", indicator, "") and row.key.period.kind is kind
            ]
            if rows:
                yield (indicator, kind.value), sum(rows) / len(rows)


def _line(*cells: object) -> None:
    print("\r|", " | ".join(map(str, cells)), "|", flush=True)


def _peak() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    measure = {"whole": whole, "turns": turns, "month": month, "k": survival}[sys.argv[1]]
    measure(*(int(argument) for argument in (*sys.argv[2:], "6", "12")[:2]))
