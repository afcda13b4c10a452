"""Key rings: what is in the file, what gets out, and how a rotation goes."""

import base64
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from auth.keys import GRACE, KeyRing, is_signed, release_keys, token_keys
from domain.settings import Settings

MANIFEST = b'{"id":"2026-07-01.1"}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "tokens.json"


@pytest.fixture
def ring(path: Path, clock) -> KeyRing:
    return KeyRing.create(path, overlap=timedelta(minutes=15), clock=clock)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_and_the_file_are_for_their_owner_alone(ring, path):
    ring.rotate()
    assert (mode(path.parent), mode(path)) == (0o700, 0o600)


def test_a_narrow_umask_or_a_wide_one_makes_no_difference(tmp_path):
    before = os.umask(0)
    try:
        KeyRing.create(tmp_path / "keys" / "tokens.json")
    finally:
        os.umask(before)
    assert mode(tmp_path / "keys" / "tokens.json") == 0o600


def test_a_key_is_named_by_its_thumbprint(ring):
    (kid,) = ring.verifying_keys()
    assert kid == ring.signing_key.thumbprint() == ring.jwks()["keys"][0]["kid"]


def test_the_public_set_says_what_the_keys_are_for_and_holds_nothing_private(ring):
    ring.rotate()
    for jwk in ring.jwks()["keys"]:
        assert set(jwk) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
        assert (jwk["crv"], jwk["alg"], jwk["use"]) == ("P-256", "ES256", "sig")


def test_printing_a_ring_shows_no_key(ring, path):
    private = json.loads(path.read_text())["signing"]["d"]
    assert private not in repr(ring) + str(ring) + repr(ring.signing_key)
    assert "tokens.json" in repr(ring)


def test_an_existing_file_is_never_overwritten_by_a_new_key(ring, path):
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        KeyRing.create(path)
    assert path.read_bytes() == before
    assert KeyRing.open(path).signing_key.kid == ring.signing_key.kid


def test_processes_that_start_together_agree_on_one_key(path):
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: KeyRing.open(path), range(8)))
    assert len({ring.signing_key.kid for ring in rings}) == 1


def test_no_key_is_lost_when_two_rotate_at_once(path):
    ring = KeyRing.create(path)
    with ThreadPoolExecutor(4) as pool:
        new = set(pool.map(lambda _: KeyRing.load(path).rotate(), range(8)))
    assert len(new) == 8
    assert new < set(ring.verifying_keys())
    assert len(ring.verifying_keys()) == 9


def test_a_rotation_signs_with_the_new_key_and_verifies_with_both(ring):
    old = ring.signing_key.kid
    new = ring.rotate()
    assert ring.signing_key.kid == new != old
    assert list(ring.verifying_keys()) == [new, old]


def test_a_rotation_forgets_the_old_private_key(ring, path):
    old = json.loads(path.read_text())["signing"]["d"]
    ring.rotate()
    assert old not in path.read_text()
    assert path.read_text().count('"d"') == 1


def test_a_retired_key_verifies_until_its_overlap_is_over(ring, clock):
    old = ring.signing_key.kid
    ring.rotate()
    clock.forward(minutes=14, seconds=59)
    assert old in ring.verifying_keys()
    clock.forward(seconds=1)
    assert old not in ring.verifying_keys()
    assert [jwk["kid"] for jwk in ring.jwks()["keys"]] == [ring.signing_key.kid]


def test_a_rotation_drops_the_keys_that_no_longer_verify(ring, path, clock):
    old = ring.signing_key.kid
    ring.rotate()
    clock.forward(minutes=16)
    ring.rotate()
    assert old not in path.read_text()


def test_a_rotation_reaches_a_running_server(ring, path):
    running = KeyRing.load(path)
    before = running.signing_key.kid
    new = ring.rotate()
    assert running.signing_key.kid == new
    assert before in running.verifying_keys()


def test_token_keys_overlap_as_long_as_a_token_lives(tmp_path, clock):
    ring = token_keys(Settings(keys_dir=tmp_path, token_lifetime=300), clock)
    old = ring.signing_key.kid
    ring.rotate()
    clock.forward(seconds=300)
    assert old in ring.verifying_keys()
    clock.now += GRACE
    assert old not in ring.verifying_keys()


def test_release_keys_are_kept_for_ever(tmp_path, clock):
    ring = release_keys(Settings(keys_dir=tmp_path), clock)
    signature = ring.sign(MANIFEST)
    for _ in range(3):
        clock.forward(days=4000)
        ring.rotate()
    assert len(ring.jwks()["keys"]) == 4
    assert is_signed(MANIFEST, signature, ring.jwks())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'"x"',
        b"\xff",
        b'{"signing": {"kty": "EC"}, "retired": []}',
        b'{"signing": 1, "retired": []}',
    ],
)
def test_a_file_that_is_no_key_file_is_refused_without_quoting_it(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is not a key file") as caught:
        KeyRing.load(path)
    assert caught.value.__suppress_context__


def test_a_public_key_or_another_curve_cannot_sign(ring, path):
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "signing": ring.jwks()["keys"][0]}))
    with pytest.raises(ValueError, match="no private key"):
        KeyRing.load(path)


@pytest.mark.parametrize("change", [{"curve": "P-384"}, {"at": "2026-07-15T12:00:00"}, {"at": "yesterday"}, {"at": 5}])
def test_a_retired_key_of_another_curve_or_time_is_refused(ring, path, change):
    ring.rotate()
    content = json.loads(path.read_text())
    if "curve" in change:
        content["retired"][0]["jwk"] = ECKey.generate_key(change["curve"]).as_dict(private=False)
    else:
        content["retired"][0].update(change)
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="is not a key file"):
        KeyRing.load(path)


def test_a_rotation_that_fails_leaves_everything_as_it_was(ring, path, monkeypatch):
    before = path.read_bytes()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("auth.keys.os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        ring.rotate()
    assert path.read_bytes() == before
    assert [other.name for other in path.parent.iterdir()] == [path.name]


def test_a_missing_file_is_told_from_a_broken_one(path):
    with pytest.raises(FileNotFoundError):
        KeyRing.load(path)


def test_a_signature_holds_for_its_bytes_and_key_only(ring, tmp_path):
    signature = ring.sign(MANIFEST)
    stranger = KeyRing.create(tmp_path / "other.json")
    renamed = {**signature, "kid": stranger.signing_key.kid}
    assert is_signed(MANIFEST, signature, ring.jwks())
    assert not is_signed(MANIFEST + b" ", signature, ring.jwks())
    assert not is_signed(MANIFEST, signature, stranger.jwks())
    assert not is_signed(MANIFEST, renamed, stranger.jwks())
    assert not is_signed(MANIFEST, {**signature, "algorithm": "none"}, ring.jwks())


@pytest.mark.parametrize("value", ["", "AAAA", "A" * 86, "é", "!" * 86, "A" * 4000])
def test_what_is_no_signature_signs_nothing(ring, value):
    assert not is_signed(MANIFEST, {**ring.sign(MANIFEST), "value": value}, ring.jwks())


def test_a_signature_is_64_bytes_whatever_the_numbers_in_it(ring):
    assert {len(ring.sign(bytes([n]))["value"]) for n in range(50)} == {86}


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 63), st.integers(1, 255))
def test_a_changed_signature_signs_nothing(tmp_path_factory, content, place, change):
    ring = KeyRing.open(tmp_path_factory.getbasetemp() / "shared-keys" / "releases.json")
    signature = ring.sign(content)
    raw = bytearray(base64.urlsafe_b64decode(signature["value"] + "=="))
    raw[place] ^= change
    changed = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    assert not is_signed(content, {**signature, "value": changed}, ring.jwks())
