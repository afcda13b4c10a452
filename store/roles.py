"""The roles of the database, as SQL for its administrator: run once, and again whenever in doubt.

    crosstally_owner        owns the tables; nobody logs in as it
    crosstally_migrator     logs in to make and change the tables, as their owner
    crosstally_app          logs in to serve; owns nothing, has the rows of the operator a transaction runs for
    crosstally_reviewer, crosstally_calendar, crosstally_registrar, crosstally_auditor
                            what the app becomes for one transaction, each for its own purpose

The hub never runs this itself: who can make roles can do everything.
"""

from __future__ import annotations

from store.tables import metadata
from store.tenancy import APP, MIGRATOR, OWNER, ROLES

HARMLESS = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT"
LOGINS = (MIGRATOR, APP)

_HEADER = """\
-- The roles of a Crosstally hub. Run it as an administrator of the server, connected to the hub's database:
--     crosstally-hub database roles | psql --single-transaction --set ON_ERROR_STOP=1 --dbname HUB
-- It can be run again. Give the two that log in their passwords (or certificates) yourself:
--     ALTER ROLE crosstally_migrator PASSWORD '...'; ALTER ROLE crosstally_app PASSWORD '...';
"""
# What a hub of an earlier version made as another role.
_TABLES = ", ".join(f"'{name}'" for name in sorted([*metadata.tables, "alembic_version"]))
_TAKE_OVER = f"""\
DO $$
DECLARE item record;
BEGIN
    FOR item IN SELECT oid::regclass AS name FROM pg_class
                 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname IN ({_TABLES}) LOOP
        EXECUTE 'ALTER TABLE ' || item.name || ' OWNER TO {OWNER}';
    END LOOP;
    FOR item IN SELECT oid::regprocedure AS name FROM pg_proc
                 WHERE pronamespace = 'public'::regnamespace AND proname = 'refuse_change' LOOP
        EXECUTE 'ALTER FUNCTION ' || item.name || ' OWNER TO {OWNER}';
    END LOOP;
END $$;"""


def roles_sql() -> str:
    """The statements, to be run by an administrator in the hub's database."""
    others = [role for role in ROLES if role != APP]
    statements = [_role(role) for role in (OWNER, MIGRATOR, *ROLES)]
    statements += [
        f"GRANT {OWNER} TO {MIGRATOR};",
        f"GRANT {', '.join(others)} TO {APP};",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC;",
        f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER};",
        f"GRANT USAGE ON SCHEMA public TO {MIGRATOR}, {', '.join(ROLES)};",
        _TAKE_OVER,
    ]
    return _HEADER + "\n".join(statements) + "\n"


def _role(role: str) -> str:
    login = "LOGIN" if role in LOGINS else "NOLOGIN"
    return (
        f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n"
        f"ALTER ROLE {role} {login} {HARMLESS};"
    )
