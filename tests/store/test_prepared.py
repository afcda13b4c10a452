"""Statements that are compiled once: the same rows, types and errors as from any other, on either database."""

from contextlib import suppress

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from domain.periods import Month
from store.prepared import Prepared
from store.reports import add_head, head_of
from store.tables import reports, sites
from store.tenancy import NO_OPERATOR, REGISTRAR, of_operator
from tests.builders import report, submit

SITE = select(sites).where(sites.c.id == bindparam("site"))


@pytest.mark.parametrize("site", ["nyc-east", "ri-providence", "of nobody's"])
def test_a_row_is_what_the_toolkit_reads(hub, site):
    with hub.database.read(NO_OPERATOR) as connection:
        row = Prepared(SITE).one_or_none(connection, {"site": site})
        other = connection.execute(SITE, {"site": site}).one_or_none()
    assert (row and row._asdict()) == (other and other._asdict())


def test_what_is_written_is_read_back_by_its_types(hub):
    with hub.database.read(NO_OPERATOR) as connection:
        facts = dict(connection.execute(SITE, {"site": "nyc-east"}).one()._mapping)
    due_days = [{"month": "2026-01", "day": 9}]
    with hub.database.write(REGISTRAR) as connection:
        added = Prepared(insert(sites)).run(connection, {**facts, "id": "nyc-west", "due_days": due_days})
    assert added == 1
    with hub.database.read(NO_OPERATOR) as connection:
        row = Prepared(SITE).one_or_none(connection, {"site": "nyc-west"})
    assert row._asdict() == {**facts, "id": "nyc-west", "due_days": due_days}


def test_an_error_is_the_toolkits_and_repeats_no_value(hub):
    month = Month(2026, 5)
    submit(hub, "nyc-east", month, report(days=31))
    with pytest.raises(IntegrityError) as caught, hub.database.write(of_operator("nyc")) as connection:
        add_head(connection, "nyc-east", month)
    assert "2026-05" not in str(caught.value.statement) + str(caught.value.params)


def test_a_row_too_many_is_no_answer(hub):
    with hub.database.read(NO_OPERATOR) as connection, pytest.raises(AssertionError):
        Prepared(select(sites.c.id)).one_or_none(connection, {})


def test_a_statement_that_is_compiled_once_has_each_operators_own_rows(hub):
    month, heads = Month(2026, 5), Prepared(select(reports.c.site))
    for site in ("nyc-east", "ri-providence"):
        submit(hub, site, month, report(days=31))
    for reach, own in ((of_operator("nyc"), ["nyc-east"]), (of_operator("ri"), ["ri-providence"]), (NO_OPERATOR, [])):
        for reading in (hub.database.read, hub.database.quick_read):
            with reading(reach) as connection:
                assert [row.site for row in heads.all(connection, {})] == own


def test_things_made_of_equal_rows_are_made_once_and_of_others_anew(hub):
    made = []
    labels = Prepared(select(sites.c.label).where(sites.c.id == bindparam("site")), make=lambda row: made.append(row))
    with hub.database.quick_read(NO_OPERATOR) as connection:
        for site in ("nyc-east", "ri-providence", "nyc-east"):
            labels.all(connection, {"site": site})
    assert len(made) == len({row.label for row in made}) == 2


@pytest.mark.parametrize("writing", ["write", "quick_write"])
def test_a_quick_write_is_there_whole_or_not_at_all(hub, writing):
    month = Month(2026, 5)
    with suppress(ZeroDivisionError), getattr(hub.database, writing)(of_operator("nyc")) as connection:
        add_head(connection, "nyc-east", month)
        raise ZeroDivisionError
    with hub.database.quick_read(of_operator("nyc")) as connection:
        assert head_of(connection, "nyc-east", month) is None
