"""What a report can hold, and what it cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dictionary import CellName
from domain.periods import Month
from domain.report import COUNT_MAX, Bounded, Gap, Missing, PartialMonth, Report, Reported, Site, Tally
from domain.report_content import report_from_content
from tests.domain.examples import DESIGN_EXAMPLE, report
from tests.domain.generated import consistent_report, hide_some, lose_some


@pytest.mark.parametrize("value", [-1, -0.01, COUNT_MAX + 1, float("nan"), float("inf")])
def test_a_count_is_neither_negative_nor_beyond_reason(value):
    with pytest.raises(ValueError) as refusal:
        Reported(value)
    assert str(value) not in str(refusal.value)


@pytest.mark.parametrize("lt", [-5, 0, 1, COUNT_MAX + 1])
def test_a_bound_leaves_at_least_two_counts_open(lt):
    with pytest.raises(ValueError):
        Bounded(lt)


def test_a_cell_knows_the_least_and_the_most_it_can_be():
    assert (Reported(31).low, Reported(31).high) == (31, 31)
    assert (Bounded(5).low, Bounded(5).high) == (0, 4)


@pytest.mark.parametrize(("first", "last"), [(0, 5), (5, 4), (1, 32), (-1, 31)])
def test_the_days_of_a_partial_month_run_forward_within_a_month(first, last):
    with pytest.raises(ValueError):
        PartialMonth(first, last, "opening")


def test_a_cell_is_found_by_its_name():
    judged = report("ems_calls 5, ems_calls.ems_reason.overdose <5, ems_transports not_collected")
    assert judged.cell(CellName("ems_calls")) == Reported(5)
    assert judged.cell(CellName("ems_calls", "ems_reason", "overdose")) == Bounded(5)
    assert judged.cell(CellName("ems_transports")) == Missing(Gap.NOT_COLLECTED)
    assert judged.cell(CellName("ems_transports", "ems_reason", "overdose")) is None
    assert judged.cell(CellName("ems_calls", "ems_reason", "fire")) is None
    assert judged.cell(CellName("police_calls")) is None


def test_cells_are_every_cell_totals_first():
    judged = report("ems_calls 5, ems_calls.ems_reason.overdose 5")
    names = [name for name, _ in judged.cells()]
    reasons = [CellName("ems_calls", "ems_reason", code) for code in ("overdose", "other_medical", "other")]
    assert names == [CellName("deaths_overdose_onsite"), CellName("ems_calls"), *reasons]
    assert all(judged.cell(name) == cell for name, cell in judged.cells())


def test_the_content_is_the_report_as_it_was_sent():
    content = DESIGN_EXAMPLE.content
    assert set(content) == {"dictionary", "about", "indicators"}
    assert content["about"]["partial_month"] is None
    assert content["indicators"]["operating_days"] == {"total": 31}
    assert content["indicators"]["ems_calls"] == {"total": {"lt": 5}}
    assert content["indicators"]["participants_unique"] == {"total": {"status": "not_collected"}}
    assert content["indicators"]["overdose_events"]["by"]["overdose_type"]["other_unknown"] == 0


def test_what_a_report_adds_is_in_its_content():
    revised = report(
        about={"partial_month": PartialMonth(3, 31, "opening")},
        closed="works",
        revision_reason="error",
        acknowledged=(("r17", "checked_correct"),),
    )
    assert revised.content["about"]["partial_month"] == {"first_day": 3, "last_day": 31, "reason": "opening"}
    assert revised.content["closed"] == "works"
    assert revised.content["revision_reason"] == "error"
    assert revised.content["acknowledged"] == [{"rule": "r17", "reason": "checked_correct"}]


def test_equal_reports_have_equal_hashes_in_whatever_order_they_were_written():
    one = report("ems_calls 5, ems_transports 3")
    other = report("ems_transports 3, ems_calls 5")
    assert list(one.indicators) != list(other.indicators)
    assert one.sha256 == other.sha256
    assert Reported(5).content == Reported(5.0).content
    assert report("ems_calls 5.0").sha256 == report("ems_calls 5").sha256


@pytest.mark.parametrize(
    "other", ["ems_calls 6", "ems_calls <6", "ems_calls not_reported", "ems_calls 5, ems_transports 0"]
)
def test_a_report_that_says_something_else_has_another_hash(other):
    assert report("ems_calls 5").sha256 != report(other).sha256


def test_a_zero_a_gap_and_a_silence_are_three_things():
    assert len({report(text).sha256 for text in ("ems_calls 0", "ems_calls not_collected", "")}) == 3


@given(st.integers(0, 2**32))
def test_a_report_is_read_back_from_its_content(seed):
    sent: Report = lose_some(hide_some(consistent_report(seed), seed), seed)
    assert report_from_content(sent.content) == sent


def test_an_empty_breakdown_is_no_content():
    assert Tally(Reported(5), {}).content == {"total": 5}


@pytest.mark.parametrize(
    ("month", "is_open"), [("2021-10", False), ("2021-11", True), ("2024-07", True), ("2024-08", False)]
)
def test_a_site_is_open_from_its_first_month_to_its_last(month, is_open):
    site = Site("a", "A", "city", "operator", opened=Month(2021, 11), closed=Month(2024, 7))
    assert site.is_open(Month.parse(month)) is is_open


def test_a_site_without_a_closing_month_stays_open():
    assert Site("a", "A", "city", "operator", opened=Month(2021, 11)).is_open(Month(2199, 12))
