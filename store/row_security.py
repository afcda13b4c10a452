"""The rules of `store/tenancy.py` as PostgreSQL enforces them: policies, forced, and grants.

This is what the tables are given; `migrations` says how a database gets there, and a test that both agree.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import DDL, ColumnElement, MetaData, Table, event, func, literal_column
from sqlalchemy.dialects import postgresql

from store.tenancy import APP, RULES, Guard, Open, Privileges

# Empty instead of null once a transaction of the same session has set it.
TENANT: ColumnElement[str] = func.nullif(
    func.current_setting(literal_column("'app.operator'"), literal_column("true")), literal_column("''")
)


def guard_tables(metadata: MetaData) -> None:
    """Give every table its policies and grants wherever the metadata creates it in PostgreSQL."""
    for table in metadata.tables.values():
        for statement in statements_for(table):
            event.listen(table, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect="postgresql"))


def statements_for(table: Table) -> Iterator[str]:
    """What makes the table keep to its rule."""
    rule = RULES[table]
    if isinstance(rule, Guard):
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
        yield from _policies(table, rule)
    yield from _grants(table, rule)


def _policies(table: Table, rule: Guard) -> Iterator[str]:
    if rule.key:
        own = _sql(rule.own(table, TENANT))
        added = _sql(table.c[rule.key].is_not_distinct_from(TENANT)) if rule.takes_nobodys else own
        yield f"CREATE POLICY own_operator ON {table} TO {APP} USING ({own}) WITH CHECK ({added})"
    others = ", ".join(role for role in rule.grants if role != APP)
    if others:
        yield f"CREATE POLICY every_operator ON {table} TO {others} USING (true) WITH CHECK (true)"


def _grants(table: Table, rule: Guard | Open) -> Iterator[str]:
    for role, privileges in rule.grants.items():
        yield f"GRANT {', '.join(_privileges(privileges))} ON {table} TO {role}"
    if table.autoincrement_column is not None and APP in rule.grants:
        yield f"GRANT USAGE ON SEQUENCE {table}_{table.autoincrement_column.name}_seq TO {APP}"


def _privileges(privileges: Privileges) -> Iterator[str]:
    for verb, columns in privileges.items():
        yield f"{verb} ({', '.join(columns)})" if columns else verb


def _sql(expression: ColumnElement[bool]) -> str:
    words = expression.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    return " ".join(str(words).split())
