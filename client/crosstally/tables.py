"""Rows of a release as a table, for whatever a researcher reads tables with."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crosstally.extras import needed

_CODES = ("level", "unit", "city", "operator", "period", "indicator", "breakdown", "category", "value_status")


@dataclass(frozen=True)
class Table:
    """Observations as the hub's CSV has them; `release` is the address they came from."""

    csv: bytes
    release: str

    def __iter__(self) -> Iterator[dict[str, str]]:
        """The rows as dictionaries of text, hidden values and missing codes being empty."""
        return csv.DictReader(io.StringIO(self.csv.decode("utf-8"), newline=""))

    def to_pandas(self) -> Any:
        """A pandas DataFrame: hidden values are NaN, codes are text, empty where there is none."""
        pandas = needed("pandas", extra="pandas", purpose="A pandas DataFrame")
        return pandas.read_csv(
            io.BytesIO(self.csv),
            dtype=dict.fromkeys(_CODES, "str"),
            keep_default_na=False,
            na_values={name: [""] for name in ("value", "lower", "upper")},
        )

    def to_polars(self) -> Any:
        """A polars DataFrame: hidden values are null, codes are text, empty where there is none."""
        polars = needed("polars", extra="polars", purpose="A polars DataFrame")
        types = dict.fromkeys(_CODES, polars.String) | dict.fromkeys(("value", "lower", "upper"), polars.Float64)
        frame = polars.read_csv(io.BytesIO(self.csv), schema_overrides=types)
        return frame.with_columns(polars.col(*_CODES).fill_null(""))
