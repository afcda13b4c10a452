"""What other months of a site say about a report: which of them count, and what is certain of them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.checks import check_report
from domain.periods import Month
from domain.report import PartialMonth, Report, SeriesBreak, Site
from tests.domain.examples import DICTIONARY, MONTH, SITE, TODAY, report
from tests.domain.generated import arbitrary_report, hide_some, lose_some


def back(months: int) -> Month:
    index = MONTH.index - months
    return Month(index // 12, index % 12 + 1)


def found(judged: Report, earlier: dict[int, Report], *, following: Report | None = None, site: Site = SITE) -> set:
    """(rule, code) of what is found beside reports of so many months before."""
    months = {back(distance): given for distance, given in earlier.items()}
    findings = check_report(
        judged, DICTIONARY, site=site, month=MONTH, today=TODAY, earlier=months, following=following
    )
    return {(finding.rule, finding.code) for finding in findings}


def usual(text: str = "tests_done 200", months: int = 6, **fields) -> dict[int, Report]:
    return {distance: report(text, **fields) for distance in range(1, months + 1)}


HIGH, LOW = report("tests_done 700"), report("tests_done 60")
FAR_ABOVE, FAR_BELOW = {("r24", "far_above")}, {("r24", "far_below")}


# ---- which months say what is usual ----


def test_six_months_say_what_is_usual_and_five_do_not():
    assert found(HIGH, usual(months=6)) == FAR_ABOVE
    assert found(LOW, usual(months=6)) == FAR_BELOW
    assert found(HIGH, usual(months=5)) == set()


def test_months_more_than_a_year_ago_do_not_count():
    assert found(HIGH, {distance: report("tests_done 200") for distance in range(13, 25)}) == set()
    assert found(HIGH, {distance: report("tests_done 200") for distance in range(7, 13)}) == FAR_ABOVE


@pytest.mark.parametrize(
    "left_out",
    [
        report("tests_done not_collected"),
        report("tests_done not_reported"),
        report(),
        report("tests_done 200", closed="works"),
        report("tests_done 200", about={"partial_month": PartialMonth(1, 9, "works")}),
        replace(report("tests_done 200"), dictionary="2031.1"),
    ],
    ids=["not collected", "not reported", "left out", "closed", "partial", "another dictionary"],
)
def test_a_month_that_is_not_whole_or_gives_no_number_does_not_count(left_out):
    assert found(HIGH, {**usual(months=5), 6: left_out}) == set()
    assert found(HIGH, {**usual(months=6), 7: left_out}) == FAR_ABOVE


def test_a_closed_month_is_no_month_of_zeros():
    closed = report("tests_done 0", closed="works")
    assert found(report("tests_done 200"), {**usual(months=6), **{n: closed for n in range(7, 13)}}) == set()


def test_months_before_a_break_of_the_series_do_not_count():
    def site(month: Month, indicator: str = "tests_done") -> Site:
        return replace(SITE, series_breaks=(SeriesBreak(month, indicator, "method"),))

    assert found(HIGH, usual(months=12), site=site(back(6))) == FAR_ABOVE
    assert found(HIGH, usual(months=12), site=site(back(5))) == set()
    assert found(HIGH, usual(months=12), site=site(MONTH)) == set()
    assert found(HIGH, usual(months=12), site=site(MONTH.next)) == FAR_ABOVE
    assert found(HIGH, usual(months=12), site=site(back(1), "ems_calls")) == FAR_ABOVE


@pytest.mark.parametrize(
    "other", [{"about": {"partial_month": PartialMonth(1, 9, "works")}}, {"closed": "works"}], ids=["partial", "closed"]
)
def test_in_a_month_that_is_not_whole_only_what_is_too_much_is_found(other):
    assert found(report("tests_done 60", **other), usual()) == set()
    assert found(report("tests_done 700", **other), usual()) == FAR_ABOVE


def test_a_stock_and_what_counts_a_quarter_are_not_compared_with_what_is_usual():
    grown = report("participants_cumulative 900")
    assert found(grown, usual("participants_cumulative 200")) == set()
    quarters = {distance: report("participants_year 10") for distance in range(1, 13)}
    assert ("r24", "far_above") not in found(report("participants_year 900"), quarters)


def test_a_short_month_is_compared_at_its_pace():
    """In February 28 tests are as many as 31 in January."""
    months = {Month(2025, n): report(f"tests_done {1000 * Month(2025, n).days}") for n in range(7, 13)}
    for days, codes in [(28, set()), (31, {"far_above"})]:
        findings = check_report(
            report(f"tests_done {1000 * days}"),
            DICTIONARY,
            site=SITE,
            month=Month(2026, 2),
            today=TODAY,
            earlier=months,
        )
        assert {finding.code for finding in findings} == codes


# ---- small numbers, hidden numbers ----


@pytest.mark.parametrize(("before", "now"), [(1, 4), (0, 9), (9, 0), (3, 9)])
def test_small_numbers_are_never_far_apart(before, now):
    assert found(report(f"tests_done {now}"), usual(f"tests_done {before}", months=12)) == set()


def test_three_ways_that_find_the_same_say_it_once():
    months = {back(n): report("tests_done 200") for n in range(1, 13)}
    findings = check_report(HIGH, DICTIONARY, site=SITE, month=MONTH, today=TODAY, earlier=months)
    assert len(findings) == 1


def test_with_a_hidden_month_the_median_is_compared_as_far_as_it_is_certain():
    months = {**usual(months=5), 6: report("tests_done <5")}
    assert found(HIGH, months) == FAR_ABOVE
    assert found(LOW, months) == FAR_BELOW
    half = {**usual(months=3), **{n: report("tests_done <250") for n in (4, 5, 6)}}
    assert found(LOW, half) == set()
    assert found(report("tests_done 800"), half) == FAR_ABOVE


def test_a_hidden_number_is_far_below_where_its_bound_is():
    assert found(report("tests_done <5"), usual()) == FAR_BELOW
    assert found(report("tests_done <900"), usual()) == set()


# ---- a stock and what is added to it ----


def stock(count: str, **fields) -> Report:
    return report(f"participants_cumulative {count}", **fields)


FALLS = {("r08", "below_month_before")}


@pytest.mark.parametrize(
    ("before", "now", "finds"),
    [("500", "500", False), ("500", "499", True), ("500", "<500", True), ("500", "<501", False), ("<500", "0", False),
     ("not_collected", "0", False), ("500", "not_reported", False)],
)  # fmt: skip
def test_a_stock_falls_where_that_is_certain(before, now, finds):
    assert (found(stock(now), {1: stock(before)}) == FALLS) == finds


def test_only_the_month_before_itself_is_looked_at():
    assert found(stock("400"), {2: stock("500")}) == set()


@pytest.mark.parametrize(("reason", "level"), [(None, "error"), ("error", "error"), ("dedup_fix", "warning")])
def test_persons_counted_twice_may_be_merged(reason, level):
    (finding,) = check_report(
        stock("400", revision_reason=reason),
        DICTIONARY,
        site=SITE,
        month=MONTH,
        today=TODAY,
        earlier={back(1): stock("500")},
    )
    assert (finding.rule, finding.level) == ("r08", level)


def test_a_month_that_contradicts_the_one_after_is_warned_about():
    assert found(stock("500"), {}, following=stock("490")) == {("r08", "above_month_after")}
    assert found(stock("500"), {}, following=stock("490", revision_reason="dedup_fix")) == set()
    after = report("participants_new 12, participants_cumulative 512")
    assert found(stock("500"), {}, following=after) == set()
    assert found(stock("501"), {}, following=after) == {("r09", "growth_after_differs")}
    assert found(stock("501"), {}, following=replace(after, dictionary="2031.1")) == set()


@pytest.mark.parametrize(
    ("before", "new", "now", "finds"),
    [("500", "12", "512", False), ("500", "12", "513", True), ("500", "12", "511", True), ("500", "<5", "504", False),
     ("500", "<5", "505", True), ("<500", "12", "511", False), ("<500", "12", "512", True), ("500", "0", "<512", False),
     ("500", "not_collected", "900", False)],
)  # fmt: skip
def test_a_stock_grows_by_what_is_new_as_far_as_that_is_certain(before, new, now, finds):
    judged = report(f"participants_cumulative {now}, participants_new {new}")
    assert (("r09", "growth_differs") in found(judged, {1: stock(before)})) == finds


# ---- three months together ----


def linked(made: str, confirmed: str) -> Report:
    rows = {"referrals_made": made, "linkages_confirmed": confirmed}
    return report(", ".join(f"{id} 9, {id}.referral_type.detox {count}" for id, count in rows.items()))


@pytest.mark.parametrize(
    ("before", "now", "finds"),
    [
        ([("2", "2"), ("2", "2")], ("2", "2"), False),
        ([("2", "2"), ("2", "2")], ("2", "3"), True),
        ([("2", "0"), ("2", "0")], ("0", "4"), False),
        ([("<5", "2"), ("2", "2")], ("2", "4"), False),
        ([("<5", "2"), ("2", "2")], ("2", "5"), True),
        ([("2", "<5"), ("2", "2")], ("2", "3"), False),
        ([("not_reported", "2"), ("2", "2")], ("2", "9"), False),
        ([("2", "2")], ("2", "9"), False),
    ],
)
def test_more_linkages_than_referrals_over_three_months(before, now, finds):
    months = {distance: linked(*counts) for distance, counts in enumerate(before, start=1)}
    assert (("r22", "more_than_made") in found(linked(*now), months)) == finds


# ---- for every history there can be ----

seeds = st.integers(0, 2**32)


@settings(max_examples=25)
@given(seeds, seeds)
def test_what_hidden_and_lost_counts_still_show_is_so_whatever_they_are(seed, other):
    """Of every month, this one included; but for losing months, which may make the rest look alike."""
    months = {distance: arbitrary_report(seed + distance) for distance in range(1, 13)}
    hidden = {distance: hide_some(given, other + distance) for distance, given in months.items()}
    judged = arbitrary_report(seed)
    for rule in ("r08", "r09", "r22"):
        told = {each for each in found(hide_some(judged, other), hidden) if each[0] == rule}
        assert told <= found(judged, months)
    lost = {distance: lose_some(given, other + distance) for distance, given in months.items()}
    for rule in ("r08", "r09", "r22"):
        assert {each for each in found(judged, lost) if each[0] == rule} <= found(judged, months)


@given(seeds)
def test_a_site_that_reports_the_same_every_month_is_not_found_unusual(seed):
    same = arbitrary_report(seed)
    assert not any(rule == "r24" for rule, _ in found(same, {n: same for n in range(1, 13)}))


def test_the_first_month_there_can_be_has_none_before_it():
    first = Month(1990, 1)
    findings = check_report(
        report("tests_done 5"), DICTIONARY, site=replace(SITE, opened=first), month=first, today=TODAY
    )
    assert {finding.code for finding in findings} == {"dictionary_not_in_force"}
