"""Rows of a cube in every form say what the rows say."""

import io
import json
from dataclasses import asdict

import pandas as pd
import pytest
from hypothesis import given, settings
from jsonstat_validator import validate_jsonstat
from pyarrow import parquet

from domain.cube import Cube
from domain.release import COLUMNS, Observation
from formats.observations_csv import read_observations, write_observations
from formats.observations_jsonstat import write_jsonstat
from formats.observations_parquet import read_csv, read_parquet, write_parquet
from formats.observations_text import write_csv, write_json
from tests.domain.test_cube import CELLS, PERIODS, UNITS, cube_of, everything, rows_in, rows_of_releases
from tests.formats.made_up import LABELS, SOURCE


def blocks(cube: Cube):
    return cube.rows(everything(cube))


@given(rows=rows_of_releases)
def test_csv_and_json_are_those_of_the_rows_one_by_one(rows):
    cube = cube_of(rows)
    written = b"".join(write_csv(blocks(cube)))
    assert written == write_observations(rows_in(cube))
    assert read_observations(written) == rows_in(cube)
    assert json.loads(write_json(blocks(cube))) == [asdict(row) for row in rows_in(cube)]


def test_the_words_of_one_release_are_not_those_of_another():
    cubes = [cube_of([Observation("site", unit, "", "", "2026-01", *CELLS[1], 1, "published")]) for unit in ("a", "b")]
    for cube, unit in zip((*cubes, *cubes), "abab", strict=True):
        assert [row["unit"] for row in json.loads(write_json(blocks(cube)))] == [unit]


@settings(max_examples=30)
@given(rows=rows_of_releases)
def test_files_are_read_as_they_were_written(rows):
    cube = cube_of(rows)
    for read, content in ((read_parquet, write_parquet(rows, SOURCE)), (read_csv, write_observations(rows))):
        found = Cube.of(read(content))
        assert rows_in(found) == rows_in(cube)
        assert (found.units, found.periods, found.cells) == (cube.units, cube.periods, cube.cells)


@pytest.mark.parametrize("read", [read_parquet, read_csv])
def test_another_file_is_refused(read):
    frame = pd.DataFrame({"level": ["site"]})
    content = frame.to_parquet() if read is read_parquet else frame.to_csv(index=False).encode()
    with pytest.raises(ValueError, match="columns"):
        list(read(content))


def test_parquet_of_the_same_rows_is_the_same_bytes():
    rows = [Observation(*UNITS[0], period, *CELLS[1], 12, "published") for period in PERIODS]
    assert write_parquet(rows, SOURCE) == write_parquet(iter(rows), SOURCE)
    assert pd.read_parquet(io.BytesIO(write_parquet(rows, SOURCE))).value.tolist() == [12.0] * len(PERIODS)


def test_columns_of_parquet_say_what_they_mean_and_the_file_where_it_is_from():
    schema = parquet.read_schema(io.BytesIO(write_parquet([], SOURCE)))
    assert all(schema.field(name).metadata[b"description"] for name in COLUMNS)
    told = {name.decode(): text.decode() for name, text in schema.metadata.items()}
    assert (told["release"], told["license"]) == (SOURCE.release, "CC-BY-4.0")


@settings(max_examples=30)
@given(rows=rows_of_releases)
def test_json_stat_labels_every_place_and_is_valid(rows):
    cube = cube_of(rows)
    dataset = json.loads(write_jsonstat(cube, blocks(cube), SOURCE, LABELS))
    for dimension in dataset["dimension"].values():
        assert list(dimension["category"]["label"]) == dimension["category"]["index"]
    assert dataset["size"] == [len(d["category"]["index"]) for d in dataset["dimension"].values()]
    assert not dataset["value"].keys() & dataset["status"].keys()
    assert validate_jsonstat(dataset)
