"""The words of SDMX: how the columns and statuses of a release are called there.

Every dimension has a code list, and `_T` is the total in each. Periods of a release are periods of SDMX as they are
written. What is hidden has the status `Q` and is confidential (`C`): one code, whatever the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.dictionary import Level
from domain.periods import PeriodKind
from domain.release import Status

AGENCY, FLOW, VERSION = "CROSSTALLY", "OPC_MONTHLY", "1.0"
TOTAL = "_T"
TIME, MEASURE = "TIME_PERIOD", "OBS_VALUE"


@dataclass(frozen=True)
class Dimension:
    """A dimension but for time: the code list it is from, and what it tells apart."""

    id: str
    label: str
    description: str

    @property
    def codelist(self) -> str:
        """The id of its code list."""
        return f"CL_{self.id}"


KEY = (
    Dimension("FREQ", "Frequency", "Whether the period is a month, a quarter or a year."),
    Dimension("LEVEL", "Level", "Whether the number is of one site, of all sites of a city, or of all."),
    Dimension("UNIT", "Unit", "The site or the city; _T for all."),
    Dimension("INDICATOR", "Indicator", "What is counted."),
    Dimension("BREAKDOWN", "Breakdown", "By what the count is broken down; _T on totals."),
    Dimension("CATEGORY", "Category", "The category of the breakdown; _T on totals."),
)
"""The dimensions of a series, in the order of its key."""

DIMENSIONS = (*(dimension.id for dimension in KEY), TIME)

FREQUENCIES = {PeriodKind.MONTH: "M", PeriodKind.QUARTER: "Q", PeriodKind.YEAR: "A"}

OBS_STATUS = {
    Status.PUBLISHED: "A",
    Status.SUPPRESSED: "Q",
    Status.NOT_COLLECTED: "L",
    Status.NOT_APPLICABLE: "M",
    Status.NOT_REPORTED: "O",
}
CONF_STATUS = {status: "C" if status is Status.SUPPRESSED else "F" for status in Status}

ATTRIBUTES = ("OBS_STATUS", "CONF_STATUS", "LOWER_BOUND", "UPPER_BOUND")
"""What an observation says besides its value: of what is hidden also the bounds that any reader could derive."""

CODES: Mapping[str, Mapping[str, str]] = {
    "CL_FREQ": {"M": "Monthly", "Q": "Quarterly", "A": "Annual"},
    "CL_LEVEL": {
        Level.SITE.value: "One site",
        Level.CITY.value: "All sites of a city",
        TOTAL: "All sites",
    },
    "CL_OBS_STATUS": {
        "A": "Normal value",
        "Q": "Missing value; suppressed",
        "L": "Missing value; data exist but were not collected",
        "M": "Missing value; data cannot exist",
        "O": "Missing value; not reported",
    },
    "CL_CONF_STATUS": {"F": "Free", "C": "Confidential statistical information"},
}
"""The code lists that are the same for every dictionary and release."""


def word_of(code: str, total: str) -> str:
    """What a release has for a code, `total` being its word for all."""
    return total if code == TOTAL else code


def code_of(word: str, total: str) -> str:
    """The inverse."""
    return TOTAL if word == total else word


def moment(at: datetime) -> str:
    """A moment (UTC) as SDMX writes it."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
