"""What files of observations say of themselves: where they are from, and what each column means.

The CSVW metadata, the Data Package and the Parquet file are all written from this.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from domain.citation import DATA_LICENSE, PUBLISHER, TITLE
from domain.dictionary import Level
from domain.release import COLUMNS, Status


class Kind(Enum):
    """What a column holds: a word that is always there, one that may be empty, or a number that may be."""

    KEY = "key"
    WORD = "word"
    NUMBER = "number"


@dataclass(frozen=True)
class Column:
    """A column of observations; `codes` are all that it may hold, where that is a closed list."""

    name: str
    kind: Kind
    description: str
    codes: tuple[str, ...] = ()


COLUMNS_TOLD = (
    Column("level", Kind.KEY, "What the row speaks of: one site, all sites of a city, or all.", tuple(Level)),
    Column("unit", Kind.KEY, "The id of the site or of the city, or `all`."),
    Column("city", Kind.WORD, "The id of the city; empty for all sites together."),
    Column("operator", Kind.WORD, "The id of the operator of a site; else empty."),
    Column("period", Kind.KEY, "A month (2026-05), a quarter (2026-Q2) or a year (2026)."),
    Column("indicator", Kind.KEY, "What is counted, by its id in dictionary.json."),
    Column("breakdown", Kind.WORD, "By what the count is broken down; empty on totals."),
    Column("category", Kind.WORD, "The code within the breakdown; empty on totals."),
    Column("value", Kind.NUMBER, "The number, where it is published; else empty, and never a zero in its place."),
    Column("value_status", Kind.KEY, "Whether the value is published, and why not where it is not.", tuple(Status)),
    Column("lower", Kind.NUMBER, "Where the value is suppressed: the least that any reader could derive."),
    Column("upper", Kind.NUMBER, "Where the value is suppressed: the most that any reader could derive, if known."),
)
"""The columns of observations, in their order."""

PRIMARY_KEY = ("level", "unit", "period", "indicator", "breakdown", "category")


@dataclass(frozen=True)
class Source:
    """The release that a file is of: its id, its permanent URL, and the version of its dictionary."""

    release: str
    url: str
    dictionary: str

    @property
    def title(self) -> str:
        """What a reader of the file sees as its name."""
        return f"{TITLE}, release {self.release}"

    @property
    def facts(self) -> dict[str, str]:
        """The same as names and texts, with the terms of use."""
        return {
            "title": self.title,
            "release": self.release,
            "url": self.url,
            "dictionary": self.dictionary,
            "publisher": PUBLISHER,
            "license": DATA_LICENSE.id,
            "license_url": DATA_LICENSE.url,
        }


assert tuple(column.name for column in COLUMNS_TOLD) == COLUMNS, "every column is described, in order"
