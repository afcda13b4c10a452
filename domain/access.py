"""Who may do what: the closed vocabulary of scopes, and the principal that holds them.

The scopes that the guard enforces, the token endpoint grants and the documentation prints are these
objects; there is no second list.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.refusals import NotYourSite, ScopeMissing


class Scope(StrEnum):
    """A permission in an access token; the string is what the token carries."""

    REPORTS_WRITE = "reports:write"
    REPORTS_READ = "reports:read"
    REPORTS_REVIEW = "reports:review"
    RELEASES_PUBLISH = "releases:publish"
    DATA_READ = "data:read"
    OPERATORS_ADMIN = "operators:admin"
    CLIENTS_MANAGE = "clients:manage"
    AUDIT_READ = "audit:read"

    @property
    def description(self) -> str:
        """What a holder may do, in a sentence for people."""
        return _DESCRIPTIONS[self]


_DESCRIPTIONS = {
    Scope.REPORTS_WRITE: "Send and revise the reports of one's own operator's sites.",
    Scope.REPORTS_READ: "Read the reports of one's own operator's sites, and their findings.",
    Scope.REPORTS_REVIEW: "Read submitted reports, accept them or return them with reasons.",
    Scope.RELEASES_PUBLISH: "Cut, publish and retract releases.",
    Scope.DATA_READ: "Query the observations of releases.",
    Scope.OPERATORS_ADMIN: "Manage operators and their sites.",
    Scope.CLIENTS_MANAGE: "Manage the clients that hold secrets or keys.",
    Scope.AUDIT_READ: "Read the audit log.",
}

OPERATOR_SCOPES = frozenset({Scope.REPORTS_WRITE, Scope.REPORTS_READ})


@dataclass(frozen=True)
class Principal:
    """The party behind a request: a client, its operator (None for the hub's own), its sites and scopes."""

    client_id: str
    scopes: frozenset[Scope]
    operator: str | None = None
    sites: frozenset[str] = frozenset()

    def require(self, *scopes: Scope) -> None:
        """Raise ScopeMissing unless one of the scopes is held."""
        if self.scopes.isdisjoint(scopes):
            raise ScopeMissing(scopes)

    @property
    def reviews(self) -> bool:
        """Whether the principal may read and review reports of all operators."""
        return Scope.REPORTS_REVIEW in self.scopes

    def owns(self, site: str) -> bool:
        """Whether the principal is bound to this site."""
        return site in self.sites

    def require_site(self, site: str) -> None:
        """Raise NotYourSite unless the principal is bound to this site."""
        if not self.owns(site):
            raise NotYourSite(f"This client is not bound to the site {site}.")


SYSTEM = Principal("crosstally-hub", frozenset(Scope))
"""The person at the hub's own command line, who holds the database and the keys anyway."""
