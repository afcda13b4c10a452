"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from actions.check_readiness import check_readiness
from api.context import hub
from auth.guard import public
from domain.refusals import NotReady
from openapi.blueprint import Blueprint
from schemas.answers import HealthSchema

health = Blueprint("health", __name__, description="Liveness and readiness.")


@health.route("/healthz")
@public
@health.response(200, HealthSchema)
def get_health() -> dict:
    """The process answers

    For process supervisors.
    """
    return {"status": "ok"}


@health.route("/readyz")
@public
@health.response(200, HealthSchema)
@health.refuses(NotReady)
def get_readiness() -> dict:
    """The hub can do its work

    For load balancers: the database answers and there is a release to read.
    """
    return {"status": "ready", "release": check_readiness(hub())}
