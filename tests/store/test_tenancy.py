"""Whose rows are whose, and for whom a transaction runs: the same on both databases."""

import ast
import inspect
from pathlib import Path

import pytest
from sqlalchemy import column, delete, func, insert, literal_column, select
from sqlalchemy import table as lightweight
from sqlalchemy import text, union_all, update
from sqlalchemy.exc import DBAPIError

from actions.read_report import list_reports
from domain.refusals import NotReady
from store.database import Database
from store.reports import accepted_revisions, add_head, head_of, heads_in_state, reviews_of, revision_of
from store.sqlite_guard import NotAllowed
from store.tables import (
    audit,
    clients,
    drafts,
    metadata,
    operators,
    release_counts,
    release_reports,
    reports,
    reviews,
    revisions,
    sites,
)
from store.tenancy import (
    APP,
    AUDITOR,
    CALENDAR,
    EVERY_OPERATOR,
    MIGRATION,
    MIGRATOR,
    NO_OPERATOR,
    REGISTRAR,
    RULES,
    Guard,
    Open,
    Reach,
    of_operator,
)
from tests.arrows import ROOT
from tests.builders import MAY, NOON, STEWARD, register_test_clients, report, submit, submit_and_accept, superuser
from tests.store.published import publish

REFUSED = (NotAllowed, DBAPIError)
OF_OPERATORS = (reports, revisions, reviews, release_reports, release_counts, clients, audit)


@pytest.fixture
def filled(hub):
    """Reports, reviews, clients and a release of nyc; a report and clients of ri."""
    submit_and_accept(hub, "nyc-east", MAY, report())
    submit(hub, "ri-providence", MAY, report())
    register_test_clients(hub)
    with hub.database.write(EVERY_OPERATOR) as connection:
        publish(connection, 1)
    return hub


def count(hub, reach: Reach, table) -> int:
    with hub.database.read(reach) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_a_statement_that_is_kept_is_bound_to_whoever_makes_it(filled):
    """`head_of` and `add_head` make the same statement for everybody, and SQLite's guard remembers how it is bound."""
    places = {"nyc": "nyc-east", "ri": "ri-providence"}
    for asking in ("nyc", "ri", "nyc"):
        with filled.database.read(of_operator(asking)) as connection:
            found = {operator for operator, site in places.items() if head_of(connection, site, MAY)}
        assert found == {asking}
    with pytest.raises(REFUSED), filled.database.read(REGISTRAR) as connection:
        head_of(connection, "nyc-east", MAY)
    with filled.database.read(of_operator("nyc")) as connection, pytest.raises(REFUSED):
        add_head(connection, "ri-providence", MAY.next)


def test_every_table_has_a_rule_or_says_why_it_needs_none():
    assert set(RULES) == set(metadata.tables.values())
    assert all(rule.reason for rule in RULES.values() if isinstance(rule, Open))


def test_postgresql_forces_the_rules_on_every_table_that_is_there(hub, kind):
    if kind == "sqlite":
        return
    with superuser(hub.database) as connection:
        rows = connection.execute(
            text(
                "select relname, relrowsecurity and relforcerowsecurity, relowner::regrole::text, "
                "(select count(*) from pg_policy where polrelid = pg_class.oid) "
                "from pg_class where relkind in ('r', 'p', 'v', 'm') and relnamespace = 'public'::regnamespace"
            )
        ).all()
    open_tables = {table.name for table, rule in RULES.items() if isinstance(rule, Open)} | {"alembic_version"}
    assert {name for name, *_ in rows} == {*metadata.tables, "alembic_version"}
    assert {name for name, forced, _, policies in rows if not (forced and policies)} == open_tables
    assert {owner for _, _, owner, _ in rows} == {"crosstally_owner"}


def test_the_roles_are_harmless_and_own_nothing(hub, kind):
    if kind == "sqlite":
        return
    with superuser(hub.database) as connection:
        roles = connection.execute(
            text(
                "select rolname, rolcanlogin, "
                "rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication "
                "from pg_roles where rolname like 'crosstally\\_%' escape '\\'"
            )
        ).all()
        owned = connection.scalars(
            text("select distinct relowner::regrole::text from pg_class where oid > 16384")
        ).all()
    assert len(roles) == 7
    assert {name for name, logs_in, _ in roles if logs_in} == {"crosstally_app", "crosstally_migrator"}
    assert not any(harmful for _, _, harmful in roles)
    assert set(owned) & {name for name, *_ in roles} == {"crosstally_owner"}


@pytest.mark.parametrize("table", OF_OPERATORS, ids=str)
def test_an_operator_has_its_own_rows_and_nobody_has_none(filled, table):
    with superuser(filled.database) as connection:
        everything = connection.scalar(select(func.count()).select_from(table))
    own = count(filled, of_operator("nyc"), table)
    assert 0 < own
    assert own + count(filled, of_operator("ri"), table) <= everything
    assert count(filled, of_operator("nowhere"), table) == 0
    assert count(filled, NO_OPERATOR, table) == 0


def test_who_names_another_operators_rows_does_not_find_them(filled):
    with filled.database.read(of_operator("ri")) as connection:
        assert head_of(connection, "nyc-east", MAY) is None
        assert revision_of(connection, "nyc-east", MAY, 1) is None
        assert reviews_of(connection, "nyc-east", MAY) == []
        assert [head.site for head, _ in heads_in_state(connection, None)] == ["ri-providence"]
        assert accepted_revisions(connection) == []


def test_they_are_not_found_wherever_in_a_question_they_are_named(filled):
    asked = [
        select(sites.c.id).where(sites.c.id.in_(select(reports.c.site))),
        select(sites.c.id).where(select(reports.c.site).where(reports.c.site == sites.c.id).exists()),
        select(sites.c.id, reports.c.state).join(reports, reports.c.site == sites.c.id),
        select(reports.c.site).join(revisions, revisions.c.site == reports.c.site),
        select(select(reports.c.site).subquery().c.site),
        select(select(reports.c.site).cte().c.site),
        union_all(select(reports.c.site), select(revisions.c.site)),
    ]
    with filled.database.read(of_operator("ri")) as connection:
        for question in asked:
            assert {row[0] for row in connection.execute(question)} == {"ri-providence"}, str(question)
        outer = select(sites.c.id, reports.c.state).outerjoin(reports, reports.c.site == sites.c.id)
        assert {row.id for row in connection.execute(outer) if row.state} == {"ri-providence"}
        assert ("nyc-east", None) in connection.execute(outer).all()


@pytest.mark.parametrize(
    "statement",
    [
        update(reports).values(state="returned"),
        update(reports).where(reports.c.site == "nyc-east").values(state="returned"),
        update(clients).where(clients.c.operator == "nyc").values(disabled=True),
    ],
    ids=str,
)
def test_changes_reach_no_row_of_another_operator(filled, statement):
    with superuser(filled.database) as connection:
        before = connection.execute(select(statement.table).order_by(*statement.table.primary_key)).all()
    with filled.database.write(of_operator("sf")) as connection:
        changed = connection.execute(statement).rowcount
    assert changed == (1 if statement.table is clients and "nyc" not in str(statement.compile().params) else 0)
    with superuser(filled.database) as connection:
        assert connection.execute(select(statement.table).order_by(*statement.table.primary_key)).all() == before


HEAD = {"month": "2026-04", "state": "submitted", "revision": 1}
REVISION = {"month": "2026-05", "number": 2, "content": b"x", "sha256": "x", "findings": [], "submitted_by": "x"}
LINE = {"number": 99, "at": "x", "actor": "x", "action": "x", "subject": "x", "sha256": "x"}


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        (insert(reports), [{"site": "nyc-east", **HEAD}]),
        (insert(reports).values(site="nyc-east", **HEAD), None),
        (insert(revisions), [{"site": "nyc-east", "submitted_at": NOON, **REVISION}]),
        (insert(reports), [{"site": "sf-tenderloin", **HEAD}, {"site": "nyc-east", **HEAD}]),
        (insert(audit), [{"operator": "nyc", **LINE}]),
        (insert(audit), [LINE]),
        (update(clients).values(operator="nyc"), None),
        (update(sites).values(operator="sf"), None),
        (update(operators).values(label="x"), None),
        (delete(reports), None),
        (delete(audit), None),
        (update(audit).values(subject="x"), None),
        (select(drafts), None),
        (insert(drafts), [{"id": "x", "content": {}, "created_at": NOON}]),
    ],
)
def test_what_is_not_ones_own_is_neither_added_nor_taken(filled, statement, rows):
    with pytest.raises(REFUSED), filled.database.write(of_operator("sf")) as connection:
        connection.execute(statement, rows) if rows else connection.execute(statement)


@pytest.mark.parametrize(
    ("reach", "allowed", "refused"),
    [
        (EVERY_OPERATOR, [reports, revisions, reviews, drafts], [clients, audit]),
        (REGISTRAR, [clients], [reports, revisions, drafts, audit]),
        (AUDITOR, [audit], [reports, revisions, clients, drafts]),
        (NO_OPERATOR, [sites], [drafts]),
        (MIGRATION, [], []),
    ],
    ids=lambda value: getattr(value, "role", None),
)
def test_each_reach_has_what_it_is_for_and_nothing_else(filled, reach, allowed, refused):
    for table in allowed:
        assert count(filled, reach, table) > 0 or table is drafts
    for table in refused:
        with pytest.raises(REFUSED):
            count(filled, reach, table)


def test_the_owner_of_the_tables_sees_no_rows_either(filled, kind):
    if kind == "postgresql":
        database = Database(filled.settings.database_url.replace(f"//{APP}@", f"//{MIGRATOR}@"))
        with database.read(MIGRATION) as connection:
            assert connection.execute(select(revisions)).all() == []
        database.close()


def test_the_calendar_tells_dates_and_states_and_no_counts(filled):
    with filled.database.read(CALENDAR) as connection:
        assert len(heads_in_state(connection, None)) == 2
        assert len(connection.execute(select(revisions.c.site, revisions.c.submitted_at)).all()) == 2
    asked = [
        select(revisions),
        select(revisions.c.content),
        select(func.length(revisions.c.content)),
        select(revisions.c.site).where(revisions.c.findings.is_(None)),
        select(revisions.c.site).order_by(revisions.c.sha256),
        select(select(revisions).subquery()),
        select(literal_column("*")).select_from(revisions),
        select(reviews),
    ]
    for question in asked:
        with pytest.raises(REFUSED), filled.database.read(CALENDAR) as connection:
            connection.execute(question)
    assert len(list_reports(filled, by=STEWARD, state=None)) == 2


def test_a_registrar_changes_the_directory_but_never_whose_a_site_is(filled):
    with filled.database.write(REGISTRAR) as connection:
        connection.execute(update(sites).where(sites.c.id == "nyc-east").values(label="East"))
    with pytest.raises(REFUSED), filled.database.write(REGISTRAR) as connection:
        connection.execute(update(sites).values(operator="sf"))


def test_nobody_asks_without_saying_for_whom(hub):
    for way in (Database.read, Database.write):
        assert inspect.signature(way).parameters["reach"].default is inspect.Parameter.empty
    with pytest.raises(TypeError):
        hub.database.read()
    with pytest.raises(KeyError), hub.database.engine.connect() as connection:
        connection.execute(select(sites))


def test_sqlite_takes_no_text_that_it_could_not_bind(hub, kind):
    if kind == "sqlite":
        with pytest.raises(NotAllowed, match="plain text"), hub.database.read(of_operator("nyc")) as connection:
            connection.execute(text("select * from revisions"))


def test_sqlite_binds_what_it_can_check_and_refuses_the_rest(filled, kind):
    if kind == "postgresql":
        return
    from_select = insert(reports).from_select(["site"], select(sites.c.id))
    renamed = select(reports.alias("other").c.site)
    by_name = select(lightweight("reports", column("site")))
    as_text = select(text("site")).select_from(reports)
    in_text = select(literal_column("(select count(*) from revisions)"))
    several = insert(reports).values([{"site": "sf-tenderloin", **HEAD}])
    reading = update(reports).where(reports.c.site.in_(select(revisions.c.site))).values(state="returned")
    for statement in (from_select, several, reading, renamed, by_name, as_text, in_text):
        with pytest.raises(NotAllowed), filled.database.write(of_operator("sf")) as connection:
            connection.execute(statement)


WHO_READS_ALL = {
    "attack_release": "attacks what all operators' reports together would tell",
    "cut_release": "cuts from the accepted reports of all operators",
    "discard_draft": "a draft is of all operators' reports",
    "explain_release": "an explanation is one document; an operator is handed its own rows of it",
    "hub": "writes down that a steward read an operator's report",
    "publish_release": "a draft is of all operators' reports",
    "read_release": "drafts, for who may publish them",
    "read_report": "a steward reads the report to be reviewed",
    "remove_leftovers": "the ids of drafts, whose folders stay",
    "retract_release": "copies which reports the release that stands used",
    "review_report": "decides on other operators' reports",
    "verify_ledger": "the ids of drafts, whose folders are no releases",
}


def test_who_reads_all_operators_is_on_the_list_and_says_why():
    users = {
        path.stem
        for path in Path(ROOT, "actions").glob("*.py")
        if any(isinstance(n, ast.Name) and n.id == "EVERY_OPERATOR" for n in ast.walk(ast.parse(path.read_text())))
    }
    assert users == set(WHO_READS_ALL)


def test_without_its_roles_postgresql_is_not_used(postgresql):
    with postgresql.database() as url:
        database = Database(url)
        with superuser(database) as connection:
            connection.exec_driver_sql("alter role crosstally_owner rename to crosstally_owner_away")
        try:
            with pytest.raises(NotReady, match="database roles"):
                database.create()
        finally:
            with superuser(database) as connection:
                connection.exec_driver_sql("alter role crosstally_owner_away rename to crosstally_owner")
            database.close()


def test_the_app_does_not_make_tables_and_says_who_does(postgresql):
    with postgresql.database() as url:
        database = Database(url.replace("//crosstally@", f"//{APP}@"))
        with pytest.raises(NotReady, match="database upgrade"):
            database.create()
        database.close()


def test_guards_name_columns_that_are_there():
    for table, rule in RULES.items():
        if isinstance(rule, Guard) and rule.key:
            assert rule.key in table.c
        for privileges in rule.grants.values():
            assert {column for columns in privileges.values() for column in columns} <= set(table.c.keys())
