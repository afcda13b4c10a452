"""The attack of an outsider: what public files give away of what they hide. Needs the extra `attack`.

Every row of every release is put together by what everybody knows (`known.py`), and for each hidden count the least and
the most that fit are worked out: by passing bounds along relations until nothing changes, and in parts of up to
UP_TO counts by linear programs, so that nobody who solves for them can do better there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from crosstally._hub.disclosure.linear.components import look
from crosstally._hub.disclosure.linear.search import Evidence, Search
from crosstally._hub.disclosure.linear.system import Vector
from crosstally._hub.domain.dictionary import DisclosureClass
from crosstally._hub.domain.report import COUNT_MAX
from crosstally.releases.copies import Folder, NoReleases
from crosstally.releases.known import Knowledge
from crosstally.releases.published import Count, counts_of, read_releases

UP_TO = 150
BREACH, NARROW, SHARPER = "breach", "narrow", "sharper"


@dataclass(frozen=True)
class HiddenCell:
    """A hidden count: by its last release and row, the bounds found and told (None: there is none), and the verdict."""

    release: str
    cell: str
    lower: float
    upper: float | None
    told_lower: float | None
    told_upper: float | None
    verdict: tuple[str, ...]

    @property
    def words(self) -> str:
        return _interval(self.lower, self.upper)

    @property
    def told(self) -> str:
        return _interval(self.told_lower or 0, self.told_upper)


@dataclass(frozen=True)
class Findings:
    """What came of the attack."""

    releases: int
    unknowns: int
    relations: int
    cells: tuple[HiddenCell, ...]

    @cached_property
    def breaches(self) -> int:
        return self._with(BREACH)

    @cached_property
    def narrow(self) -> int:
        return self._with(NARROW)

    @cached_property
    def sharper(self) -> int:
        return self._with(SHARPER)

    def _with(self, verdict: str) -> int:
        return sum(verdict in cell.verdict for cell in self.cells)


def attack(folder: Path, *, told: Callable[[str, float, float], None] = lambda *_: None) -> Findings:
    """Attack the releases in a folder; raises NoReleases where there are none, or where they contradict each other."""
    told("reading", 0, 1)
    releases = read_releases(Folder(folder))
    counts = counts_of(releases)
    _refuse_contradictions(counts)
    knowledge = Knowledge(counts, releases)
    lower, upper = _bounds(knowledge, told)
    cells = tuple(_judged(knowledge, lower, upper))
    system = knowledge.system
    return Findings(len(releases), len(counts), len(system.sums) + len(system.relations), cells)


def _refuse_contradictions(counts: list[Count]) -> None:
    for count in counts:
        if len(count.values) > 1:
            told = " and ".join(sorted({row.release for row in count.rows if row.value is not None}))
            raise NoReleases(f"{told} tell different values of {count.rows[0].cell}.")


def _bounds(knowledge: Knowledge, told: Callable[[str, float, float], None]) -> tuple[Vector, Vector]:
    """What anyone can work out about every count, in steps."""
    system = knowledge.system
    known = system.mask(bool(count.values) for count in knowledge.counts)
    view = look(system, known)
    if view.is_contradictory:
        where = knowledge.counts[int(np.flatnonzero(view.lower > view.upper)[0])].rows[0]
        raise NoReleases(f"The rows contradict each other, {where.release} {where.cell} among them.")
    lower, upper = view.lower.copy(), view.upper.copy()
    evidence = Evidence(system)
    for done, component in enumerate(view.components):
        told("", done, len(view.components))
        targets = component.targets
        if len(component.columns) <= UP_TO:
            lower[targets], upper[targets] = Search(component, evidence).sharpen(~known[targets])
    return lower, upper


def _judged(knowledge: Knowledge, lower: Vector, upper: Vector) -> Iterator[HiddenCell]:
    for place, count in enumerate(knowledge.counts):
        kind = knowledge.indicators[count.name.indicator].disclosure_class
        hidden = [row for row in count.rows if row.value is None]
        if count.values:
            yield from _shown(count, kind)
        elif hidden:
            least, most = float(lower[place]), float(upper[place])
            verdict = tuple(_verdict(count, least, most, kind))
            yield _cell(count, least, most if _tells(count, most) else None, verdict)


def _shown(count: Count, kind: DisclosureClass) -> Iterator[HiddenCell]:
    """A count that is shown, though the policy hides what is so small."""
    [value] = count.values
    if kind.is_protected and 0 < value < count.k * count.scale:
        yield _cell(count, value, value, (BREACH,))


def _cell(count: Count, least: float, most: float | None, verdict: tuple[str, ...]) -> HiddenCell:
    last = count.rows[-1]
    scale = count.scale
    return HiddenCell(
        release=last.release,
        cell=last.cell,
        lower=least / scale,
        upper=None if most is None else most / scale,
        told_lower=count.floor / scale,
        told_upper=None if count.ceiling is None else count.ceiling / scale,
        verdict=verdict,
    )


def _verdict(count: Count, least: float, most: float, kind: DisclosureClass) -> Iterator[str]:
    """What the bounds of a hidden count mean. Sensitive are counts from one step above 0 to one below k."""
    small = count.k * count.scale - count.scale
    if most - least < count.k * count.scale and most > 0 and least <= small:
        is_surely_small = kind.is_protected and least > 0 and most <= small
        yield BREACH if is_surely_small else NARROW
    is_lower = most < count.ceiling if count.ceiling is not None else _tells(count, most)
    if least > count.floor or is_lower:
        yield SHARPER


def _tells(count: Count, most: float) -> bool:
    """Whether an upper bound says more than the largest number that a report may give."""
    return most < count.scale * COUNT_MAX / 2


def _interval(lower: float, upper: float | None) -> str:
    return f"{lower:g} to {'any' if upper is None else f'{upper:g}'}"
