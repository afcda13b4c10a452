"""The page docs/scopes-and-roles.md, from the vocabularies that the guard enforces."""

from __future__ import annotations

from collections.abc import Iterable

from domain.access import Role, Scope

HEAD = """# Scopes and roles

A token carries scopes, and an operation names the ones that let a caller in. A client is given scopes; a person is
given roles, and holds the scopes of all of them. Nobody grants a scope that they do not hold, nobody reviews a report
of their own operator, and nobody accepts a revision that they sent.

| scope | its holder may | roles that hold it |
|---|---|---|
"""

ROLES = """
| role | id | only within an operator | is there to | scopes |
|---|---|---|---|---|
"""


def access_page() -> str:
    """The page: a row for each scope, and one for each role."""
    return HEAD + "".join(map(_scope_row, Scope)) + ROLES + "".join(map(_role_row, Role))


def _scope_row(scope: Scope) -> str:
    holders = ", ".join(role.label for role in Role if scope in role.scopes)
    return f"| `{scope}` | {scope.description} | {holders} |\n"


def _role_row(role: Role) -> str:
    bound = "yes" if role.is_of_an_operator else "no"
    return f"| {role.label} | `{role}` | {bound} | {role.description} | {_codes(sorted(role.scopes))} |\n"


def _codes(words: Iterable[str]) -> str:
    return " ".join(f"`{word}`" for word in words)
