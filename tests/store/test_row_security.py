"""Hand-written SQL, with the app's own login, on a real PostgreSQL: no operator gets at another's rows.

Nothing of the hub is between the SQL and the database here: what is not in the code cannot be forgotten in it.
"""

from contextlib import suppress

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from domain.periods import Month
from store.database import Database
from store.releases import add_draft, add_explanation
from store.tables import metadata
from store.tenancy import EVERY_OPERATOR, RULES, Guard, of_operator
from tests.builders import (
    MAY,
    NOON,
    OPERATORS,
    furnish,
    make_hub,
    register_test_clients,
    report,
    submit,
    submit_and_accept,
    submit_and_confirm,
    superuser,
)
from tests.store.published import publish
from tests.visitors import add_signed_in_person
from tests.webhooks import add_told_webhook

GUARDED = sorted(table.name for table, rule in RULES.items() if isinstance(rule, Guard))
OF_OPERATORS = sorted(table.name for table, rule in RULES.items() if isinstance(rule, Guard) and rule.key)
MARCH = Month(2026, 3)
DENIED = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.RestrictViolation,
    psycopg.errors.FeatureNotSupported,  # COPY into a table with row-level security
)


@pytest.fixture
def filled(postgresql, tmp_path):
    """Rows of ri and sf in every table that can have some, and none of nyc's; the URL is the app's."""
    with postgresql.hub_database() as url:
        hub = furnish(make_hub(tmp_path, database_url=url))
        receipt = submit_and_accept(hub, "ri-providence", MAY, report())
        submit(hub, "ri-providence", MAY, report(revision_reason="error"), if_match=frozenset({receipt.etag}))
        submit_and_accept(hub, "sf-tenderloin", MAY, report())
        submit_and_accept(hub, "nyc-east", MAY, report())
        for site in ("ri-providence", "sf-tenderloin"):
            submit_and_confirm(hub, site, MARCH, report(deaths_overdose_onsite=1))
        register_test_clients(hub)
        for operator in ("ri", "sf"):
            add_signed_in_person(hub, operator)
            add_told_webhook(hub, operator)
        with hub.database.write(EVERY_OPERATOR) as connection:
            publish(connection, 1)
            add_draft(connection, "2026-07-15.2", {}, NOON)
            add_explanation(connection, "2026-07-15.2", b"x")
        yield hub
        hub.database.close()


@pytest.fixture
def app(filled):
    """The app's own session, without the hub."""
    address = make_url(filled.settings.database_url)
    query = dict(address.query)
    with psycopg.connect(
        host=query["host"], port=int(query["port"]), user=address.username, dbname=address.database, autocommit=True
    ) as session:
        yield session


def everything(hub) -> dict[str, list]:
    """Every row of every table, as an administrator sees them."""
    with superuser(hub.database) as connection:
        rows = {name: connection.execute(text(f"select * from {name}")).all() for name in metadata.tables}
    return {name: sorted(map(repr, found)) for name, found in rows.items()}


def run_for(session: psycopg.Connection, operator: str | None) -> None:
    session.execute("select set_config('app.operator', %s, true)", [operator])


def owners(table: str) -> str:
    """SQL for the operators whose rows of the table are seen."""
    of_site = "(select operator from sites where id = {table}.site)"
    of_client = "(select operator from clients where id = {table}.client)"
    of_person = "(select operator from users where id = {table}.person)"
    rule = next(rule for found, rule in RULES.items() if found.name == table)
    keys = {"site": of_site, "client": of_client, "person": of_person, "operator": "{table}.operator"}
    whose = keys[rule.key].format(table=table)
    return f"select distinct {whose} from {table}"


def test_it_is_the_app_that_is_asked(app):
    assert app.execute("select current_user, session_user").fetchone() == ("crosstally_app", "crosstally_app")
    assert app.execute("select current_setting('is_superuser')").fetchone() == ("off",)
    assert app.execute("select count(*) from pg_class where relowner = current_user::regrole").fetchone() == (0,)


@pytest.mark.parametrize("table", OF_OPERATORS)
def test_no_operator_sees_rows_of_another(filled, app, table):
    seen = {}
    for operator in (o.id for o in OPERATORS):
        with app.transaction():
            run_for(app, operator)
            seen[operator] = {row[0] for row in app.execute(owners(table))}
    assert all(found <= {operator} for operator, found in seen.items()), seen
    assert any(seen.values())


@pytest.mark.parametrize("operator", [None, "", "nowhere", "RI", "ri ", "ri' or '1'='1", "%", "ri,sf"])
def test_without_an_operator_there_are_no_rows(filled, app, operator):
    with app.transaction():
        run_for(app, operator)
        assert {
            name: app.execute(f"select count(*) from {name}").fetchone()[0] for name in OF_OPERATORS
        } == dict.fromkeys(OF_OPERATORS, 0)


@pytest.mark.parametrize("table", sorted(set(GUARDED) - set(OF_OPERATORS)))
def test_what_is_of_all_operators_at_once_is_not_the_apps(app, table):
    with pytest.raises(DENIED):
        app.execute(f"select * from {table}")


def test_questions_that_go_round_about_find_no_more(app):
    asked = [
        "select count(*) from revisions where site = 'ri-providence'",
        "select count(*) from sites join revisions on revisions.site = sites.id where sites.operator = 'ri'",
        "select count(*) from sites s where operator = 'ri' and exists (select 1 from reports r where r.site = s.id)",
        "with all_of_them as (select * from revisions) select count(*) from all_of_them where site = 'ri-providence'",
        "select count(*) from (table revisions) r where site like 'ri%'",
        "select count(convert_from(content, 'UTF8')) from only revisions where site = 'ri-providence'",
        "select count(*) from reports, lateral (select * from revisions where revisions.site <> reports.site) r",
    ]
    with app.transaction():
        run_for(app, "nyc")
        assert [app.execute(question).fetchone()[0] for question in asked] == [0] * len(asked)


def test_a_leaky_function_sees_no_other_row_before_the_policy_does(app):
    notices = []
    app.add_notice_handler(lambda notice: notices.append(notice.message_primary))
    with app.transaction():
        run_for(app, "nyc")
        app.execute(
            "create function pg_temp.tell(site text) returns boolean language plpgsql cost 0.0000001 as "
            "$$ begin raise notice '%', site; return true; end $$"
        )
        app.execute("select count(*) from revisions where pg_temp.tell(site)")
    assert set(notices) == {"nyc-east"}


CHANGES = [
    "update reports set state = 'returned', accepted_revision = null",
    "update reports set state = 'returned' where site = 'ri-providence'",
    "update reports set site = 'nyc-north' where site = 'ri-providence'",
    "update clients set disabled = true, scopes = '[]'",
    "update clients set operator = 'nyc' where operator = 'ri'",
    "update clients set label = 'x' where id = 'ri-client'",
    "update client_credentials set expires_at = now()",
    "delete from client_credentials",
    "delete from client_credentials where client = 'ri-client'",
    "update client_credentials set client = 'nyc-client' where client = 'ri-client'",
    "update users set roles = '[\"operator_admin\"]', state = 'active'",
    "update users set name = 'x' where email = 'rosa@ri.example.org'",
    "delete from sessions",
    "delete from links",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_no_change_reaches_a_row_of_another(filled, app, statement):
    before = everything(filled)
    with app.transaction():
        run_for(app, "nowhere")
        assert app.execute(statement).rowcount == 0
    assert everything(filled) == before


REFUSED = [
    "insert into reports (site, month, state, revision) values ('ri-providence', '2026-04', 'submitted', 1)",
    "insert into reports select 'ri-providence', '2026-04', state, revision from reports",
    "insert into revisions select 'ri-providence', month, 9, content, sha256, findings, submitted_by, submitted_at "
    "from revisions",
    "update reports set site = 'ri-providence'",
    "insert into reports as r (site, month, state, revision) values ('ri-providence', '2026-05', 'submitted', 1) "
    "on conflict (site, month) do update set state = 'returned'",
    "merge into reports using (values ('ri-providence')) v (site) on false when not matched then "
    "insert (site, month, state, revision) values (v.site, '2026-04', 'submitted', 1)",
    "copy reports (site, month, state, revision) from stdin",
    "insert into clients (id, label, operator, scopes, sites, grants, redirect_uris, networks, introspects, disabled, "
    "created_at) select 'x', label, 'ri', scopes, sites, grants, redirect_uris, networks, introspects, disabled, "
    "created_at from clients limit 1",
    "update clients set operator = 'ri'",
    "update clients set operator = null",
    "insert into client_credentials (client, id, secret_sha256, created_at, expires_at) "
    "values ('ri-client', 'x', 'x', now(), now())",
    "update client_credentials set client = 'ri-client'",
    "insert into users (id, name, email, operator, roles, state, created_by, created_at) "
    "values ('x', 'x', 'x@x.org', 'ri', '[]', 'active', 'x', now())",
    "insert into links values ('x', 'rosa-of-ri', now(), now())",
    "insert into sessions values ('x', 'rosa-of-ri', '[]', 'complete', 'x', now(), now())",
    "update users set operator = 'nyc'",
    "update users set email = 'x@x.org'",
    "select password_hash from users",
    "update users set password_hash = 'x'",
    "select sha256 from sessions",
    "select sha256 from links",
    "select * from users",
    "select sealed from webhook_secrets",
    "update webhook_secrets set sealed = 'x'",
    "update webhooks set operator = 'nyc'",
    "update webhooks set last_success_at = now()",
    "insert into webhooks values ('x', 'ri', 'x', 'x', '[]', null, 'x', now(), null)",
    "insert into webhooks values ('x', null, 'x', 'x', '[]', null, 'x', now(), null)",
    "insert into announcements values ('x', 'report.accepted', 'ri', null, '{}', now(), false)",
    "insert into announcements values ('x', 'release.published', null, null, '{}', now(), false)",
    "update announcements set payload = '{}'",
    "update deliveries set next_at = now()",
    "insert into audit values (99, 'x', 'x', 'x', 'x', 'x', 'ri')",
    "insert into audit values (99, 'x', 'x', 'x', 'x', 'x', null)",
    "delete from reports",
    "delete from revisions",
    "update revisions set submitted_by = 'x'",
    "delete from audit",
    "update audit set actor = 'x'",
    "truncate audit",
    "truncate reports cascade",
    "insert into reviews select * from reviews",
    "insert into confirmations values ('ri-providence', '2026-03', 1, 'x', now())",
    "update confirmations set confirmed_by = 'x'",
    "insert into release_reports select * from release_reports",
    "insert into releases select * from releases",
    "insert into operators (id, label, sentinel) values ('x', 'x', 'none')",
    "update operators set k = 5 where id = 'ri'",
    "update sites set operator = 'nyc' where id = 'ri-providence'",
    "update sites set label = 'x'",
    "delete from sites",
    "alter table reports no force row level security",
    "alter table reports disable row level security",
    "drop policy own_operator on reports",
    "create policy mine on reports using (true)",
    "create table mine (x text)",
    "drop table reports",
    "alter table audit disable trigger all",
    "create or replace function refuse_change() returns trigger language plpgsql as $$ begin return null; end $$",
    "set session_replication_role = replica",
    "set role crosstally_owner",
    "set role crosstally_migrator",
    "set session authorization crosstally_owner",
    "grant crosstally_owner to crosstally_app",
    "alter role crosstally_app bypassrls",
    "update pg_class set relforcerowsecurity = false",
]


def run_as_nyc(session: psycopg.Connection, statement: str) -> None:
    with session.transaction():
        run_for(session, "nyc")
        if statement.startswith("copy"):
            with session.cursor().copy(statement) as copy:
                copy.write_row(("ri-providence", "2026-04", "submitted", 1))
        else:
            session.execute(statement)


@pytest.mark.parametrize("statement", REFUSED)
def test_what_would_be_anothers_is_refused_and_leaves_nothing(filled, app, statement):
    before = everything(filled)
    with pytest.raises(psycopg.DatabaseError) as refused:
        run_as_nyc(app, statement)
    assert isinstance(refused.value, DENIED), refused.value
    assert everything(filled) == before


def test_row_security_cannot_be_switched_off(app):
    app.execute("set row_security = off")
    with pytest.raises(DENIED, match="row-level security"):
        run_as_nyc(app, "select * from revisions")


def test_the_operator_ends_with_the_transaction(app):
    for end in ("commit", "rollback"):
        app.execute("begin")
        run_for(app, "ri")
        assert app.execute("select count(*) from revisions").fetchone()[0] > 0
        app.execute(end)
        assert app.execute("select count(*) from revisions").fetchone()[0] == 0
        assert app.execute("select current_user").fetchone() == ("crosstally_app",)


COUNT = text("select count(*) from revisions")
BY_OPERATOR = text("select distinct (select operator from sites where id = site) from revisions")
SESSION = text("select pg_backend_pid()")


def test_a_pooled_connection_forgets_for_whom_it_ran(filled):
    database, sessions, seen = Database(filled.settings.database_url), set(), []
    for operator in ("ri", "nyc", "sf", None, "ri", None):
        with database.read(of_operator(operator)) as connection:
            sessions.add(connection.scalar(SESSION))
            seen.append(connection.scalars(BY_OPERATOR).all())
    with database.read(EVERY_OPERATOR) as connection:
        assert len(connection.scalars(BY_OPERATOR).all()) == 3
    with database.write(of_operator("nyc")) as connection:
        sessions.add(connection.scalar(SESSION))
        assert connection.scalars(BY_OPERATOR).all() == ["nyc"]
    assert seen == [["ri"], ["nyc"], ["sf"], [], ["ri"], []]
    assert len(sessions) == 1
    database.close()


@pytest.mark.parametrize("reach", [of_operator("ri"), EVERY_OPERATOR], ids=lambda reach: reach.role)
@pytest.mark.parametrize("way", ["read", "write"])
def test_it_forgets_it_after_an_exception_in_mid_transaction_too(filled, reach, way):
    database = Database(filled.settings.database_url)
    for failure in ("select 1/0", "select nonsense", "insert into audit values (null)", "set role nobody_at_all"):
        with suppress(Exception), getattr(database, way)(reach) as connection:
            session = connection.scalar(SESSION)
            assert connection.scalar(COUNT) > 0
            connection.execute(text(failure))
            pytest.fail("it went through")
        with database.read(of_operator("nyc")) as connection:
            assert connection.scalar(SESSION) == session
            assert connection.scalars(BY_OPERATOR).all() == ["nyc"]
            assert connection.scalar(text("select current_user")) == "crosstally_app"
    database.close()


def test_a_connection_given_back_in_mid_transaction_forgets_it(filled):
    database = Database(filled.settings.database_url)
    with database.read(of_operator("ri")) as connection:
        session = connection.scalar(SESSION)
        assert connection.scalar(COUNT) > 0
    stray = create_engine(filled.settings.database_url, pool_size=1, max_overflow=0)
    for _ in range(2):
        with stray.connect() as connection:
            assert connection.scalar(COUNT) == 0
            connection.execute(text("select set_config('app.operator', 'ri', true)"))
            assert connection.scalar(COUNT) > 0
    stray.dispose()
    with database.read(of_operator(None)) as connection:
        assert connection.scalar(SESSION) == session
        assert connection.scalar(COUNT) == 0
    database.close()
