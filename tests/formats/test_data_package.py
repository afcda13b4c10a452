"""The package of a release: what it says of its files is true of them, and the same files are the same bytes."""

import hashlib
import io
import json
import zipfile

import pytest
from csvw import CSVW

from domain.release import COLUMNS, Observation
from formats import csvw, data_package
from formats.observations_csv import write_observations
from tests.domain.test_cube import CELLS, UNITS
from tests.formats.made_up import DICTIONARY, SOURCE

ROWS = [
    Observation(*UNITS[0], "2026-01", *CELLS[0], 412, "published"),
    Observation(*UNITS[0], "2026-01", *CELLS[1], None, "suppressed", 0, None),
    Observation(*UNITS[3], "2026", *CELLS[3], 12.25, "published"),
]
FILES = {"observations.csv": write_observations(ROWS), "sites.json": b"[]"}


def described() -> dict:
    return data_package.describe("observations.csv", FILES, SOURCE, DICTIONARY)


def test_every_file_is_described_by_its_bytes():
    resources = {resource["path"]: resource for resource in described()["resources"]}
    assert {path: (r["bytes"], r["hash"]) for path, r in resources.items()} == {
        path: (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}") for path, content in FILES.items()
    }
    assert [field["name"] for field in resources["observations.csv"]["schema"]["fields"]] == list(COLUMNS)
    assert described()["licenses"][0]["name"] == "CC-BY-4.0"


def test_the_archive_holds_the_files_with_sums_that_can_be_checked():
    archive = zipfile.ZipFile(io.BytesIO(data_package.bundle(FILES)))
    members = {name: archive.read(name) for name in archive.namelist()}
    assert members.keys() == {*FILES, "LICENSE.txt", "SHA256SUMS"}
    sums = dict(reversed(line.split("  ")) for line in members.pop("SHA256SUMS").decode().splitlines())
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in members.items()}


def test_the_same_files_in_any_order_are_the_same_bytes():
    assert data_package.bundle(FILES) == data_package.bundle(dict(reversed(FILES.items())))


@pytest.mark.filterwarnings("always:Invalid column value")
def test_the_metadata_of_the_csv_are_right_for_a_reader_of_csvw(tmp_path):
    (tmp_path / "observations.csv").write_bytes(FILES["observations.csv"])
    metadata = tmp_path / "observations.csv-metadata.json"
    metadata.write_text(json.dumps(csvw.describe("observations.csv", SOURCE)))
    read = CSVW(str(metadata), validate=True)
    assert (read.is_valid, read.warnings) == (True, [])
    rows = [row for table in read.to_json()["tables"] for row in table["row"]]
    assert [row["describes"][0].get("value") for row in rows] == [412, None, 12.25]
    wrong = FILES["observations.csv"].replace(b",412,", b",many,")
    (tmp_path / "observations.csv").write_bytes(wrong)
    assert not CSVW(str(metadata), validate=True).is_valid
