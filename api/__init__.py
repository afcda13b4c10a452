"""JSON doors: one file per resource, a view is decorators and one call."""

from api.audit import audit
from api.bulk_reports import bulk_reports
from api.clients import clients
from api.comparisons import comparisons
from api.completeness import completeness
from api.directory import directory
from api.health import health
from api.observations import observations
from api.problems import problems
from api.reference import reference
from api.releases import releases
from api.reports import reports
from api.sdmx import sdmx
from api.templates import templates
from api.users import users
from api.validations import validations
from api.webhooks import webhooks

BLUEPRINTS = (
    *(reference, directory, completeness, templates),
    *(reports, validations, bulk_reports, releases, observations, comparisons, sdmx),
    *(users, problems, health, clients, webhooks, audit),
)
