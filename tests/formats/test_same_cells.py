"""A release holds the same cells in every form: each is read back, cell by cell, with its status and bounds."""

import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas._libs.parsers import STR_NA_VALUES

from domain.cube import Cube
from domain.dictionary import Level
from domain.refusals import QueryInvalid
from domain.release import Status
from formats.observations_adx import write_adx
from formats.observations_csv import read_observations, write_observations
from formats.observations_jsonstat import write_jsonstat
from formats.observations_parquet import write_parquet
from formats.sdmx.codes import CODES, DIMENSIONS
from formats.sdmx.data_json import write_json
from formats.sdmx.generic import write_generic
from formats.sdmx.series import Arrangement
from formats.sdmx.text import write_csv
from tests.domain.test_cube import cube_of, everything, rows_of_releases
from tests.formats.made_up import (
    AT,
    DICTIONARY,
    LABELS,
    SOURCE,
    cells_in_adx,
    cells_in_generic,
    cells_in_jsonstat,
    cells_in_parquet,
    cells_in_sdmx_csv,
    cells_in_sdmx_json,
    cells_of,
    message_of,
)

arrangements = st.sampled_from([*DIMENSIONS, "AllDimensions"]).map(Arrangement)


def blocks(cube: Cube):
    return cube.rows(everything(cube))


@settings(max_examples=30)
@given(rows=rows_of_releases, how=arrangements)
def test_as_sdmx_whichever_dimension_tells_observations_apart(rows, how):
    cube, cells = cube_of(rows), cells_of(rows)
    message = message_of(cube)
    assert cells_in_generic(b"".join(write_generic(message, blocks(cube), how))) == cells
    assert cells_in_sdmx_csv(b"".join(write_csv(message, blocks(cube), how))) == cells
    assert cells_in_sdmx_json(write_json(message, list(blocks(cube)), how, LABELS)) == cells


@settings(max_examples=30)
@given(rows=rows_of_releases)
def test_as_csv_parquet_and_json_stat(rows):
    cube, cells = cube_of(rows), cells_of(rows)
    assert cells_of(read_observations(write_observations(rows))) == cells
    assert cells_in_parquet(write_parquet(rows, SOURCE)) == cells
    assert cells_in_jsonstat(write_jsonstat(cube, blocks(cube), SOURCE, LABELS)) == cells


@settings(max_examples=30)
@given(rows=rows_of_releases)
def test_as_adx_but_for_bounds_and_groups_without_any_value(rows):
    cube = cube_of(rows)
    told = {(row.level, row.unit, row.period) for row in rows if row.value_status == Status.PUBLISHED}
    cells = {cell: (*said[:2], None, None) for cell, said in cells_of(rows).items() if cell[:3] in told}
    if cells:
        assert cells_in_adx(b"".join(write_adx(blocks(cube), AT))) == cells
    else:
        with pytest.raises(QueryInvalid):
            write_adx(blocks(cube), AT)


@settings(max_examples=30)
@given(rows=rows_of_releases)
def test_what_pandas_reads_from_the_csv_are_numbers_and_no_word_is_lost(rows):
    frame = pd.read_csv(io.BytesIO(write_observations(rows)), keep_default_na=True)
    for name in ("value", "lower", "upper"):
        assert frame[name].dtype.kind in "fi" or not frame[name].notna().any()
    assert frame.value_status.tolist() == [row.value_status for row in rows]
    assert frame.value.notna().tolist() == [row.value is not None for row in rows]
    assert all(isinstance(period, str) for period in frame.period) or frame.period.dtype.kind == "i"


def test_no_code_is_a_word_that_pandas_takes_for_nothing():
    assert not STR_NA_VALUES & {*DICTIONARY.ids, *Status, *Level, *CODES["CL_OBS_STATUS"], *CODES["CL_CONF_STATUS"]}
