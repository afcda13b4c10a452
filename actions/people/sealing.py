"""What has to be read back and must not lie open: sealed with a key that is a file outside the database.

A copy of the database alone opens nothing that is sealed, and makes no mark that is believed.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.fernet import Fernet

from actions.hub import Hub

KEY_FILE = "people.key"


def seal(hub: Hub, owner: str, secret: str) -> bytes:
    """The secret, encrypted; it opens for the same owner alone."""
    return Fernet(_key(hub)).encrypt(f"{owner}:{secret}".encode())


def unseal(hub: Hub, owner: str, sealed: bytes) -> str:
    """What was sealed; raises ValueError where it was not for this owner, InvalidToken for another key."""
    found, _, secret = Fernet(_key(hub)).decrypt(sealed).decode().partition(":")
    if found != owner:
        raise ValueError("sealed for somebody else")
    return secret


def mark(hub: Hub, text: str) -> str:
    """A mark on the text that nobody else can make."""
    key = hmac.digest(_key(hub), b"marks", "sha256")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def is_marked(hub: Hub, text: str, given: str) -> bool:
    """Whether the mark is ours, on this text."""
    return hmac.compare_digest(mark(hub, text).encode(), given.encode())


def _key(hub: Hub) -> bytes:
    return _read_key(hub.settings.keys_dir / KEY_FILE)


@cache
def _read_key(path: Path) -> bytes:
    if not path.exists():
        _create_key(path)
    return path.read_bytes()


def _create_key(path: Path) -> None:
    """Make the file, whole at once, for its owner alone; whoever is first makes it for all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as file:  # mode 0600
        file.write(Fernet.generate_key())
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            return
