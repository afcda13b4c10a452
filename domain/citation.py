"""How to cite a release, and under which terms it may be used: the same words wherever they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

PUBLISHER = "Crosstally"
TITLE = "Crosstally: monthly aggregate counts of overdose prevention centers"


@dataclass(frozen=True)
class License:
    """Terms of use, by SPDX identifier."""

    id: str
    title: str
    url: str


DATA_LICENSE = License(
    "CC-BY-4.0", "Creative Commons Attribution 4.0 International", "https://creativecommons.org/licenses/by/4.0/"
)
"""The license of every release; the code has its own. This is the one place that says so."""


def citation(release: str, published_at: datetime, url: str, retracts: str | None = None) -> str:
    """One sentence with the title, the year, the id, the day of publication (UTC) and the permanent URL."""
    what = f"release {release}" + (f" (retracts {retracts})" if retracts else "")
    return f"{TITLE} ({published_at.year}), {what}, published {published_at.date()}, {url}"
