"""A line list is told from a report, and no report is taken for one."""

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.line_lists import MANY_ROWS, suspicions, suspicions_in_json
from domain.refusals import LINE_LIST_SIGNS, LineList
from domain.report import Bounded, Missing, Report, Reported
from tests.domain.examples import DICTIONARY
from tests.domain.generated import arbitrary_report, consistent_report, hide_some, lose_some
from tests.domain.line_lists import as_records, headless, nested, ones, tables, trees

seeds = st.integers(0, 10**9)
COLUMNS = ["indicator", "breakdown", "category", "value", "value_status", "upper"]


def tidy(report: Report) -> list[list[str]]:
    """The cells of a report as the rows of the tidy form."""
    rows = [COLUMNS]
    for name, cell in report.cells():
        told = {
            Reported: lambda cell: [str(cell.value), "", ""],
            Bounded: lambda cell: ["", "", str(cell.lt - 1)],
            Missing: lambda cell: ["", cell.gap.value, ""],
        }[type(cell)](cell)
        rows.append([name.indicator, name.breakdown, name.category, *told])
    return rows


def reports(seed: int) -> Report:
    made = Random(seed).choice((consistent_report, arbitrary_report))(seed)
    return lose_some(hide_some(made, seed), seed)


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_no_report_is_suspected_as_rows_or_as_json(seed):
    report = reports(seed)
    assert suspicions(tidy(report)) == ()
    assert suspicions_in_json(report.content) == ()


@given(seeds, st.sampled_from((0, 1, 2, 10_000_000)))
@settings(max_examples=30, deadline=None)
def test_a_report_in_which_every_count_is_the_same_is_not_suspected(seed, count):
    rows = tidy(consistent_report(seed))
    same = [COLUMNS, *([*row[:3], str(count), *row[4:]] for row in rows[1:])]
    assert suspicions(same) == ()
    beside = [[*COLUMNS, "last month"], *([*row, str(count)] for row in same[1:])]
    assert suspicions(beside) == ()


@given(seeds, st.integers(2, 30))
@settings(max_examples=20, deadline=None)
def test_many_months_in_one_table_are_not_suspected(seed, months):
    cells = tidy(consistent_report(seed))[1:12]
    for month in ("20{:02}-05", "20{:02}-05-01", "20{:02}-05-01 00:00:00", "05/01/20{:02}"):
        rows = [["nyc-east", month.format(n), *row] for n in range(months) for row in cells]
        assert suspicions([["site", "month", *COLUMNS], *rows]) == ()


def test_a_form_with_every_word_of_the_dictionary_is_not_suspected():
    help_text = [
        [i.id, i.label, i.definition, b.breakdown.label, c.code, c.label, "1", "1"]
        for i in DICTIONARY.indicators
        for b in i.bindings
        for c in b.breakdown.categories
    ]
    headers = ["indicator", "what", "definition", "broken down by", "category", "label", "value", "last month"]
    sheet = [
        ["Crosstally report", "generated 2026-06-01 10:00"],
        ["Site", "East Harlem"],
        ["Month", "2026-05"],
        headers,
    ]
    assert suspicions(sheet + help_text) == ()
    assert (
        suspicions([["code", "label"], *([c.code, c.label] for some in DICTIONARY.codes.values() for c in some)]) == ()
    )
    assert suspicions([["rule", "text"], *([rule.id, rule.text] for rule in DICTIONARY.rules)]) == ()
    assert not any(suspicions([[word], ["1"]]) for word in DICTIONARY.vocabulary)


@given(tables())
@settings(max_examples=200, deadline=None)
def test_rows_of_persons_are_suspected_by_their_headers(table):
    assert suspicions(table)
    assert suspicions_in_json(as_records(table))
    assert suspicions_in_json(nested(as_records(table)))


@given(tables())
@settings(max_examples=50, deadline=None)
def test_a_title_above_the_header_and_rows_below_a_report_hide_nothing(table):
    assert suspicions([["Visits of the site", ""], [], *table])


def test_a_row_of_words_among_others_hides_none_of_those_above_it():
    rows = [[f"P-{n:06}", "1" if n < 2 else "man", "man"] for n in range(12)]
    assert suspicions(rows) == suspicions_in_json(rows) == ("identifier_column",)


@given(headless())
@settings(max_examples=100, deadline=None)
def test_rows_without_a_header_are_suspected_by_what_they_hold(table):
    assert suspicions(table)
    assert suspicions_in_json(table)


@given(ones())
@settings(max_examples=50, deadline=None)
def test_many_rows_that_count_one_each_are_suspected(table):
    assert suspicions(table) == ("many_ones",)


@given(trees())
@settings(max_examples=200, deadline=None)
def test_persons_are_suspected_in_any_shape_of_json(tree):
    assert suspicions_in_json(tree)


@given(seeds, st.sampled_from(("", "about", "indicators")), tables())
@settings(max_examples=60, deadline=None)
def test_persons_beside_a_true_report_are_suspected(seed, place, table):
    content = json.loads(json.dumps(consistent_report(seed).content))
    (content[place] if place else content)["extra"] = as_records(table)
    assert suspicions_in_json(content)


@pytest.mark.parametrize(
    ("table", "sign"),
    [
        ([["age", "sex", "drug"], *([["34", "F", "heroin"], ["29", "M", "crack"]] * 8)], "person_columns"),
        ([["âge", "sexe", "logement"], *([["34", "F", "stable"], ["29", "H", "rue"]] * 8)], "person_columns"),
        ([["who"], *([f"{a} {b}"] for a in ("Ana", "Tom", "Ruth") for b in ("Roe", "Kay", "Li", "Ho"))], "name_column"),
        ([["a", "b"], ["1", "20260503"], ["1", "20260504"]], "timestamps"),
        ([["a"], ["3 May 2026"], ["May 14, 2026"]], "timestamps"),
        ([["a"], ["03.05.26"], ["14.05.26"]], "timestamps"),
        ([["a"], ["9:05 pm"], ["23:41:10"]], "timestamps"),
        ([["a"], ["x@example.org"], ["y@example.org"]], "contact_details"),
        ([["a"], *([f"{n:06}"] for n in range(12))], "identifier_column"),
        ([["a"], *([f"123-45-{n:04}"] for n in range(12))], "identifier_column"),
        ([["MSH|^~\\&|LAB|OPC"], ["PID|1||17"]], "health_record"),
    ],
)  # fmt: skip
def test_each_sign_is_found_by_itself(table, sign):
    assert sign in suspicions(table)


@pytest.mark.parametrize(
    "value",
    [
        {"resourceType": "Patient", "gender": "female"},
        {"trackedEntities": [{"orgUnit": "x"}]},
        {"rows": [{"a": 34, "b": "F"}] * 12},
        {"report": {"jane@example.org": 1}},
        [["P-0001", "1"], ["P-0002", "1"], *([f"P-{n:04}", "1"] for n in range(3, 14))],
    ],
)
def test_more_shapes_of_json_that_are_suspected(value):
    assert suspicions_in_json(value)


@pytest.mark.parametrize(
    "value",
    [None, 1, "x", [], {}, [[]], [{}], {"a": []}, {"a": [1, "b", None]}, {"resourceType": []}, [[["x"]]], [True]],
)
def test_what_says_nothing_is_not_suspected(value):
    assert suspicions_in_json(value) == ()


def test_a_form_names_the_columns_that_it_has_for_itself():
    rows = [
        ["dataelement", "value", "lstupd"],
        *([f"f7n9E0h{n:04}", "3", f"2026-06-0{n % 9 + 1}T10:00"] for n in range(30)),
    ]
    assert suspicions(rows) == ("identifier_column", "timestamps")
    assert suspicions(rows, own=("dataelement", "lstupd")) == ()
    records = {"completeDate": "2026-06-05", "dataValues": [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]}
    assert suspicions_in_json(records, own=("dataelement", "lstupd", "dataValues")) == ()
    assert "name_column" in suspicions_in_json(
        {**records, "dataValues": [{"dataelement": "f7n9E0h0001", "name": "Jane Doe"}]},
        own=("dataelement", "dataValues"),
    )


def test_a_table_that_is_wide_long_or_ragged_is_judged_quickly():
    assert suspicions([["a"], *([str(n)] for n in range(200_000))]) == ()
    assert suspicions([[str(n) for n in range(20_000)]]) == ()
    assert suspicions([["a", "b"], ["1"], [], ["1", "2", "3"]]) == ()
    assert suspicions([["5"] * 100_000, *([] for _ in range(3000))]) == ()
    assert suspicions_in_json({f"a{n}": [7] if n else [7] * 5000 for n in range(30_000)}) == ()
    assert suspicions_in_json([{f"a{n}": 7} for n in range(2 * MANY_ROWS)]) == ("many_records",)


@given(tables(planted="qzword"))
@settings(max_examples=50, deadline=None)
def test_the_refusal_repeats_nothing(table):
    signs = suspicions(table)
    assert set(signs) <= set(LINE_LIST_SIGNS)
    refusal = LineList(signs)
    assert "qzword" not in f"{refusal.detail} {refusal.items}"
    assert [item.pointer for item in refusal.items] == [""] * len(signs)
