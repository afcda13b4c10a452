"""Whatever is done to a chain behind the hub's back is found and named."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.hub import Hub
from actions.retract_release import retract_release
from actions.verify_ledger import verify_ledger
from auth.keys import release_keys
from domain.canonical import canonical_json, sha256_of
from domain.refusals import NotFound
from tests.builders import STEWARD, furnish, make_hub, superuser
from tests.ledger import publish_releases, signed_by, tamper, verify, with_keys

FILES = [
    *("observations.csv", "observations.parquet", "sites.json", "reports.json", "dictionary.json"),
    *("observations.csv-metadata.json", "datapackage.json", "datapackage.zip"),
]


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    """A hub with three releases, the second of which a fourth retracts."""
    folder = tmp_path_factory.mktemp("chain")
    hub = with_keys(furnish(make_hub(folder)))
    chain = publish_releases(hub, 3)
    retract_release(hub, by=STEWARD, release=chain[1], reason="data_error")
    hub.database.close()
    return folder


IDS = ["2026-07-15.1", "2026-07-16.1", "2026-07-17.1", "2026-07-18.1"]
FIRST, SECOND, THIRD, LAST = IDS


@pytest.fixture
def copy(original, tmp_path) -> Hub:
    shutil.copytree(original, tmp_path, dirs_exist_ok=True)
    hub = with_keys(make_hub(tmp_path))
    yield hub
    hub.database.close()


def faults(hub) -> list[tuple[str, str]]:
    return sorted((fault.release, fault.part) for fault in verify(hub).faults)


def test_an_untouched_chain_is_whole(copy):
    steps = []
    verdict = verify_ledger(copy, is_signed=signed_by(copy), progress=lambda *step: steps.append(step))
    assert (verdict.verified, verdict.faults) == (4, ())
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_one_release_can_be_looked_at_alone(copy):
    (copy.artefacts.root / FIRST / "sites.json").unlink()
    assert verify(copy, SECOND).faults == ()
    assert len(verify(copy, FIRST).faults) == 1
    with pytest.raises(NotFound):
        verify(copy, "2026-01-01.1")


@pytest.mark.parametrize("release", IDS)
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("where", [0, 0.5, 1])
def test_a_wrong_byte_in_any_file_is_found(original, release, name, where):
    """On the original, which is mended again."""
    hub = with_keys(make_hub(original))
    file = hub.artefacts.root / release / name
    right = file.read_bytes()
    wrong = bytearray(right)
    wrong[int(where * (len(wrong) - 1))] ^= 1
    try:
        file.write_bytes(wrong)
        assert faults(hub) == [(release, name)]
    finally:
        file.write_bytes(right)
    assert faults(hub) == []
    hub.database.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(file.read_bytes() + b"\n"),
        lambda file: file.write_bytes(b""),
        lambda file: (file.rename(file.with_name("x")), file.mkdir(), file.with_name("x").rename(file / "x")),
    ],
    ids=["missing", "longer", "empty", "a folder"],
)
def test_a_file_that_is_not_there_whole_is_found(copy, damage: Callable[[Path], object]):
    damage(copy.artefacts.root / SECOND / "reports.json")
    assert faults(copy) == [(SECOND, "reports.json")]


@pytest.mark.parametrize("name", ["extra.csv", ".hidden", "folder/file"])
def test_a_file_too_many_is_found(copy, name):
    file = copy.artefacts.root / FIRST / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"")
    assert faults(copy) == [(FIRST, name.partition("/")[0])]


def test_a_release_without_its_folder_has_a_fault_for_each_file(copy):
    shutil.rmtree(copy.artefacts.root / FIRST)
    assert faults(copy) == sorted((FIRST, name) for name in FILES)


def manifest_of(hub, release: str) -> bytes:
    with superuser(hub.database) as connection:
        return connection.exec_driver_sql(f"select manifest from releases where id = '{release}'").scalar()


def forge(hub, release: str, manifest: bytes, sha256: str | None = None) -> None:
    statement = "update releases set manifest = :manifest, sha256 = coalesce(:sha256, sha256) where id = :id"
    tamper(hub, statement, manifest=manifest, sha256=sha256, id=release)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1), flip=st.integers(1, 255), is_told=st.booleans())
def test_a_wrong_byte_in_a_manifest_is_found(copy, share, flip, is_told):
    right = manifest_of(copy, THIRD)
    wrong = bytearray(right)
    wrong[int(share * (len(wrong) - 1))] ^= flip
    forge(copy, THIRD, bytes(wrong), sha256_of(bytes(wrong)) if is_told else None)
    found = verify(copy).faults
    assert {fault.part for fault in found if fault.release == THIRD}
    assert ((LAST, "chain") in {(fault.release, fault.part) for fault in found}) == is_told
    forge(copy, THIRD, right, sha256_of(right))
    assert verify(copy).faults == ()


def test_a_manifest_signed_with_another_key_is_found(copy, tmp_path):
    content = json.loads(manifest_of(copy, LAST))
    del content["signature"]
    stranger = release_keys(replace(copy.settings, keys_dir=tmp_path / "stranger"))
    content["signature"] = stranger.sign(canonical_json(content))
    forged = canonical_json(content)
    forge(copy, LAST, forged, sha256_of(forged))
    assert faults(copy) == [(LAST, "signature")]


def test_what_was_signed_before_a_rotation_still_verifies(copy):
    release_keys(copy.settings).rotate()
    assert faults(copy) == []


@pytest.mark.parametrize(("place", "seen_by"), [(1, SECOND), (2, THIRD), (3, LAST)])
def test_a_dropped_release_is_found(copy, place, seen_by):
    release = IDS[place - 1]
    tamper(
        copy,
        f"delete from retractions where retracted = '{release}'",
        f"delete from release_reports where release = '{release}'",
        f"delete from releases where number = {place}",
    )
    found = faults(copy)
    assert (release, "chain") in found, "the audit log remembers it"
    assert found.count((seen_by, "chain")) == 2, "its number, and what it follows"


@pytest.mark.parametrize("also", ["", "folder", "audit"])
def test_a_chain_cut_off_at_its_end_is_found(copy, also):
    tamper(
        copy,
        f"delete from retractions where release = '{LAST}'",
        f"delete from release_reports where release = '{LAST}'",
        f"delete from releases where id = '{LAST}'",
        f"delete from audit where '{also}' = 'audit' and subject = '{LAST}'",
    )
    if also == "folder":
        shutil.rmtree(copy.artefacts.root / LAST)
    assert faults(copy) == [(LAST, "chain")]


def test_releases_in_another_order_are_found(copy):
    swap = "update releases set number = {} where number = {}"
    tamper(copy, swap.format(99, 2), swap.format(2, 3), swap.format(3, 99))
    assert {release for release, part in faults(copy) if part == "chain"} == {SECOND, THIRD, LAST}


@pytest.mark.parametrize(
    "statement",
    [
        "delete from retractions",
        "update retractions set reason = 'legal'",
        f"update retractions set retracted = '{FIRST}'",
        f"insert into retractions values ('{THIRD}', '{FIRST}', 'legal')",
    ],
)
def test_a_table_of_retractions_that_says_something_else_is_found(copy, statement):
    tamper(copy, statement)
    assert {part for _, part in faults(copy)} == {"retraction"}


def test_a_moment_that_was_moved_is_found(copy):
    tamper(copy, f"update releases set published_at = '2026-01-01 00:00:00' where id = '{SECOND}'")
    assert faults(copy) == [(SECOND, "manifest")]


def test_every_fault_is_told_at_once(copy):
    (copy.artefacts.root / FIRST / "sites.json").unlink()
    (copy.artefacts.root / SECOND / "extra").touch()
    (copy.artefacts.root / "2026-07-01.1").mkdir()
    forge(copy, THIRD, b"{}")
    tamper(copy, "delete from retractions")
    assert faults(copy) == [
        ("2026-07-01.1", "chain"),
        (FIRST, "sites.json"),
        (SECOND, "extra"),
        (THIRD, "manifest"),
        (THIRD, "manifest"),
        (LAST, "retraction"),
    ]
