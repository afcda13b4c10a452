"""Which hub somebody works with, and as whom: kept in a file that nobody else may read.

The file is JSON in the configuration folder of the platform (`crosstally/profiles.json`; CROSSTALLY_CONFIG_DIR names
another folder). It is written with mode 0600, and refused where others can read it.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

from platformdirs import user_config_path

from crosstally.credentials import ClientSecret, Credentials, PrivateKey

DEFAULT = "default"


class NoProfile(Exception):
    """There is no profile to work with, or none that can be used; the words say what to do."""


@dataclass(frozen=True)
class Profile:
    """A hub and a client of it. `private_key` is the path of a file; `etags` are the revisions seen last, by report."""

    hub: str
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    private_key: str = ""
    etags: Mapping[str, str] = field(default_factory=dict)

    @property
    def credentials(self) -> Credentials | None:
        """What the client proves itself with; raises OSError where the key's file cannot be read."""
        if self.private_key:
            return PrivateKey.from_file(self.client_id, Path(self.private_key))
        return ClientSecret(self.client_id, self.client_secret) if self.client_id else None

    def having_seen(self, site: str, month: str, etag: str) -> Profile:
        """The profile, knowing the revision of a report that was seen last."""
        return replace(self, etags={**self.etags, f"{site}/{month}": etag})

    def seen(self, site: str, month: str) -> str | None:
        """The ETag of the revision of a report that was seen last."""
        return self.etags.get(f"{site}/{month}")


def profiles_file() -> Path:
    """Where profiles are kept."""
    told = os.environ.get("CROSSTALLY_CONFIG_DIR")
    return (Path(told) if told else user_config_path("crosstally")) / "profiles.json"


def load(name: str) -> Profile:
    """A profile by its name; raises NoProfile."""
    found = _read().get(name)
    if found is None:
        raise NoProfile(f"There is no profile {name!r} yet: crosstally login https://the.hub --client-id YOURS")
    return found


def save(name: str, profile: Profile) -> Path:
    """Keep a profile; answers the file."""
    path = profiles_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    everything = {**_read(), name: profile}
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({name: asdict(profile) for name, profile in everything.items()}, file, indent=1)
    unfinished.replace(path)
    return path


def _read() -> dict[str, Profile]:
    path = profiles_file()
    if not path.exists():
        return {}
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise NoProfile(
            f"{path} holds secrets and others can read it: chmod 600 '{path}', and have the secret changed."
        )
    known = {f.name for f in fields(Profile)}
    try:
        content = json.loads(path.read_text())
        return {name: Profile(**{k: v for k, v in told.items() if k in known}) for name, told in content.items()}
    except (ValueError, TypeError, AttributeError):
        raise NoProfile(f"{path} is no file of profiles; remove it and log in again.") from None
