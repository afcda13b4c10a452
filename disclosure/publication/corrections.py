"""Which counts of a corrected report are used, so that the correction tells nothing of a person.

One late record moves a cell by one in every breakdown at once: a profile of a person. So of persons and
what happens to them a change is itself a sensitive count. A change of a total by less than k waits, and so
does whatever a hard rule ties to it; the counts last used stay in use, and waiting changes add up until
they are large enough or none. Uses, items, hours and days follow the correction at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from disclosure.publication.assemble import counts_alike
from domain.checks import ERROR, check_report
from domain.dictionary import Check, Dictionary
from domain.periods import LAST_YEAR
from domain.release import Contribution
from domain.report import Cell, Reported, Tally

# What was accepted once is not early now.
_FAR_FUTURE = date(LAST_YEAR, 1, 1)


@dataclass(frozen=True)
class Correction:
    """A report accepted anew, beside the counts that the last release with it used."""

    accepted: Contribution
    used: Contribution
    dictionaries: Mapping[str, Dictionary]
    k: int

    @property
    def dictionary(self) -> Dictionary:
        return self.dictionaries[self.accepted.report.dictionary]

    def kept_whole(self) -> Contribution:
        """The report as it was used, though another revision is accepted."""
        return replace(self.used, site=self.accepted.site, withheld=frozenset())

    def fold(self, was_told: Callable[[str], bool]) -> Contribution:
        """The counts to use: those accepted, but for what has to wait.

        `was_told` says of an indicator whether any release showed a cell or a sum with its counts. Where
        nothing was told of it, nor of what a hard rule ties to it, nothing has to wait.
        """
        waiting = {
            name
            for name in self._personal
            if self._has_to_wait(name) and any(map(was_told, {name} | self._joined({name})))
        }
        while more := self._joined(waiting) | self._contradicted(waiting):
            waiting |= more
        return self._compose(waiting)

    def waiting_in(self, chosen: Contribution) -> tuple[str, ...]:
        """The indicators of which the accepted counts are not those in use."""
        accepted, used = self.accepted.report.indicators, chosen.report.indicators
        return tuple(sorted(name for name in accepted.keys() | used.keys() if accepted.get(name) != used.get(name)))

    @property
    def _changed(self) -> set[str]:
        """The indicators of both whose counts differ."""
        before, after = self.used.report.indicators, self.accepted.report.indicators
        return {name for name in before.keys() & after.keys() if before[name] != after[name] and self._is_alike(name)}

    def _is_alike(self, name: str) -> bool:
        """Whether both revisions count the indicator alike, though they may name different dictionaries."""
        versions = (
            self.dictionaries[report.report.dictionary].by_id.get(name) for report in (self.used, self.accepted)
        )
        before, after = versions
        return before is not None and after is not None and counts_alike(before, after)

    @property
    def _personal(self) -> set[str]:
        by_id = self.dictionary.by_id
        return {name for name in self._changed if name in by_id and by_id[name].disclosure_class.is_personal}

    def _has_to_wait(self, name: str) -> bool:
        """Whether the total changed by a small number, or categories did under a total that did not."""
        before, after = self.used.report.indicators[name], self.accepted.report.indicators[name]
        change = _difference(before.total, after.total)
        if change is None:
            return False
        return 0 < abs(change) < self.k or (change == 0 and any(self._shifted(before, after)))

    def _shifted(self, before: Tally, after: Tally) -> Iterator[str]:
        """The breakdowns of which a category changed by a small number."""
        for breakdown in before.by.keys() & after.by.keys():
            old, new = before.by[breakdown], after.by[breakdown]
            changes = [_difference(cell, new.get(code)) for code, cell in old.items()]
            if any(change is not None and 0 < abs(change) < self.k for change in changes):
                yield breakdown

    def _joined(self, waiting: set[str]) -> set[str]:
        """The changed counts of persons that a hard rule ties to one that waits."""
        joined = set()
        for operands in map(_operands, self._hard_checks):
            if operands & waiting:
                joined |= operands & self._personal
        return joined - waiting

    def _contradicted(self, waiting: set[str]) -> set[str]:
        """Of the changed counts, those in a hard rule that would not hold beside the ones that wait."""
        report = self._compose(waiting).report
        found = check_report(
            report, self.dictionary, site=self.accepted.site, month=self.accepted.month, today=_FAR_FUTURE
        )
        broken = {finding.rule for finding in found if finding.level == ERROR}
        checks = (check for rule in self.dictionary.rules if rule.id in broken for check in rule.checks)
        operands = set().union(*map(_operands, checks)) if broken else set()
        if broken and not (operands & self._changed) - waiting:
            operands = self._changed
        return (operands & self._changed) - waiting

    @property
    def _hard_checks(self) -> list[Check]:
        return [check for rule in self.dictionary.rules for check in rule.checks if check.hard]

    def _compose(self, waiting: set[str]) -> Contribution:
        before, after = self.used.report.indicators, self.accepted.report.indicators
        tallies = {name: before[name] if name in waiting else tally for name, tally in after.items()}
        same = {name for name, tally in tallies.items() if before.get(name) == tally and self._is_alike(name)}
        withheld = frozenset(
            (name, breakdown)
            for name in self._personal - waiting
            for breakdown in self._shifted(before[name], after[name])
        )
        return replace(
            self.accepted,
            report=replace(self.accepted.report, indicators=tallies),
            counted_in=counted_in(self.accepted, self.used, same),
            withheld=withheld,
        )


def _difference(before: Cell, after: Cell | None) -> float | None:
    """What was added to a count, or None where it was not counted before or is not now."""
    return after.value - before.value if isinstance(before, Reported) and isinstance(after, Reported) else None


def counted_in(accepted: Contribution, used: Contribution, indicators: Iterable[str]) -> dict[str, int]:
    """For indicators whose counts stay those in use: the revision of each, where it is not the accepted one."""
    numbers = {name: used.revision_of(name) for name in sorted(indicators)}
    return {name: number for name, number in numbers.items() if number != accepted.revision}


def _operands(check: Check) -> set[str]:
    """The indicators that a check relates."""
    comparisons = [comparison for comparison in (check.comparison, check.condition) if comparison is not None]
    named = {term.indicator for comparison in comparisons for term in comparison.terms if term.indicator}
    return named | {str(check.parameters[key]) for key in ("indicator", "other") if key in check.parameters}
