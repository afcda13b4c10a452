"""The pure checks of a chain, on manifests made by hand and a signature that anyone can check."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.canonical import canonical_json, sha256_of
from domain.citation import citation
from domain.ledger import (
    Fault,
    Manifest,
    chain_faults,
    file_faults,
    manifest_faults,
    readable,
    retraction_faults,
)
from domain.release import FileFacts, PublishedRelease
from tests.builders import NOON

FILE = FileFacts(3, sha256_of(b"abc"))


def seal(content: bytes) -> dict:
    return {"algorithm": "none", "kid": "test", "value": sha256_of(b"key" + content)}


def is_signed(content: bytes, signature: dict) -> bool:
    return signature == seal(content)


def release(number: int, before: PublishedRelease | None, **changes: object) -> PublishedRelease:
    at = NOON + timedelta(days=number)
    content = {
        "id": f"2026-07-15.{number}",
        "published_at": at.isoformat(),
        "artefacts": [{"name": "a.csv", "bytes": FILE.bytes, "sha256": FILE.sha256}],
        "previous": {"id": before.id, "sha256": before.sha256} if before else None,
        "retracts": None,
        **changes,
    }
    content["signature"] = seal(canonical_json(content))
    made = canonical_json(content)
    return PublishedRelease(number, f"2026-07-15.{number}", made, sha256_of(made), at)


def chain(length: int) -> list[PublishedRelease]:
    made: list[PublishedRelease] = []
    for number in range(1, length + 1):
        made.append(release(number, made[-1] if made else None))
    return made


CHAIN = chain(4)


def faults_of(releases: list[PublishedRelease]) -> list[Fault]:
    manifests = readable(releases)
    alone = [fault for r in releases for fault in manifest_faults(r, manifests.get(r.id), is_signed)]
    return [*alone, *chain_faults(releases, manifests), *retraction_faults([r.id for r in releases], manifests)]


def places(faults: list[Fault]) -> list[tuple[str, str]]:
    """(last digit of the release, part) of each fault."""
    return sorted((fault.release[-1], fault.part) for fault in faults)


def test_a_whole_chain_has_no_fault():
    assert faults_of(CHAIN) == []
    assert faults_of([]) == []


@settings(deadline=None)
@given(st.integers(0, len(CHAIN[1].manifest) - 1), st.integers(1, 255))
def test_any_wrong_byte_of_a_manifest_is_found_whatever_hash_is_told_of_it(position, flip):
    wrong = bytearray(CHAIN[1].manifest)
    wrong[position] ^= flip
    one = replace(CHAIN[1], manifest=bytes(wrong))
    assert ("2", "manifest") in places(faults_of([CHAIN[0], one, *CHAIN[2:]]))
    told = replace(one, sha256=sha256_of(one.manifest))
    found = places(faults_of([CHAIN[0], told, *CHAIN[2:]]))
    assert ("3", "chain") in found
    assert {part for place, part in found if place == "2"} & {"manifest", "signature"}


JSON = st.recursive(
    st.none() | st.text() | st.floats() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(deadline=None)
@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_what_is_no_manifest_is_named_and_nothing_breaks(content):
    one = replace(CHAIN[1], manifest=content, sha256=sha256_of(content))
    assert ("2", "manifest") in places(faults_of([CHAIN[0], one, *CHAIN[2:]]))


@pytest.mark.parametrize("name", ["id", "published_at", "artefacts", "previous", "retracts", "signature"])
@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [1], {"id": 1}, [{"name": "a"}], 1e300])
def test_a_manifest_with_a_part_of_another_kind_does_not_break_the_check(name, value):
    content = {**json.loads(CHAIN[0].manifest), name: value}
    one = replace(CHAIN[0], manifest=json.dumps(content).encode())
    found = places(faults_of([one, *CHAIN[1:]]))
    assert ("1", "manifest") in found


def test_deep_nesting_is_a_fault_and_no_crash():
    deep = b"[" * 100_000 + b"]" * 100_000
    assert ("1", "manifest") in places(faults_of([replace(CHAIN[0], manifest=deep)]))


def test_the_same_values_in_other_bytes_are_not_canonical():
    spaced = json.dumps(json.loads(CHAIN[0].manifest)).encode()
    faults = faults_of([replace(CHAIN[0], manifest=spaced, sha256=sha256_of(spaced))])
    assert [fault.words for fault in faults] == ["its bytes are not canonical JSON (RFC 8785)"]


def test_a_dropped_release_is_missed_by_the_one_after_it():
    faults = faults_of([CHAIN[0], *CHAIN[2:]])
    assert places(faults) == [("3", "chain"), ("3", "chain")]
    assert "one is missing" in faults[0].words
    assert faults[1].words == "it follows 2026-07-15.2, and 2026-07-15.1 is before it"


def test_a_dropped_first_release_is_missed():
    assert places(faults_of(CHAIN[1:])) == [("2", "chain"), ("2", "chain")]


def test_releases_in_another_order_are_named():
    first, second, third, fourth = CHAIN
    swapped = [first, replace(third, number=2), replace(second, number=3), fourth]
    assert places(faults_of(swapped)) == [("2", "chain"), ("3", "chain"), ("4", "chain")]


def test_a_release_put_in_the_place_of_another_is_named_by_the_next():
    forged = release(2, CHAIN[0], counts={"published": 1})
    (fault,) = faults_of([CHAIN[0], forged, *CHAIN[2:]])
    assert (fault.release, fault.part) == (CHAIN[2].id, "chain")
    assert "the SHA-256 differs" in fault.words


def test_a_manifest_of_another_release_is_named():
    stolen = replace(CHAIN[1], manifest=CHAIN[2].manifest, sha256=CHAIN[2].sha256)
    words = [fault.words for fault in faults_of([CHAIN[0], stolen]) if fault.part == "manifest"]
    assert words == ["it says that it is 2026-07-15.3", "it was published at another moment than it says"]


def test_a_signature_by_a_stranger_is_named():
    content = json.loads(CHAIN[0].manifest)
    content["signature"]["value"] = "x"
    made = canonical_json(content)
    assert places(faults_of([replace(CHAIN[0], manifest=made, sha256=sha256_of(made))])) == [("1", "signature")]
    del content["signature"]["kid"]
    made = canonical_json(content)
    assert places(faults_of([replace(CHAIN[0], manifest=made, sha256=sha256_of(made))])) == [("1", "signature")]


def retracting(number: int, before: PublishedRelease, retracted: str, **changes: object) -> PublishedRelease:
    retracts = {"id": f"2026-07-15.{retracted}", "reason": "legal"}
    return release(number, before, retracts=retracts, **changes)


def test_a_retraction_that_carries_what_stands_has_no_fault():
    assert faults_of([*CHAIN, retracting(5, CHAIN[3], "4")]) == []


def test_what_can_not_be_retracted_is_named():
    first = retracting(5, CHAIN[3], "4")
    for retracted, words in (("4", "was retracted before"), ("5", "is a retraction"), ("7", "is not before it")):
        (fault,) = faults_of([*CHAIN, first, retracting(6, first, retracted)])
        assert (fault.release[-1], fault.part) == ("6", "retraction")
        assert words in fault.words


def test_a_retraction_that_carries_other_files_is_named():
    other = [{"name": "a.csv", "bytes": 3, "sha256": "0" * 64}]
    (fault,) = faults_of([*CHAIN, retracting(5, CHAIN[3], "4", artefacts=other)])
    assert fault == Fault("2026-07-15.5", "retraction", "its files are not those of 2026-07-15.3")


def test_files_that_are_missing_wrong_or_too_many_are_each_named():
    told = {"a": FILE, "b": FILE, "c": FILE}
    found = {"a": FILE, "b": replace(FILE, sha256="0" * 64), "d": FILE, "e": None}
    faults = list(file_faults("2026-07-15.1", told, found))
    assert [(fault.part, fault.words) for fault in faults] == [
        ("b", "its bytes are not those that the manifest names"),
        ("c", "the file is missing"),
        ("d", "the manifest lists no such file"),
        ("e", "the manifest lists no such file"),
    ]
    assert list(file_faults("2026-07-15.1", {"a": FILE}, {"a": None})) != []


def test_a_manifest_tells_its_files():
    assert Manifest.read(CHAIN[0].manifest).files == {"a.csv": FILE}


def test_a_citation_is_one_sentence_of_title_year_id_day_and_address():
    url = "https://hub.example/v1/releases/2026-07-01.1"
    assert citation("2026-07-01.1", datetime.fromisoformat("2026-07-01T23:59:59Z"), url) == (
        "Crosstally: monthly aggregate counts of overdose prevention centers (2026), release 2026-07-01.1, "
        "published 2026-07-01, https://hub.example/v1/releases/2026-07-01.1"
    )
