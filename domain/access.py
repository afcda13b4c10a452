"""Who may do what: the closed vocabularies of scopes and roles, and the principal that holds them.

The scopes that the guard enforces, the token endpoint grants and the documentation prints are these
objects, and so are the roles that people are given; there is no second list.
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
    Scope.CLIENTS_MANAGE: "Manage the clients that hold secrets or keys, and webhooks.",
    Scope.AUDIT_READ: "Read the audit log.",
}

OPERATOR_SCOPES = frozenset({Scope.REPORTS_WRITE, Scope.REPORTS_READ})


class Role(StrEnum):
    """What a person is for the hub. A person may have several; each is a name for scopes, and nothing more."""

    SUBMITTER = "submitter"
    OPERATOR_ADMIN = "operator_admin"
    STEWARD = "steward"
    RELEASE_OFFICER = "release_officer"
    RESEARCHER = "researcher"
    AUDITOR = "auditor"
    HUB_ADMIN = "hub_admin"

    @property
    def label(self) -> str:
        """The role's name for people."""
        return _ROLES[self].label

    @property
    def description(self) -> str:
        """What a holder is there to do, in a sentence for people."""
        return _ROLES[self].description

    @property
    def scopes(self) -> frozenset[Scope]:
        """What a holder may do."""
        return _ROLES[self].scopes

    @property
    def is_of_an_operator(self) -> bool:
        """Whether only somebody who belongs to an operator can have the role."""
        return not self.scopes.isdisjoint(OPERATOR_SCOPES)


@dataclass(frozen=True)
class _RoleFacts:
    label: str
    description: str
    scopes: frozenset[Scope]


_ROLES = {
    Role.SUBMITTER: _RoleFacts(
        "Submitter", "Sends the monthly reports of their operator's sites and answers findings.", OPERATOR_SCOPES
    ),
    Role.OPERATOR_ADMIN: _RoleFacts(
        "Operator admin",
        "Decides who and which clients act for their operator, and does all that a submitter does.",
        OPERATOR_SCOPES | {Scope.CLIENTS_MANAGE},
    ),
    Role.STEWARD: _RoleFacts(
        "Data steward",
        "Reviews the reports of operators they do not belong to, and cuts and publishes releases.",
        frozenset({Scope.REPORTS_REVIEW, Scope.RELEASES_PUBLISH}),
    ),
    Role.RELEASE_OFFICER: _RoleFacts(
        "Release officer",
        "Cuts, publishes and retracts releases, and reviews no reports.",
        frozenset({Scope.RELEASES_PUBLISH}),
    ),
    Role.RESEARCHER: _RoleFacts("Researcher", "Queries what releases published.", frozenset({Scope.DATA_READ})),
    Role.AUDITOR: _RoleFacts(
        "Auditor", "Reads the log of who did what, and changes nothing.", frozenset({Scope.AUDIT_READ})
    ),
    Role.HUB_ADMIN: _RoleFacts(
        "Hub admin",
        "Registers operators, sites, clients and people, and reads the log; sends and reviews nothing.",
        frozenset({Scope.OPERATORS_ADMIN, Scope.CLIENTS_MANAGE, Scope.AUDIT_READ}),
    ),
}

PERSON = "user:"
"""What the id of a person begins with in a principal; no client's id holds a colon."""


@dataclass(frozen=True)
class Principal:
    """The party behind a request: a client or a person, its operator (None for the hub's own), sites and scopes.

    `id` is a client's id, or `user:` and a person's; `via` is the client through which a person acts, None in
    the hub's own portal. What is written down of who did something is the id, whatever it came through.
    """

    id: str
    scopes: frozenset[Scope]
    operator: str | None = None
    sites: frozenset[str] = frozenset()
    via: str | None = None

    @property
    def is_person(self) -> bool:
        """Whether this is a person, not a client that acts for itself."""
        return self.id.startswith(PERSON)

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
