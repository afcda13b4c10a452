"""What a sign-in still needs, after what has been proved."""

import pytest

from domain.access import PERSON, Role, Scope
from domain.person import NEED_SECOND_FACTOR, Person, PersonState, Proof, Stage, normal_email, scopes_of, stage_of
from tests.builders import NOON


@pytest.mark.parametrize(
    ("proofs", "has", "needs", "stage"),
    [
        ({Proof.PASSWORD}, False, False, Stage.COMPLETE),
        ({Proof.PASSWORD}, True, False, Stage.SECOND_FACTOR),
        ({Proof.PASSWORD}, True, True, Stage.SECOND_FACTOR),
        ({Proof.PASSWORD}, False, True, Stage.ENROLMENT),
        ({Proof.PROVIDER}, False, True, Stage.ENROLMENT),
        ({Proof.PROVIDER}, True, False, Stage.SECOND_FACTOR),
        ({Proof.STRONG_PROVIDER}, True, True, Stage.COMPLETE),
        ({Proof.PASSKEY}, True, True, Stage.COMPLETE),
        ({Proof.PASSWORD, Proof.TOTP}, True, True, Stage.COMPLETE),
        ({Proof.PASSWORD, Proof.RECOVERY_CODE}, True, True, Stage.COMPLETE),
    ],
)
def test_what_is_missing_follows_from_the_proofs(proofs, has, needs, stage):
    assert stage_of(frozenset(proofs), has_second_factor=has, needs_second_factor=needs) is stage


@pytest.mark.parametrize("role", Role)
def test_whoever_decides_what_others_see_or_do_needs_a_second_factor(role):
    person = Person("p", "P", "p@x.org", None, frozenset({role}), PersonState.ACTIVE, "x", NOON)
    decides = role.scopes & {Scope.REPORTS_REVIEW, Scope.RELEASES_PUBLISH, Scope.OPERATORS_ADMIN, Scope.CLIENTS_MANAGE}
    assert person.needs_second_factor is bool(decides) is (role in NEED_SECOND_FACTOR)


def test_roles_add_up_and_a_person_is_a_principal():
    roles = frozenset({Role.RESEARCHER, Role.AUDITOR})
    person = Person("p", "P", "p@x.org", None, roles, PersonState.ACTIVE, "x", NOON)
    assert person.scopes == scopes_of(roles) == {Scope.DATA_READ, Scope.AUDIT_READ}
    assert person.principal({"a"}).id == PERSON + "p" and person.principal({"a"}).sites == {"a"}


@pytest.mark.parametrize("text", ["A@X.org", " a@x.org\n", "a@x.org\x00", "\u200ba@x.org"])
def test_an_address_is_the_same_however_it_is_typed(text):
    assert normal_email(text) == "a@x.org"
