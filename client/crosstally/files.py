"""Reports as files: what a file is by its name."""

from __future__ import annotations

from pathlib import Path

from crosstally.calls import ADX, CSV, JSON, XLSX

KINDS = {".json": JSON, ".csv": CSV, ".xlsx": XLSX, ".xml": ADX, ".adx": ADX}


def media_type_of(path: Path) -> str:
    """The media type of a report's file by the end of its name; raises ValueError that lists those there are."""
    found = KINDS.get(path.suffix.lower())
    if found is None:
        raise ValueError(f"{path.name}: a report's file ends in one of {', '.join(KINDS)}")
    return found
