"""Reports made by chance from a seed: consistent ones, and ones that are not."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from domain.dictionary import Binding, Indicator, Kind
from domain.report import Bounded, Cell, Gap, Missing, Report, Reported, Tally
from tests.domain.examples import DICTIONARY, SITE, report

MUST_BE_STATED = "deaths_overdose_onsite"


def consistent_report(seed: int) -> Report:
    """A report in which every hard rule holds, of an open month of 31 days."""
    random = Random(seed)
    totals = _consistent_totals(random)
    tallies = {
        indicator.id: _split(random, indicator, totals.get(indicator.id, random.randrange(60)))
        for indicator in DICTIONARY.indicators
        if indicator.window == "month"
    }
    naloxone = _naloxone_by_response(random, tallies["overdose_events"])
    tallies["overdose_naloxone"] = Tally(Reported(naloxone))
    return replace(report(), indicators=tallies)


def arbitrary_report(seed: int) -> Report:
    """A report of small counts that have nothing to do with one another, so that many rules strike."""
    random = Random(seed)
    tallies = {}
    for indicator in random.sample(DICTIONARY.indicators, 12):
        by = {
            binding.breakdown.id: {code: Reported(random.choice((0, 1, 5, 30))) for code in binding.breakdown.codes}
            for binding in indicator.bindings
        }
        tallies[indicator.id] = Tally(Reported(random.choice((0, 1, 6, 30, 33))), by)
    return replace(report(), indicators={MUST_BE_STATED: Tally(Reported(0)), **tallies})


def hide_some(open_report: Report, seed: int) -> Report:
    """The report with some counts told only as a bound above them."""
    random = Random(seed)

    def hide(cell: Cell) -> Cell:
        hides = isinstance(cell, Reported) and random.random() < 0.3
        return Bounded(max(2, int(cell.value) + 1 + random.choice((0, 0, 1, 9)))) if hides else cell

    return _each_cell(open_report, hide)


def lose_some(whole: Report, seed: int) -> Report:
    """The report with some counts missing."""
    random = Random(seed)
    return _each_cell(whole, lambda cell: Missing(random.choice(list(Gap))) if random.random() < 0.2 else cell)


def _each_cell(whole: Report, change) -> Report:
    tallies = {
        indicator: Tally(change(tally.total), {b: {c: change(x) for c, x in xs.items()} for b, xs in tally.by.items()})
        for indicator, tally in whole.indicators.items()
        if indicator != MUST_BE_STATED
    }
    return replace(whole, indicators={**tallies, MUST_BE_STATED: whole.indicators[MUST_BE_STATED]})


def _consistent_totals(random: Random) -> dict[str, int | float]:
    days = random.randint(1, 31)
    cents = random.randint(1, 2400 * days)
    visits = random.choice((0, 1, random.randrange(1, 3000)))
    unique = random.randint(min(visits, 1), visits)
    episodes = visits + random.randrange(100)
    overdoses = random.randint(0, min(episodes, 50))
    return {
        "operating_days": days,
        "operating_hours": cents / 100,
        "station_hours": random.randint(0, SITE.stations * cents) / 100,
        "visits_consumption": visits,
        "visits_all": visits + random.randrange(500),
        "consumption_episodes": episodes,
        "participants_unique": unique,
        "participants_new": random.randint(0, unique),
        "participants_any_service": unique + random.randrange(100),
        "overdose_events": overdoses,
        "overdose_oxygen": random.randint(0, overdoses),
        "participants_overdose": random.randint(min(overdoses, 1), overdoses),
    }


def _split(random: Random, indicator: Indicator, total: int | float) -> Tally:
    scale = 100 if indicator.unit == "hours" else 1
    return Tally(
        Reported(total),
        {b.breakdown.id: _categories(random, b, round(total * scale), scale) for b in indicator.bindings},
    )


def _categories(random: Random, binding: Binding, steps: int, scale: int) -> dict[str, Cell]:
    codes = binding.breakdown.codes
    if binding.kind is Kind.MULTI:
        return {code: Reported(random.randint(0, steps)) for code in codes}
    spread = steps if binding.kind is Kind.PARTITION else random.randint(0, steps)
    cuts = sorted(random.randint(0, spread) for _ in codes[1:])
    parts = (high - low for low, high in zip([0, *cuts], [*cuts, spread], strict=True))
    return {code: Reported(part / scale if scale > 1 else part) for code, part in zip(codes, parts, strict=True)}


def _naloxone_by_response(random: Random, overdoses: Tally) -> int:
    responses = overdoses.by["response_highest"]
    surely = responses["naloxone_no_oxygen"].value + responses["naloxone_with_oxygen"].value
    return surely + random.randint(0, responses["cpr_aed"].value)
