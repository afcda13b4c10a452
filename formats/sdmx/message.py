"""What every data message says of its observations, whatever its form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.cube import STATUSES, Cube, Rows
from domain.release import Status
from formats.description import Source
from formats.sdmx.codes import CONF_STATUS, OBS_STATUS, moment

Number = int | float | None
_CODED = {code: (OBS_STATUS[status], CONF_STATUS[status]) for code, status in enumerate(STATUSES, 1)}
_NOTHING = (None, None)


@dataclass(frozen=True)
class Message:
    """The release that a message is of, and its moment of publication, which is the message's own."""

    source: Source
    published_at: datetime
    cube: Cube

    @property
    def prepared(self) -> str:
        """The moment as SDMX writes it."""
        return moment(self.published_at)


@dataclass(frozen=True)
class Told:
    """What is said of one row: its value, if published, the two statuses, and the bounds of what is hidden."""

    value: Number
    obs_status: str
    conf_status: str
    lower: Number
    upper: Number

    @property
    def attributes(self) -> tuple[str | Number, ...]:
        """In the order of `codes.ATTRIBUTES`."""
        return self.obs_status, self.conf_status, self.lower, self.upper


def told(rows: Rows) -> Iterator[Told]:
    """What is said of each row."""
    bounds = rows.bounds
    for number, (value, code) in enumerate(zip(rows.values, rows.codes.tolist(), strict=True)):
        yield Told(value, *_CODED[code], *bounds.get(number, _NOTHING))


assert len(OBS_STATUS) == len(CONF_STATUS) == len(Status), "every status has its codes"
