"""The blueprint takes no view that leaves open who may call it."""

import pytest
from flask.views import MethodView

from auth.guard import public, secured
from domain.access import Scope
from domain.refusals import NotFound, WrongState
from openapi.blueprint import Blueprint


@pytest.fixture
def blueprint() -> Blueprint:
    return Blueprint("x", "x")


def test_a_view_without_scopes_is_not_taken(blueprint):
    with pytest.raises(TypeError, match="says neither secured nor public"):
        blueprint.route("/x")(lambda: None)


def test_a_guard_above_the_route_is_too_late(blueprint):
    with pytest.raises(TypeError, match="neither secured nor public"):
        secured(Scope.DATA_READ)(blueprint.route("/x")(lambda: None))


def test_a_class_of_views_is_not_taken(blueprint):
    with pytest.raises(TypeError, match="one function for one method"):
        blueprint.route("/x")(type("View", (MethodView,), {"get": public(lambda self: None)}))


def test_a_view_of_two_methods_is_not_taken(blueprint):
    with pytest.raises(TypeError, match="one function for one method"):
        blueprint.route("/x", methods=["GET", "POST"])(public(lambda: None))


def test_refusals_are_noted_wherever_they_stand(blueprint):
    below = secured(Scope.DATA_READ)(blueprint.refuses(NotFound, WrongState)(lambda: None))
    above = blueprint.refuses(NotFound, WrongState)(secured(Scope.DATA_READ)(lambda: None))
    for view in (below, above):
        assert view._apidoc == {"refusals": (NotFound, WrongState), "scopes": (Scope.DATA_READ,)}
