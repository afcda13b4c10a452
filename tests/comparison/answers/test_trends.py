import pytest

from comparison.answers.trends import steps_of, trends
from comparison.reading.release_view import ReleaseView
from domain.dictionary import Level
from domain.periods import Month, MonthRange, PeriodKind
from domain.refusals import QueryInvalid
from domain.report import SeriesBreak
from tests.comparison.small_release import OVERDOSES, PERSONS, SITE_A, ask, measure, release, report, rows, site, table

YEAR = [f"2025-{n:02}" for n in range(1, 13)]


def months_of(overdoses, visits=None, start=2025):
    names = [f"{start + n // 12}-{n % 12 + 1:02}" for n in range(len(overdoses))]
    visits = visits or [1000] * len(overdoses)
    cells = dict(zip(names, map(str, overdoses), strict=True))
    return table(cells, dict(zip(names, map(str, visits), strict=True)))


def only_row(cells, step="month", period="2025", sites=SITE_A, **about):
    (row,) = trends(ask(release(cells, sites, **about), period), PeriodKind(step)).rows
    return row


STEADY = [20, 23, 18, 21, 19, 22, 20, 17, 24, 21, 18, 20]
RISING = [10, 12, 13, 15, 16, 19, 22, 24, 27, 31, 34, 39]


def test_a_steady_series_has_one_phase_its_limits_and_no_clear_change():
    row = only_row(months_of(STEADY))
    assert [point.beyond for point in row.points] == [False] * 12
    (phase,) = row.phases
    assert (str(phase.first), str(phase.last), phase.points, phase.signals) == ("2025-01", "2025-12", 12, ())
    assert phase.center == pytest.approx(1000 * sum(STEADY) / 12000)
    assert (row.trend.word, row.trend.withheld, row.trend.model) == ("no_clear_change", (), "poisson")
    assert row.trend.interval[0] < 1 < row.trend.interval[1]


@pytest.mark.parametrize("counts, word", [(RISING, "rising"), (RISING[::-1], "falling")])
def test_a_steady_change_has_its_word_and_the_factor_of_a_year(counts, word):
    trend = only_row(months_of(counts)).trend
    assert trend.word == word
    low, high = trend.interval
    assert low < trend.rate_ratio_per_year < high
    assert (low > 1) == (word == "rising")


def test_exposure_that_grows_is_no_trend():
    row = only_row(months_of([n // 50 for n in range(1000, 2200, 100)], list(range(1000, 2200, 100))))
    assert row.trend.word == "no_clear_change"


def test_a_point_far_off_is_beyond_the_limits():
    row = only_row(months_of([*STEADY[:11], 60]))
    assert row.points[-1].beyond
    assert "beyond_limits" in row.phases[0].signals


def test_a_shift_is_a_long_run_with_few_crossings():
    signals = only_row(months_of([16, 15, 17, 16, 15, 16, 16, 26, 25, 27, 26, 25])).phases[0].signals
    assert "few_crossings" in signals


def test_a_hidden_month_has_bounds_and_withholds_the_word():
    row = only_row(months_of([*STEADY[:6], "0-10", *STEADY[7:]]))
    assert row.rates[6].bounds == (0, 10)
    assert (row.trend.word, row.trend.withheld, row.trend.interval) == ("withheld", ("hidden_counts",), None)
    assert (row.phases[0].center, row.phases[0].signals) == (None, None)


def test_quarters_give_the_center_where_a_month_is_hidden():
    cells = months_of([*STEADY[:6], "0-10", *STEADY[7:]])
    quarters = {f"2025-Q{n}": str(61 if n < 3 else 55) for n in range(1, 5)}
    row = only_row(cells + rows(quarters))
    assert row.phases[0].center == pytest.approx(1000 * 232 / 12000)
    assert row.phases[0].dispersion is not None


def test_by_quarter_what_is_hidden_by_month_can_be_known():
    cells = months_of(["0-10"] * 24)
    cells += rows({f"{y}-Q{q}": "25" for y in (2025, 2026) for q in range(1, 5)})
    cells += rows({f"{y}-Q{q}": "3000" for y in (2025, 2026) for q in range(1, 5)}, indicator="visits_consumption")
    row = only_row(cells, "quarter", "2025-01..2026-12")
    assert [str(point.period) for point in row.points][:2] == ["2025-Q1", "2025-Q2"]
    assert (row.trend.word, row.trend.withheld) == ("no_clear_change", ())


def broken(month, indicator=OVERDOSES):
    return (site("a", series_breaks=(SeriesBreak(Month.parse(month), indicator, "method"),)),)


def test_a_break_begins_a_phase_and_the_trend_is_that_of_the_last():
    low, high = [10, 11, 9, 12, 8, 10, 11, 9, 10, 12, 9, 11], [40, 41, 39, 42, 38, 40, 41, 39, 40, 42, 39, 41]
    row = only_row(months_of(low + high), period="2025-01..2026-12", sites=broken("2026-01"))
    assert [(str(phase.first), round(phase.center)) for phase in row.phases] == [("2025-01", 10), ("2026-01", 40)]
    assert (row.trend.word, [phase.signals for phase in row.phases]) == ("no_clear_change", [(), ()])


def test_a_quarter_with_a_break_inside_belongs_to_no_phase():
    row = only_row(months_of(STEADY), "quarter", sites=broken("2025-05"))
    assert [point.phase for point in row.points] == [0, None, 1, 1]
    assert [phase.number for phase in row.phases] == [0, 1]


def test_a_break_of_another_indicator_is_none():
    assert len(only_row(months_of(STEADY), sites=broken("2025-05", "referrals_made")).phases) == 1


@pytest.mark.parametrize(
    "counts, reasons",
    [
        ([20] * 7, ("too_few_points", "less_than_a_year")),
        ([20] * 11, ("less_than_a_year",)),
        ([1] * 12, ("too_few_events",)),
        ([0] * 12, ("too_few_events",)),
        ([20, 20], ("too_few_points", "less_than_a_year")),
        ([0] * 11 + [40], ("events_at_one_end",)),
        ([40] + [0] * 11, ("events_at_one_end",)),
    ],
)
def test_the_word_is_withheld_where_the_counts_say_too_little(counts, reasons):
    trend = only_row(months_of(counts)).trend
    assert (trend.word, trend.withheld) == ("withheld", reasons)


def test_the_word_is_withheld_where_the_unit_changed_how_it_counts():
    basis = ["consumption"] * 6 + ["all"] * 6
    reports = [report("a", f"2025-{n:02}", visit_basis=of) for n, of in enumerate(basis, 1)]
    view = ReleaseView.of(months_of(STEADY), SITE_A, reports)
    (row,) = trends(ask(view, "2025"), PeriodKind.MONTH).rows
    assert (row.comparability.status, row.trend.withheld) == ("refused", ("not_comparable",))


def test_missing_months_are_gaps_in_time():
    cells = [row for row in months_of(RISING) if row.period not in ("2025-03", "2025-07")]
    row = only_row(cells)
    assert len(row.points) == 10
    whole = only_row(months_of(RISING)).trend
    assert row.trend.rate_ratio_per_year == pytest.approx(whole.rate_ratio_per_year, rel=0.1)


def test_steps_are_whole():
    asked = MonthRange.parse("2025-02..2026-07")
    assert [str(step) for step in steps_of(asked, PeriodKind.QUARTER)] == [
        "2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2",
    ]  # fmt: skip
    assert steps_of(asked, PeriodKind.YEAR) == ()
    assert len(steps_of(asked, PeriodKind.MONTH)) == 18


def test_a_period_without_a_whole_step_is_refused():
    with pytest.raises(QueryInvalid) as caught:
        only_row(months_of(STEADY), "year", "2025-02..2025-12")
    assert caught.value.items[0].code == "too_short"


def test_persons_are_followed_by_month_and_not_by_quarter():
    cells = months_of(STEADY) + rows(dict.fromkeys(YEAR, "200"), indicator=PERSONS)
    asked = ask(release(cells), "2025", of=measure(OVERDOSES, PERSONS, factor=100, must=()))
    (row,) = trends(asked, PeriodKind.MONTH).rows
    assert row.rates[0].value == 10
    assert row.phases[0].center is None
    with pytest.raises(QueryInvalid):
        trends(asked, PeriodKind.QUARTER)


def test_more_points_than_can_be_read_are_refused():
    names = [f"s{n:03}" for n in range(200)]
    cells = [row for name in names for row in table({"2026-01": "1"}, {"2026-01": "9"}, name)]
    view = release(cells, tuple(site(name) for name in names))
    with pytest.raises(QueryInvalid) as caught:
        trends(ask(view, "2000-01..2026-12"), PeriodKind.MONTH)
    assert caught.value.items[0].code == "too_many"


def test_the_content_is_plain():
    asked = ask(release(months_of(STEADY)), "2025")
    content = trends(asked, PeriodKind.MONTH).content
    assert content["rows"][0]["points"][0]["period"] == "2025-01"
    assert content["rows"][0]["phases"][0]["first"] == "2025-01"
    assert content["step"] == "month"


def test_a_city_is_followed_too():
    cells = months_of(STEADY) + table(
        {name: str(n) for name, n in zip(YEAR, STEADY, strict=True)}, dict.fromkeys(YEAR, "1000"), "here", Level.CITY
    )
    (row,) = trends(ask(release(cells), "2025", by=Level.CITY), PeriodKind.MONTH).rows
    assert (row.unit, len(row.points)) == ("here", 12)
