"""The files of a release say which one they are of, and are true of each other."""

import io
import json
import zipfile
from hashlib import sha256

import pytest
from pyarrow import parquet

from actions.cut_release import cut_release
from actions.retract_release import retract_release
from domain.refusals import ReleaseRefused
from store.releases import add_draft
from store.tenancy import EVERY_OPERATOR
from tests.builders import MAY, NOON, STEWARD, furnished_hub, report, submit_and_accept

ID = "2026-07-15.1"


@pytest.fixture
def hub(tmp_path):
    made = furnished_hub(tmp_path)
    submit_and_accept(made, "nyc-east", MAY, report())
    yield made
    made.database.close()


def told_in(hub, release: str) -> list[str]:
    """Which release each file that says so is of."""
    read = {name: hub.artefacts.read(release, name) for name in hub.artefacts.inventory(release)}
    columns = parquet.read_schema(io.BytesIO(read["observations.parquet"])).metadata
    described, metadata = (json.loads(read[name]) for name in ("datapackage.json", "observations.csv-metadata.json"))
    return [columns[b"release"].decode(), described["version"], metadata["dc:identifier"]]


def test_a_release_is_named_in_its_files_and_an_empty_retraction_in_its_own(hub):
    assert cut_release(hub, by=STEWARD, publish=True) == ID
    assert told_in(hub, ID) == [ID] * 3
    made = retract_release(hub, by=STEWARD, release=ID, reason="data_error")
    assert told_in(hub, made.id) == [made.id] * 3
    assert made.id != ID


def test_the_archive_holds_the_files_of_the_release_byte_for_byte(hub):
    release = cut_release(hub, by=STEWARD, publish=True)
    archive = zipfile.ZipFile(io.BytesIO(hub.artefacts.read(release, "datapackage.zip")))
    beside = hub.artefacts.inventory(release)
    for name in set(archive.namelist()) - {"LICENSE.txt", "SHA256SUMS"}:
        assert sha256(archive.read(name)).hexdigest() == beside[name].sha256
    assert set(beside) - set(archive.namelist()) == {"observations.parquet", "datapackage.zip"}


def test_two_cuts_of_the_same_basis_are_the_same_bytes(hub, tmp_path):
    other = furnished_hub(tmp_path / "other")
    submit_and_accept(other, "nyc-east", MAY, report())
    assert [each.artefacts.inventory(cut_release(each, by=STEWARD, publish=True)) for each in (hub, other)][0] == (
        other.artefacts.inventory(ID)
    )
    other.database.close()


def test_a_cut_whose_id_was_taken_meanwhile_is_refused_and_leaves_nothing(hub, monkeypatch):
    def take_the_id(*_, **__):
        with hub.database.write(EVERY_OPERATOR) as connection:
            add_draft(connection, ID, {"previous": None}, NOON)
        return b""

    monkeypatch.setattr("actions.release_files.data_package.bundle", take_the_id)
    with pytest.raises(ReleaseRefused, match="cut meanwhile"):
        cut_release(hub, by=STEWARD, publish=False)
    assert hub.artefacts.folders() == []
