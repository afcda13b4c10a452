"""The form of a report as a file to fill in: empty, or of one site and month."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from domain.load_dictionary import shipped_dictionaries
from formats.reports import tidy_csv, xlsx
from formats.reports.filled_workbook import Filling, write_workbook


@dataclass(frozen=True)
class Kind:
    """A kind of file: the end of its name, and its content type."""

    name: str
    content_type: str


CSV, XLSX = KINDS = Kind("csv", tidy_csv.CONTENT_TYPE), Kind("xlsx", xlsx.CONTENT_TYPE)


@cache
def blank(version: str, kind: Kind) -> bytes:
    """The empty form of a version of the dictionary."""
    return filled(version, Filling(), kind)


def filled(version: str, filling: Filling, kind: Kind) -> bytes:
    """The form with what it says already; the columns of CSV have no room for that."""
    return tidy_csv.write_template(shipped_dictionaries()[version]) if kind == CSV else write_workbook(version, filling)
