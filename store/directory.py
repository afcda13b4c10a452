"""Operators and sites."""

from __future__ import annotations

from sqlalchemy import Connection, Row, insert, select

from domain.periods import Month
from domain.report import Operator, SeriesBreak, Site
from store.tables import operators, sites


def add_operator(connection: Connection, operator: Operator) -> None:
    """Store a new operator."""
    connection.execute(insert(operators).values(**vars(operator)))


def all_operators(connection: Connection) -> list[Operator]:
    """Every operator, by id."""
    return [Operator(**row._mapping) for row in connection.execute(select(operators).order_by(operators.c.id))]


def add_site(connection: Connection, site: Site) -> None:
    """Store a new site of a known operator."""
    breaks = [{"month": str(b.month), "indicator": b.indicator, "code": b.code} for b in site.series_breaks]
    months = {"opened": str(site.opened), "closed": str(site.closed) if site.closed else None}
    connection.execute(insert(sites).values(**{**vars(site), **months, "series_breaks": breaks}))


def all_sites(connection: Connection) -> list[Site]:
    """Every site, by id."""
    return [_site(row) for row in connection.execute(select(sites).order_by(sites.c.id))]


def site_by_id(connection: Connection, site: str) -> Site | None:
    """The site, or None."""
    row = connection.execute(select(sites).where(sites.c.id == site)).one_or_none()
    return _site(row) if row else None


def _site(row: Row) -> Site:
    breaks = tuple(SeriesBreak(Month.parse(b["month"]), b["indicator"], b["code"]) for b in row.series_breaks)
    months = {"opened": Month.parse(row.opened), "closed": Month.parse(row.closed) if row.closed else None}
    return Site(**{**row._mapping, **months, "series_breaks": breaks})
