"""Judge a report that nobody has sent yet: what its rules find, and what the public would see of it. Keeps nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import BoundedSemaphore
from time import monotonic
from zoneinfo import ZoneInfo

from actions.hub import Hub
from actions.preview_counts import PreviewedCell, preview_counts
from actions.read_directory import read_operator, read_site
from domain.checks import ERROR, Finding, check_bare_report, check_report
from domain.periods import Month
from domain.reasons import WORDS, Fate, Unforeseen
from domain.refusals import ReleaseRefused
from domain.release import Contribution
from domain.report import Missing, Operator, Report, Site

PREVIEW_SECONDS = 10.0
"""How long somebody waits for a preview, the time included in which another one is made."""
_ONE_AT_A_TIME = BoundedSemaphore()
"""A preview is seconds of work, open to everybody; other requests of the process go on beside one of them."""


@dataclass(frozen=True)
class Foreseen:
    """A count of the report, by its JSON pointer, and what the public would see of it."""

    pointer: str
    status: Fate
    reason: str | None = None

    @property
    def detail(self) -> str:
        return WORDS[self.reason] if self.reason else ""


@dataclass(frozen=True)
class Validation:
    """What was found in a report, and what would become of its counts, or why that is not told."""

    findings: Sequence[Finding]
    preview: Sequence[Foreseen] | Unforeseen


def validate_report(
    hub: Hub, *, report: Report, site: str | None = None, month: Month | None = None, patience: float = PREVIEW_SECONDS
) -> Validation:
    """Judge a report by itself; with its site and month also by the calendar and by what everybody knows of the site.

    Nothing is stored and nothing is written down, whoever asks. No other report is looked at, so that the answer
    tells nothing of one. Raises NotFound for a site that is not there.
    """
    place = read_site(hub, site) if site is not None and month is not None else None
    findings = _findings(hub, report, place, month)
    if any(finding.level == ERROR for finding in findings):
        return Validation(findings, Unforeseen.ERRORS)
    return Validation(findings, _preview(hub, _contribution(hub, report, place, month), patience))


def _findings(hub: Hub, report: Report, site: Site | None, month: Month | None) -> tuple[Finding, ...]:
    dictionary = hub.dictionaries[report.dictionary]
    if site is None or month is None:
        return check_bare_report(report, dictionary)
    today = hub.clock().astimezone(ZoneInfo(site.timezone)).date()
    return check_report(report, dictionary, site=site, month=month, today=today)


def _contribution(hub: Hub, report: Report, site: Site | None, month: Month | None) -> Contribution:
    """The report as one of its site; without a site, as one of a site that is not there.

    That one reports a December, with which the counts of a quarter and of a year come, and was open before, so that
    it does not make a quarter or year by itself.
    """
    if site is not None and month is not None:
        return Contribution(site, month, report)
    year = hub.dictionaries[report.dictionary].in_force_from.year
    return Contribution(Site("", "", "", "", opened=Month(year - 1, 1)), Month(year, 12), report)


def _preview(hub: Hub, contribution: Contribution, patience: float) -> list[Foreseen] | Unforeseen:
    deadline = monotonic() + patience
    if not _ONE_AT_A_TIME.acquire(timeout=patience):
        return Unforeseen.BUSY
    try:
        operator = contribution.site.operator
        agreed = read_operator(hub, operator) if operator else Operator("", "")
        seen = preview_counts(hub, contribution, {operator: agreed}, _stopping_at(deadline))
    except TimeoutError:
        return Unforeseen.TOO_LONG
    except ReleaseRefused:
        return Unforeseen.CONTRADICTION
    finally:
        _ONE_AT_A_TIME.release()
    return list(_foreseen(contribution, seen))


def _stopping_at(deadline: float) -> Callable[[float], None]:
    """A progress that stops the work where the deadline has passed; it is told of at least every second or two."""

    def told(_done: float) -> None:
        if monotonic() > deadline:
            raise TimeoutError

    return told


def _foreseen(contribution: Contribution, seen: Sequence[PreviewedCell]) -> Iterator[Foreseen]:
    """Each count of the report, in its order; what counts a longer period has its row there and no row of the month."""
    longest_first = sorted(seen, key=lambda cell: -len(cell.key.period.months))
    cells = {cell.key.name: cell for cell in longest_first}
    for name, count in contribution.report.cells():
        if isinstance(count, Missing):
            continue
        pointer, cell = name.pointer, cells.get(name)
        if not seen:
            yield Foreseen(pointer, Fate.SUPPRESSED, "held_back")
        elif cell is None:
            yield Foreseen(pointer, Fate.NOT_PUBLISHED, "not_planned")
        elif cell.is_shown:
            yield Foreseen(pointer, Fate.PUBLISHED)
        else:
            yield Foreseen(pointer, Fate.SUPPRESSED, cell.reason)
