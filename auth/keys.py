"""Signing keys on disk: one private key that signs, and the public keys that verify.

    keys/tokens.json      signs access tokens; a retired key verifies until its last token has expired
    keys/releases.json    signs the manifests of releases; a retired key verifies for ever

Keys are P-256 (ES256), named by their thumbprint (RFC 7638). A rotation keeps the public half of the old key
and forgets its private half. A ring looks at its file before every use, so that a rotation made by the command
line reaches a running server at once. Private keys are in the file and in memory, and nowhere else.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from domain.settings import Settings

ALGORITHM = "ES256"
CURVE = "P-256"
HALF = 32  # bytes of each of the two numbers of a signature on this curve
GRACE = timedelta(minutes=1)

Clock = Callable[[], datetime]
Jwks = dict[str, list[dict[str, Any]]]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class _Retired:
    """A key that no longer signs: its public half, and since when."""

    key: ECKey
    at: datetime

    @cached_property
    def kid(self) -> str:
        return self.key.thumbprint()


@dataclass(frozen=True)
class _Keys:
    """The content of a key file."""

    signing: ECKey
    retired: tuple[_Retired, ...] = ()

    @cached_property
    def kid(self) -> str:
        return self.signing.thumbprint()


@dataclass(frozen=True)
class KeptKey:
    """What may be told of a key: its name, since when it no longer signs, until when it verifies (None: for ever)."""

    kid: str
    retired_at: datetime | None = None
    verifies_until: datetime | None = None


class KeyRing:
    """The keys of one file. `overlap` is how long a retired key goes on verifying; None is for ever."""

    def __init__(self, path: Path, *, overlap: timedelta | None = None, clock: Clock = _now) -> None:
        self.path = path
        self._overlap = overlap
        self._clock = clock
        self._seen: tuple[tuple[int, int], _Keys] | None = None

    @classmethod
    def load(cls, path: Path, *, overlap: timedelta | None = None, clock: Clock = _now) -> KeyRing:
        """The ring of an existing file; raises FileNotFoundError, or ValueError if it is not a key file."""
        ring = cls(path, overlap=overlap, clock=clock)
        ring._current()
        return ring

    @classmethod
    def create(cls, path: Path, *, overlap: timedelta | None = None, clock: Clock = _now) -> KeyRing:
        """A ring with a new key in a new file; raises FileExistsError."""
        with _locked(path.parent):
            if path.exists():
                raise FileExistsError(f"{path} is there already")
            _write(path, _Keys(_new_key()))
        return cls.load(path, overlap=overlap, clock=clock)

    @classmethod
    def open(cls, path: Path, *, overlap: timedelta | None = None, clock: Clock = _now) -> KeyRing:
        """The ring of the file, which is created when there is none; raises ValueError if it is no key file."""
        try:
            return cls.create(path, overlap=overlap, clock=clock)
        except FileExistsError:
            return cls.load(path, overlap=overlap, clock=clock)

    def __repr__(self) -> str:
        return f"KeyRing({str(self.path)!r})"

    @property
    def signing_key(self) -> ECKey:
        """The private key that signs now."""
        return self._current().signing

    def verifying_keys(self) -> dict[str, ECKey]:
        """The keys that verify now, by `kid`, the one that signs first."""
        keys = self._current()
        return {keys.kid: keys.signing, **{retired.kid: retired.key for retired in self._still_verifying(keys)}}

    def kept(self) -> list[KeptKey]:
        """What may be told of the keys that verify now, the one that signs first."""
        keys = self._current()
        retired = [
            KeptKey(old.key.thumbprint(), old.at, old.at + self._overlap if self._overlap else None)
            for old in self._still_verifying(keys)
        ]
        return [KeptKey(keys.signing.thumbprint()), *retired]

    def jwks(self) -> Jwks:
        """The keys that verify now as a JSON Web Key Set (RFC 7517): public members only."""
        return {"keys": [_public_jwk(key) for key in self.verifying_keys().values()]}

    def sign(self, content: bytes) -> dict[str, str]:
        """The signature of the bytes: `{"algorithm", "kid", "value"}`, see `is_signed`."""
        key = self.signing_key
        return {"algorithm": ALGORITHM, "kid": key.thumbprint(), "value": _signature(key, content)}

    def rotate(self) -> str:
        """Retire the signing key for a new one, and drop the keys whose overlap is over; answers the new `kid`."""
        with _locked(self.path.parent):
            keys = _read(self.path)
            old = _Retired(_public_half(keys.signing), self._clock())
            new = _Keys(_new_key(), (old, *self._still_verifying(keys)))
            _write(self.path, new)
        return new.signing.thumbprint()

    def _still_verifying(self, keys: _Keys) -> tuple[_Retired, ...]:
        if self._overlap is None:
            return keys.retired
        now = self._clock()
        return tuple(retired for retired in keys.retired if now < retired.at + self._overlap)

    def _current(self) -> _Keys:
        status = self.path.stat()
        stamp = (status.st_mtime_ns, status.st_ino)
        if self._seen is None or self._seen[0] != stamp:
            self._seen = (stamp, _read(self.path))
        return self._seen[1]


def token_keys(settings: Settings, clock: Clock = _now) -> KeyRing:
    """The ring that signs access tokens, created at first use."""
    overlap = timedelta(seconds=settings.token_lifetime) + GRACE
    return KeyRing.open(settings.keys_dir / "tokens.json", overlap=overlap, clock=clock)


def release_keys(settings: Settings, clock: Clock = _now) -> KeyRing:
    """The ring that signs releases, created at first use."""
    return KeyRing.open(settings.keys_dir / "releases.json", clock=clock)


def is_signed(content: bytes, signature: Mapping[str, str], jwks: Jwks) -> bool:
    """Whether the signature is one of the bytes by a key of the set.

    `value` is the ES256 signature of RFC 7518 3.4: the numbers R and S, 32 bytes each, in base64url.
    """
    jwk = next((jwk for jwk in jwks["keys"] if jwk["kid"] == signature["kid"]), None)
    if jwk is None or signature["algorithm"] != ALGORITHM:
        return False
    try:
        raw = urlsafe_b64decode(signature["value"].encode("ascii"))
        r, s = int.from_bytes(raw[:HALF], "big"), int.from_bytes(raw[HALF:], "big")
        ECKey.import_key(jwk).public_key.verify(encode_dss_signature(r, s), content, ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return len(raw) == 2 * HALF


def _signature(key: ECKey, content: bytes) -> str:
    r, s = decode_dss_signature(key.get_op_key("sign").sign(content, ECDSA(SHA256())))
    return urlsafe_b64encode(r.to_bytes(HALF, "big") + s.to_bytes(HALF, "big")).decode("ascii")


def _new_key() -> ECKey:
    return ECKey.generate_key(CURVE, private=True, auto_kid=True)


def _public_half(key: ECKey) -> ECKey:
    return ECKey.import_key(key.as_dict(private=False))


def _public_jwk(key: ECKey) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": key.thumbprint(), "alg": ALGORITHM, "use": "sig"}


def _read(path: Path) -> _Keys:
    try:
        content = json.loads(path.read_bytes())
        signing = _import_key(content["signing"])
        retired = [_Retired(_import_key(item["jwk"]), _moment(item["at"])) for item in content["retired"]]
    except (ValueError, KeyError, TypeError, JoseError):
        # Not chained: the cause would quote the file.
        raise ValueError(f"{path} is not a key file") from None
    if not signing.is_private:
        raise ValueError(f"{path} holds no private key to sign with")
    return _Keys(signing, tuple(retired))


def _import_key(jwk: Mapping[str, Any]) -> ECKey:
    key = ECKey.import_key(dict(jwk))
    if key.curve_name != CURVE:
        raise ValueError("wrong curve")
    return key


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment


def _write(path: Path, keys: _Keys) -> None:
    content = {
        "signing": keys.signing.as_dict(private=True),
        "retired": [{"jwk": old.key.as_dict(private=False), "at": old.at.isoformat()} for old in keys.retired],
    }
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    _flush(path.parent)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other processes from changing the keys; makes the folder, for its owner alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
