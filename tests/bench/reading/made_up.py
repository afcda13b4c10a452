"""A release of any size, made up column by column: as a published release of a hub, and as a table of SQLite."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from actions.hub import Hub
from actions.release_files import artefact_entries, release_files, source_of
from actions.retract_release import NOTHING_ATTACKED
from actions.sign_release import sign_release
from domain.dictionary import CellName
from domain.load_dictionary import shipped_dictionaries
from domain.periods import Month, MonthRange
from domain.release import COLUMNS, Contribution
from domain.report import About, Report, Site
from store.audit import last_hash
from store.releases import add_release
from store.tenancy import EVERY_OPERATOR
from tests.builders import EXAMPLE, make_hub

DICTIONARY = shipped_dictionaries()["2026.1"]
RELEASE, MEASURE = "2026-07-15.1", "od_per_1000_visits"
INDICATORS = (
    *("overdose_events", "visits_consumption", "referrals_made", "ems_calls", "overdose_naloxone"),
    *("overdose_oxygen", "ems_transports", "participants_connected", "naloxone_kits_distributed"),
)
BREAKDOWNS = ("overdose_type", "response_highest")
LAST = Month(2026, 6)


def months_until_last(count: int) -> tuple[Month, ...]:
    """So many months, the last of them the last there is."""
    first = LAST.index - count + 1
    return tuple(MonthRange(Month(first // 12, first % 12 + 1), LAST))


@cache
def cells() -> tuple[CellName, ...]:
    """Nine totals, and the categories of two breakdowns of overdoses."""
    totals = [CellName(name) for name in INDICATORS]
    more = [
        CellName("overdose_events", found.id, category.code)
        for found in DICTIONARY.breakdowns
        if found.id in BREAKDOWNS
        for category in found.categories
    ]
    return (totals[0], *more, *totals[1:])


def sites_of(count: int) -> list[Site]:
    """The sites, three to a city and two to an operator, opened before all months."""
    return [
        Site(f"site-{n:04}", f"Site {n}", f"city-{n // 3:04}", f"operator-{n // 2:04}", Month(2000, 1), synthetic=True)
        for n in range(count)
    ]


def rows_of(sites: list[Site], months: tuple[Month, ...]) -> pa.Table:
    """Every cell of every site and month, published: rows in the order of a release."""
    names, places = cells(), len(sites) * len(months)
    site, month, cell = (a.ravel() for a in np.mgrid[0 : len(sites), 0 : len(months), 0 : len(names)])
    size = np.random.default_rng(1).lognormal(3, 0.5, len(sites))[site]
    values = np.random.default_rng(2).poisson(size * np.where(cell == _visits(), 60, 1)).astype(float)

    def words(numbers: np.ndarray, said: list[str]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int32()), pa.array(said))

    none = pa.nulls(places * len(names), pa.float64())
    columns = {
        "level": words(np.zeros_like(site), ["site"]),
        "unit": words(site, [s.id for s in sites]),
        "city": words(site, [s.city for s in sites]),
        "operator": words(site, [s.operator for s in sites]),
        "period": words(month, [str(m) for m in months]),
        "indicator": words(cell, [c.indicator for c in names]),
        "breakdown": words(cell, [c.breakdown for c in names]),
        "category": words(cell, [c.category for c in names]),
        "value": pa.array(values),
        "value_status": words(np.zeros_like(site), ["published"]),
        "lower": none,
        "upper": none,
    }
    return pa.table({name: columns[name] for name in COLUMNS})


def _visits() -> int:
    return cells().index(CellName("visits_consumption"))


def publish(folder: Path, sites: list[Site], months: tuple[Month, ...], **settings: str) -> Hub:
    """A hub whose one release has these rows."""
    hub = make_hub(folder, **settings)
    table, written = rows_of(sites, months), io.BytesIO()
    parquet.write_table(table, written, compression="zstd", row_group_size=250_000)
    about = About(**EXAMPLE["about"])
    used = (Contribution(site, month, Report("2026.1", about, {})) for site in sites for month in months)
    files = release_files(source_of(hub, RELEASE, "2026.1"), (), sites, used, DICTIONARY)
    files["observations.parquet"] = written.getvalue()
    nothing = {"policy": {"id": "none"}, "reports": [], "attack": NOTHING_ATTACKED, "counts": {}}
    content = {"dictionary": "2026.1", **nothing, "artefacts": artefact_entries(files)}
    with hub.artefacts.staged(files) as staged, hub.database.write(EVERY_OPERATOR) as connection:
        staged.settle(RELEASE)
        made = sign_release(hub, RELEASE, content, None, last_hash(connection))
        add_release(connection, made, ())
    return hub


def fill_table(database: Path, sites: list[Site], months: tuple[Month, ...]) -> None:
    """The same rows for those who read SQLite, with the indexes that they need."""
    with closing(sqlite3.connect(database)) as connection:
        kinds = ", ".join(f"{name} {'INTEGER' if name in ('value', 'lower', 'upper') else 'TEXT'}" for name in COLUMNS)
        connection.execute(f"CREATE TABLE rows (id INTEGER PRIMARY KEY, {kinds})")
        table = rows_of(sites, months)
        for batch in table.to_batches(max_chunksize=100_000):
            columns = [batch[name].to_pylist() for name in COLUMNS]
            marks = ", ".join("?" * len(COLUMNS))
            statement = f"INSERT INTO rows ({', '.join(COLUMNS)}) VALUES ({marks})"
            connection.executemany(statement, zip(*columns, strict=True))
        connection.execute("CREATE INDEX by_indicator ON rows (indicator, breakdown, unit, period)")
        connection.execute("CREATE INDEX by_unit ON rows (unit, breakdown, period)")
        connection.execute("ANALYZE")
        connection.commit()
