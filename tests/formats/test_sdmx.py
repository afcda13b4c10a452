"""SDMX as its own schemas have it: structures, and series in every arrangement."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.sdmx_structures import codes_of
from domain.periods import Month, MonthRange, parse_period
from domain.refusals import NotFound, QueryInvalid
from domain.release import Observation
from formats.sdmx.codes import AGENCY, CODES, FLOW, KEY, TIME
from formats.sdmx.data_json import write_json
from formats.sdmx.generic import write_generic
from formats.sdmx.keys import parse_key, parse_times, require_flow
from formats.sdmx.series import Arrangement
from formats.sdmx.structures import KINDS, StructureQuery, write_structures
from formats.sdmx.text import write_csv
from schemas.sdmx import SdmxDataQuerySchema, SdmxStructureQuerySchema
from tests.domain.test_cube import PLACES, cube_of, everything, rows_of_releases
from tests.formats.made_up import (
    AT,
    DICTIONARY,
    LABELS,
    cells_in_sdmx_csv,
    cells_of,
    message_of,
)
from tests.formats.schemas import faults_in_sdmx, faults_in_sdmx_json

ALL = frozenset({"all"})
ACROSS = SdmxDataQuerySchema().fields["across"].validate.choices
DETAILS = SdmxDataQuerySchema().fields["detail"].validate.choices


def structures(kind: str, ids=ALL, **more: str) -> bytes:
    return write_structures(StructureQuery(kind, ids, **more), LABELS, AT)


def test_every_structure_message_is_valid_whatever_comes_along():
    fields = SdmxStructureQuerySchema().fields
    for kind, references in product(KINDS, fields["references"].validate.choices):
        assert faults_in_sdmx(structures(kind, references=references)) == []
    for detail in fields["detail"].validate.choices:
        assert faults_in_sdmx(structures("dataflow", references="all", detail=detail)) == []


@pytest.mark.parametrize(
    ("kind", "references", "there"),
    [
        ("dataflow", "none", {"Dataflow"}),
        ("dataflow", "children", {"Dataflow", "DataStructure"}),
        ("dataflow", "descendants", {"Dataflow", "DataStructure", "Codelist", "ConceptScheme"}),
        ("dataflow", "codelist", {"Dataflow", "Codelist"}),
        ("datastructure", "children", {"DataStructure", "Codelist", "ConceptScheme"}),
        ("datastructure", "parents", {"DataStructure", "Dataflow"}),
        ("codelist", "parents", {"Codelist", "DataStructure"}),
        ("codelist", "parentsandsiblings", {"Codelist", "DataStructure", "ConceptScheme"}),
        ("conceptscheme", "all", {"Dataflow", "DataStructure", "Codelist", "ConceptScheme"}),
    ],
)
def test_what_belongs_to_a_structure_comes_along(kind, references, there):
    content = structures(kind, references=references).decode()
    assert {
        name for name in ("Dataflow", "DataStructure", "Codelist", "ConceptScheme") if f"<str:{name} " in content
    } == there


def test_a_structure_is_found_by_its_id_and_version_and_others_are_not_there():
    one = structures("codelist", frozenset({"CL_FREQ"}), version="1.0").decode()
    assert one.count("<str:Codelist ") == 1
    two = structures("codelist", frozenset({"CL_FREQ", "CL_UNIT"})).decode()
    assert two.count("<str:Codelist ") == 2
    for query in (StructureQuery("codelist", frozenset({"CL_X"})), StructureQuery("codelist", ALL, version="2.0")):
        with pytest.raises(NotFound):
            write_structures(query, LABELS, AT)


def test_code_lists_have_every_code_of_the_dictionary_and_of_the_release():
    codes = codes_of(DICTIONARY)
    assert set(codes["CL_INDICATOR"]) == set(DICTIONARY.by_id)
    assert set(codes["CL_CATEGORY"]) == {"_T"} | {code for b in DICTIONARY.breakdowns for code in b.codes}
    units = structures("codelist", frozenset({"CL_UNIT"})).decode()
    assert [f'id="{code}"' in units for code in ("a", "b", "x", "_T", "c")] == [True] * 4 + [False]
    assert "Site a &amp; &lt;co&gt; (synthetic numbers)" in units


def test_one_code_says_that_a_value_is_withheld_and_none_says_why():
    assert set(CODES["CL_CONF_STATUS"]) == {"F", "C"}
    assert not {"A", "D", "S"} & set(CODES["CL_CONF_STATUS"])


@settings(max_examples=40, deadline=None)
@given(rows=rows_of_releases, across=st.sampled_from(ACROSS), detail=st.sampled_from(DETAILS))
def test_data_messages_are_valid_in_every_arrangement_even_empty_ones(rows, across, detail):
    cube, how = cube_of(rows), Arrangement(across, detail)
    blocks = list(cube.rows(everything(cube)))
    assert faults_in_sdmx(b"".join(write_generic(message_of(cube), blocks, how))) == []
    assert faults_in_sdmx_json(write_json(message_of(cube), blocks, how, LABELS)) == []


def test_the_schemas_find_what_is_wrong():
    cube = cube_of([])
    good = b"".join(write_generic(message_of(cube), [], Arrangement()))
    assert faults_in_sdmx(good.replace(b'dimensionAtObservation="TIME_PERIOD"', b""))
    assert faults_in_sdmx_json(write_json(message_of(cube), [], Arrangement(), LABELS).replace(b'"id"', b'"ident"'))


@settings(max_examples=50)
@given(rows=rows_of_releases, first=st.none() | st.integers(1, 3), last=st.none() | st.integers(1, 3))
def test_the_first_and_last_observations_are_those_of_each_series_in_time(rows, first, last):
    cube = cube_of(rows)
    how = Arrangement(first=first, last=last)
    told = b"".join(write_csv(message_of(cube), cube.rows(everything(cube)), how))
    series: dict = {}
    for cell, said in cells_of(sorted(rows, key=lambda row: row.period)).items():
        level, unit, period, *name = cell
        series.setdefault((level, unit, parse_period(period).kind, *name), []).append((cell, said))
    kept = {}
    for members in series.values():
        ends = members[: first or 0] + members[len(members) - min(last or 0, len(members)) :]
        kept.update(members if first is None and last is None else ends)
    assert cells_in_sdmx_csv(told) == kept


@settings(max_examples=30)
@given(rows=rows_of_releases, across=st.sampled_from([TIME, "INDICATOR", "AllDimensions"]))
def test_block_by_block_is_the_same_as_all_at_once(rows, across):
    cube, how = cube_of(rows), Arrangement(across)
    whole, wanted = list(cube.rows(everything(cube))), everything(cube)
    parts = [part for unit in wanted.units for part in cube.rows(everything(cube, units=wanted.units[unit : unit + 1]))]
    for write in (write_generic, write_csv):
        assert b"".join(write(message_of(cube), parts, how)) == b"".join(write(message_of(cube), whole, how))


def test_the_detail_decides_what_is_told():
    cube = cube_of(_two_months())

    def written(detail: str) -> list[str]:
        made = write_csv(message_of(cube), cube.rows(everything(cube)), Arrangement(detail=detail))
        return b"".join(made).decode().split("\r\n")[:-1]

    assert written("full")[0].endswith("TIME_PERIOD,OBS_VALUE,OBS_STATUS,CONF_STATUS,LOWER_BOUND,UPPER_BOUND")
    assert written("dataonly")[0].endswith("TIME_PERIOD,OBS_VALUE")
    for detail in ("serieskeysonly", "nodata"):
        assert written(detail)[0].endswith("BREAKDOWN,CATEGORY")
        assert len(written(detail)) == 2


def _two_months():
    unit, _, cell = PLACES[0]
    return [Observation(*unit, period, *cell, 1, "published") for period in ("2026-01", "2026-02")]


@pytest.mark.parametrize("flow", [FLOW, "all", f"X,{FLOW}", f"{AGENCY},{FLOW},latest", f"{AGENCY},{FLOW},1.0"])
def test_the_data_flow_is_named_with_any_agency_or_without(flow):
    require_flow(flow)


@pytest.mark.parametrize("flow", ["X", "", f"{AGENCY},X", f"{AGENCY},{FLOW},2.0", f"{AGENCY},{FLOW},1.0,x", AGENCY])
def test_another_data_flow_is_not_there(flow):
    with pytest.raises(NotFound):
        require_flow(flow)


def test_a_key_has_a_part_for_each_dimension_and_empty_ones_admit_all():
    assert parse_key("all") == parse_key("") == parse_key("." * (len(KEY) - 1)) == parse_key("*.*.*.*.*.*") == {}
    assert parse_key("M.site.a+b..._T") == {
        "FREQ": {"M"}, "LEVEL": {"site"}, "UNIT": {"a", "b"}, "CATEGORY": {"_T"},
    }  # fmt: skip
    for key in ("M", "." * len(KEY), "a+b"):
        with pytest.raises(QueryInvalid, match="6 parts"):
            parse_key(key)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2026", "2026", "2026-01..2026-12"),
        ("2026-A1", "2026-S1", "2026-01..2026-06"),
        ("2026-Q2", "2026-Q3", "2026-04..2026-09"),
        ("2026-02", "2026-M3", "2026-02..2026-03"),
        ("2026-02-01", "2026-03-31", "2026-02..2026-03"),
        ("2026-02-02", "2026-03-30T12:00:00Z", "2026-03..2026-02"),
        (None, "2026-03", "1990-01..2026-03"),
        ("2026-03", None, "2026-03..2199-12"),
    ],
)
def test_times_are_the_months_that_lie_in_them_whole(start, end, months):
    first, last = (Month.parse(text) for text in months.split(".."))
    if last < first:
        with pytest.raises(QueryInvalid, match="before"):
            parse_times(start, end)
    else:
        assert parse_times(start, end) == MonthRange(first, last)


@pytest.mark.parametrize(
    "text", ["", "x", "2026-13", "2026-Q5", "2026-Q0", "2026-M", "2026-02-30", "9999", "9999-12-31"]
)
def test_what_is_no_period_is_refused(text):
    with pytest.raises(QueryInvalid, match="written like"):
        parse_times(text or "-", None)
