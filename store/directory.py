"""Operators and sites."""

from __future__ import annotations

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from domain.calendar import DueDay
from domain.periods import Month
from domain.report import Operator, SeriesBreak, Site
from store.prepared import Prepared
from store.tables import operators, sites
from store.tenancy import SITE_CHANGES


def add_operator(connection: Connection, operator: Operator) -> None:
    """Store a new operator."""
    connection.execute(insert(operators).values(**vars(operator)))


def all_operators(connection: Connection) -> list[Operator]:
    """Every operator, by id."""
    return [Operator(**row._mapping) for row in connection.execute(select(operators).order_by(operators.c.id))]


def operator_by_id(connection: Connection, operator: str) -> Operator | None:
    """The operator, or None."""
    row = connection.execute(select(operators).where(operators.c.id == operator)).one_or_none()
    return Operator(**row._mapping) if row else None


def set_operator(connection: Connection, operator: Operator) -> None:
    """Give an operator these facts."""
    values = {name: value for name, value in vars(operator).items() if name != "id"}
    connection.execute(update(operators).where(operators.c.id == operator.id).values(**values))


def add_site(connection: Connection, site: Site) -> None:
    """Store a new site of a known operator."""
    connection.execute(insert(sites).values(**_values(site)))


def all_sites(connection: Connection) -> list[Site]:
    """Every site, by id."""
    return [_site(row) for row in connection.execute(select(sites).order_by(sites.c.id))]


def site_by_id(connection: Connection, site: str) -> Site | None:
    """The site, or None."""
    return _SITE.one_or_none(connection, {"site": site})


def set_site(connection: Connection, site: Site) -> None:
    """Give a site those of these facts that may change."""
    values = {name: value for name, value in _values(site).items() if name in SITE_CHANGES}
    connection.execute(update(sites).where(sites.c.id == site.id).values(**values))


def _values(site: Site) -> dict[str, object]:
    breaks = [{"month": str(b.month), "indicator": b.indicator, "code": b.code} for b in site.series_breaks]
    months = {"opened": str(site.opened), "closed": str(site.closed) if site.closed else None}
    due_days = [{"month": str(due.month), "day": due.day} for due in site.due_days]
    return {**vars(site), **months, "series_breaks": breaks, "due_days": due_days}


def _site(row: Row) -> Site:
    breaks = tuple(SeriesBreak(Month.parse(b["month"]), b["indicator"], b["code"]) for b in row.series_breaks)
    months = {"opened": Month.parse(row.opened), "closed": Month.parse(row.closed) if row.closed else None}
    due_days = tuple(DueDay(Month.parse(due["month"]), due["day"]) for due in row.due_days)
    return Site(**{**row._asdict(), **months, "series_breaks": breaks, "due_days": due_days})


_SITE = Prepared(select(sites).where(sites.c.id == bindparam("site")), make=_site)
