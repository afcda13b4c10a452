"""As whom a command works: the profile, and a client of its hub."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

from crosstally.clients import Client
from crosstally.profiles import NoProfile, Profile, load, save


@dataclass(frozen=True)
class Session:
    """The name of the profile, and a hub that was named instead of the profile's."""

    name: str
    hub: str | None = None

    @property
    def profile(self) -> Profile:
        """The profile; raises NoProfile."""
        return load(self.name)

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A client as whom the profile says; raises NoProfile."""
        profile = self.profile
        if self.hub and self.hub.rstrip("/") != profile.hub:
            raise NoProfile(f"The profile {self.name!r} is of {profile.hub}; log in to {self.hub} under another name.")
        with Client(profile.hub, profile.credentials) as client:
            yield client

    @contextmanager
    def reader(self) -> Iterator[Client]:
        """A client for what is public: of the hub that was named, or of the profile's."""
        with Client(self.hub or self.profile.hub) as client:
            yield client

    def remember(self, site: str, month: str, etag: str) -> None:
        """Keep which revision of a report was seen last."""
        save(self.name, self.profile.having_seen(site, month, etag))


pass_session = click.make_pass_decorator(Session)
