"""The vocabularies of scopes and roles, and what a principal may be told."""

import pytest

from domain.access import OPERATOR_SCOPES, SYSTEM, Principal, Role, Scope
from domain.refusals import NotYourSite, ScopeMissing


@pytest.mark.parametrize("scope", Scope)
def test_every_scope_is_explained_and_some_role_holds_it(scope):
    assert scope.description.endswith(".")
    assert [role for role in Role if scope in role.scopes]


@pytest.mark.parametrize("role", Role)
def test_every_role_is_explained_and_holds_something(role):
    assert role.label[0].isupper()
    assert role.description.endswith(".")
    assert role.scopes


def test_each_scope_is_held_by_the_roles_that_the_design_names():
    holders = {scope: {str(role) for role in Role if scope in role.scopes} for scope in Scope}
    assert holders == {
        "reports:write": {"submitter", "operator_admin"},
        "reports:read": {"submitter", "operator_admin"},
        "reports:review": {"steward"},
        "releases:publish": {"steward", "release_officer"},
        "data:read": {"researcher"},
        "operators:admin": {"hub_admin"},
        "clients:manage": {"hub_admin", "operator_admin"},
        "audit:read": {"hub_admin", "auditor"},
    }


def test_who_sends_reports_belongs_to_an_operator_and_nobody_else_must():
    assert {role for role in Role if role.is_of_an_operator} == {Role.SUBMITTER, Role.OPERATOR_ADMIN}


def test_no_role_of_an_operator_reviews_or_publishes():
    for role in Role:
        if role.is_of_an_operator:
            assert role.scopes.isdisjoint({Scope.REPORTS_REVIEW, Scope.RELEASES_PUBLISH, Scope.OPERATORS_ADMIN})


def test_one_of_several_scopes_is_enough_and_none_is_refused_by_name():
    reader = Principal("x", frozenset({Scope.REPORTS_READ}))
    reader.require(Scope.REPORTS_READ, Scope.REPORTS_REVIEW)
    with pytest.raises(ScopeMissing, match="audit:read"):
        reader.require(Scope.AUDIT_READ)


def test_a_principal_acts_for_its_own_sites_alone():
    own = Principal("x", OPERATOR_SCOPES, "nyc", frozenset({"nyc-east"}))
    own.require_site("nyc-east")
    with pytest.raises(NotYourSite):
        own.require_site("nyc-north")


def test_a_person_is_told_from_a_client():
    assert Principal("user:ann", frozenset()).is_person
    assert not SYSTEM.is_person
