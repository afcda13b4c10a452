"""JSON doors: one file per resource, a view is decorators and one call."""

from api.audit import audit
from api.bulk_reports import bulk_reports
from api.clients import clients
from api.comparisons import comparisons
from api.directory import directory
from api.health import health
from api.problems import problems
from api.reference import reference
from api.releases import releases
from api.reports import reports
from api.templates import templates
from api.users import users
from api.validations import validations

BLUEPRINTS = (
    reference,
    directory,
    reports,
    validations,
    bulk_reports,
    templates,
    releases,
    comparisons,
    users,
    problems,
    health,
    clients,
    audit,
)
