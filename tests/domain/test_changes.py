"""What differs between two revisions: exactly where, never what, and not endlessly."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.changes import MOST_ITEMS, changes
from domain.report import Gap, Missing, Reported, Tally
from domain.report_content import report_from_content
from tests.builders import body, report


def marks(before, now) -> set[tuple[str, str]]:
    return {(item.pointer, item.code) for item in changes(before, now)}


def test_nothing_differs_between_a_report_and_itself():
    assert changes(report(), report()) == ()


def test_a_cell_is_named_whatever_kind_of_cell_it_became():
    for total in (98, {"lt": 5}, {"status": "not_collected"}):
        now = report(referrals_made=total)
        assert marks(report(), now) == {("/indicators/referrals_made/total", "changed")}


def test_what_only_one_of_them_gives_is_added_or_removed():
    by = {"/indicators/visits_consumption/by/route_any/" + code for code in ("inject", "smoke", "snort", "oral")}
    by |= {"/indicators/visits_consumption/by/route_any/" + code for code in ("other", "unknown")}
    without = report(visits_consumption=2412)
    assert marks(report(), without) == {(pointer, "removed") for pointer in by}
    assert marks(without, report()) == {(pointer, "added") for pointer in by}


def test_what_is_about_the_counts_is_named_too():
    content = body()
    content["about"] = {**content["about"], "provisional": True, "ems_policy": "other"}
    content["acknowledged"] = [{"rule": "r17", "reason": "checked_correct"}]
    now = report_from_content({**content, "revision_reason": "error", "closed": "works"})
    assert marks(report(), now) == {
        ("/about/provisional", "changed"),
        ("/about/ems_policy", "changed"),
        ("/acknowledged", "added"),
        ("/revision_reason", "added"),
        ("/closed", "added"),
    }


def test_there_is_an_end_to_what_is_named():
    many = {f"i{number}": Tally(Reported(number)) for number in range(MOST_ITEMS + 9)}
    found = changes(replace(report(), indicators={}), replace(report(), indicators=many))
    assert len(found) == MOST_ITEMS + 1
    assert (found[-1].pointer, found[-1].code) == ("", "more_changes")


counts = st.integers(0, 10_000_000)


@given(counts, counts)
def test_no_count_is_ever_told(before, now):
    found = changes(report(referrals_made=before), report(referrals_made=now))
    assert bool(found) == (before != now)
    told = json.dumps([vars(item) for item in found])
    assert not any(character.isdigit() for character in told)


def test_a_status_that_becomes_another_is_a_change():
    tallies = [Tally(Missing(gap)) for gap in (Gap.NOT_COLLECTED, Gap.NOT_REPORTED)]
    one, other = (replace(report(), indicators={"ems_calls": tally}) for tally in tallies)
    assert marks(one, other) == {("/indicators/ems_calls/total", "changed")}
