"""How to cite a release: the same words wherever and whenever they are asked for."""

from __future__ import annotations

from datetime import datetime

TITLE = "Crosstally: monthly aggregate counts of overdose prevention centers"


def citation(release: str, published_at: datetime, url: str, retracts: str | None = None) -> str:
    """One sentence with the title, the year, the id, the day of publication (UTC) and the permanent URL."""
    what = f"release {release}" + (f" (retracts {retracts})" if retracts else "")
    return f"{TITLE} ({published_at.year}), {what}, published {published_at.date()}, {url}"
