"""What differs between two tables, against the plain way of finding it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.release import Observation
from formats.observations_csv import write_observations
from formats.observations_diff import KEY, STATE, difference

BASE = Observation("site", "nyc-east", "new-york", "nyc", "2026-05", "overdose_events", "", "", 31, "published")
HIDDEN = replace(BASE, value=None, value_status="suppressed", lower=0, upper=20)


def diff(before, after):
    return difference(write_observations(before), write_observations(after))


def counts(found) -> tuple[int, int, int]:
    return found.added, found.removed, found.changed


def plain(row: Observation) -> tuple[tuple, dict]:
    return tuple(getattr(row, name) for name in KEY), {name: getattr(row, name) for name in STATE}


def test_a_row_that_was_added_removed_and_changed():
    other, third = replace(BASE, unit="nyc-north"), replace(BASE, unit="ri")
    found = diff([BASE, other], [HIDDEN, third])
    assert counts(found) == (1, 1, 1)
    changed, added, removed = found.items(0, 10)
    assert changed["before"] == {"value": 31, "value_status": "published", "lower": None, "upper": None}
    assert changed["after"] == {"value": None, "value_status": "suppressed", "lower": 0, "upper": 20}
    assert (added["unit"], added["before"], added["after"]["value"]) == ("ri", None, 31)
    assert (removed["unit"], removed["before"]["value"], removed["after"]) == ("nyc-north", 31, None)
    assert list(changed) == [*KEY, "before", "after"]


def test_a_site_in_other_hands_and_a_number_in_other_digits_are_no_change():
    assert counts(diff([BASE], [replace(BASE, operator="ri")])) == (0, 0, 0)
    assert counts(diff([BASE], [replace(BASE, value=31.0)])) == (0, 0, 0)


def test_fields_with_commas_and_quotes_are_read_as_they_were_written():
    odd = replace(BASE, category='a "b", c')
    (item,) = diff([], [odd]).items(0, 1)
    assert item["category"] == 'a "b", c'
    assert counts(diff([odd], [odd])) == (0, 0, 0)


def test_another_file_is_refused():
    for content in (b"", b"a,b\r\n", write_observations([])[:-2]):
        with pytest.raises(ValueError, match="no file of observations"):
            difference(content, write_observations([]))


tables = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["2026-05", "2026-Q2", "2026"])),
    st.sampled_from([BASE, HIDDEN, replace(BASE, value=0), replace(BASE, value=2.5), replace(HIDDEN, upper=None)]),
).map(lambda made: [replace(row, unit=unit, period=period) for (unit, period), row in made.items()])


@settings(deadline=None)
@given(tables, tables, st.integers(1, 4))
def test_it_finds_what_the_plain_way_finds_page_by_page(before, after, limit):
    old, new = dict(map(plain, before)), dict(map(plain, after))
    found = diff(before, after)
    items = [item for start in range(0, len(found.changes), limit) for item in found.items(start, limit)]
    told = {tuple(item[name] for name in KEY): (item["before"], item["after"]) for item in items}
    keys = {key for key in {**old, **new} if old.get(key) != new.get(key)}
    assert told == {key: (old.get(key), new.get(key)) for key in keys}
    assert len(items) == len(told) == sum(counts(found))
    assert counts(found) == (
        len(new.keys() - old.keys()),
        len(old.keys() - new.keys()),
        len(keys & old.keys() & new.keys()),
    )
