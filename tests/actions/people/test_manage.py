"""Who may invite, see and change whom; and what an account can't be."""

import pytest

from actions.people.change_person import change_person, disable_person, enable_person
from actions.people.invite_person import invite_person
from actions.people.issue_link import issue_link
from actions.people.read_people import find_person, list_people, principal_of, read_person
from domain.access import OPERATOR_SCOPES, SYSTEM, Principal, Role, Scope
from domain.person import PersonState
from domain.refusals import Conflict, Forbidden, NotFound, RuleBroken, ScopeMissing, WrongState
from tests.builders import STEWARD, operator_principal
from tests.visitors import add_person, add_steward, audited

HUB_ADMIN = Principal("user:h", Role.HUB_ADMIN.scopes)
RI_ADMIN = Principal("user:r", Role.OPERATOR_ADMIN.scopes, "ri")
NYC_ADMIN = Principal("user:n", Role.OPERATOR_ADMIN.scopes, "nyc")


def invite(hub, by=SYSTEM, **facts):
    facts = {"name": "Ana", "email": "ana@x.example.org", "roles": [Role.SUBMITTER], "operator": "ri", **facts}
    return invite_person(hub, by=by, **facts)[0]


@pytest.mark.parametrize("role", [Role.SUBMITTER, Role.OPERATOR_ADMIN])
def test_an_operators_admin_invites_the_people_of_that_operator(hub, role):
    person = invite(hub, RI_ADMIN, roles=[role])
    assert (person.operator, person.created_by) == ("ri", "user:r")
    assert audited(hub) == [("user:r", "user.invite", f"user:{person.id}")]


@pytest.mark.parametrize(
    ("by", "facts"),
    [
        (RI_ADMIN, {"operator": "nyc"}),
        (RI_ADMIN, {"operator": None, "roles": [Role.RESEARCHER]}),
        (RI_ADMIN, {"roles": [Role.STEWARD]}),
        (RI_ADMIN, {"roles": [Role.SUBMITTER, Role.AUDITOR]}),
        (RI_ADMIN, {"roles": [Role.HUB_ADMIN]}),
        (HUB_ADMIN, {"roles": [Role.SUBMITTER]}),
        (HUB_ADMIN, {"operator": None, "roles": [Role.STEWARD]}),
        (Principal("c", OPERATOR_SCOPES | {Scope.CLIENTS_MANAGE}), {}),
        (operator_principal("ri"), {}),
        (STEWARD, {"operator": None, "roles": [Role.STEWARD]}),
    ],
)
def test_nobody_gives_what_they_do_not_hold_nor_to_whom_they_do_not_manage(hub, by, facts):
    with pytest.raises(Forbidden):
        invite(hub, by, **facts)
    assert list_people(hub, by=SYSTEM) == [] and audited(hub) == []


def test_a_hub_admin_invites_hub_admins_and_auditors(hub):
    invite(hub, HUB_ADMIN, operator=None, roles=[Role.HUB_ADMIN, Role.AUDITOR])


@pytest.mark.parametrize(
    "facts",
    [
        {"roles": []},
        {"operator": None},
        {"operator": None, "roles": [Role.OPERATOR_ADMIN]},
        {"roles": [Role.HUB_ADMIN]},
        {"operator": "atlantis"},
        {"email": "ana"},
        {"email": "ana@localhost"},
        {"email": "aná@x.example.org"},
        {"email": "a b@x.example.org"},
        {"email": "a" * 250 + "@x.org"},
        {"name": " "},
        {"name": "A" * 101},
        {"name": "A\x00na"},
    ],
)
def test_what_an_account_can_not_be_is_refused_and_nothing_is_written(hub, facts):
    with pytest.raises(RuleBroken):
        invite(hub, **facts)
    assert list_people(hub, by=SYSTEM) == [] and audited(hub) == []


def test_an_address_is_of_one_person_however_it_is_written(hub):
    invite(hub)
    with pytest.raises(Conflict):
        invite(hub, email=" ANA@x.example.org ")


def test_an_operators_admin_sees_nobody_else(hub):
    rosa, sam = add_person(hub), add_steward(hub)
    assert [one.id for one in list_people(hub, by=RI_ADMIN)] == [rosa.id]
    assert list_people(hub, by=RI_ADMIN, operator="nyc") == list_people(hub, by=NYC_ADMIN) == []
    assert read_person(hub, by=RI_ADMIN, user=rosa.id).id == rosa.id
    for by, user in ((NYC_ADMIN, rosa.id), (RI_ADMIN, sam.id), (RI_ADMIN, "nobody")):
        with pytest.raises(NotFound):
            read_person(hub, by=by, user=user)
    with pytest.raises(ScopeMissing):
        list_people(hub, by=STEWARD)
    with pytest.raises(ScopeMissing):
        read_person(hub, by=operator_principal("ri"), user=rosa.id)


def test_people_are_listed_by_operator_and_state(hub):
    add_person(hub)
    add_person(hub, "old@ri.example.org", state=PersonState.DISABLED)
    add_person(hub, "neo@nyc.example.org", operator="nyc")
    assert [one.email for one in list_people(hub, by=HUB_ADMIN, operator="ri", state=PersonState.ACTIVE)] == [
        "rosa@ri.example.org"
    ]
    assert len(list_people(hub, by=HUB_ADMIN)) == 3
    assert find_person(hub, by=SYSTEM, user_or_email="Neo@nyc.example.org").operator == "nyc"


VERBS = {
    "change": lambda hub, by, user: change_person(hub, by=by, user=user, name="X"),
    "disable": lambda hub, by, user: disable_person(hub, by=by, user=user),
    "enable": lambda hub, by, user: enable_person(hub, by=by, user=user),
    "link": lambda hub, by, user: issue_link(hub, by=by, user=user),
}


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_decides_about_other_operators_people_nor_about_who_may_do_more(hub, verb):
    neo = add_person(hub, "neo@nyc.example.org", operator="nyc")
    sam = add_person(hub, "sam@ri.example.org", Role.STEWARD)
    admin = add_person(hub, "admin@hub.example.org", Role.HUB_ADMIN, operator=None)
    for user, refusal in ((neo.id, NotFound), (admin.id, NotFound), (sam.id, Forbidden)):
        with pytest.raises(refusal):
            VERBS[verb](hub, RI_ADMIN, user)
    with pytest.raises(ScopeMissing):
        VERBS[verb](hub, STEWARD, neo.id)
    assert audited(hub) == []


def test_roles_are_changed_within_what_one_holds(hub):
    rosa = add_person(hub)
    assert change_person(hub, by=RI_ADMIN, user=rosa.id, roles=[Role.OPERATOR_ADMIN]).roles == {Role.OPERATOR_ADMIN}
    with pytest.raises(Forbidden):
        change_person(hub, by=RI_ADMIN, user=rosa.id, name="X", roles=[Role.STEWARD])
    assert read_person(hub, by=SYSTEM, user=rosa.id).name == rosa.name, "nothing, or all of it"
    with pytest.raises(RuleBroken):
        change_person(hub, by=SYSTEM, user=rosa.id, roles=[])


def test_nobody_disables_themselves_and_nobody_is_disabled_twice(hub):
    rosa = add_person(hub, "rosa@ri.example.org", Role.OPERATOR_ADMIN)
    with pytest.raises(Forbidden):
        disable_person(hub, by=rosa.principal(), user=rosa.id)
    with pytest.raises(WrongState):
        enable_person(hub, by=RI_ADMIN, user=rosa.id)
    disable_person(hub, by=RI_ADMIN, user=rosa.id)
    with pytest.raises(WrongState):
        disable_person(hub, by=RI_ADMIN, user=rosa.id)


def test_a_person_acts_with_the_roles_of_the_moment_for_the_sites_of_the_operator(hub):
    rosa = add_person(hub)
    principal = principal_of(hub, rosa.id)
    assert (principal.id, principal.operator, principal.sites) == (f"user:{rosa.id}", "ri", {"ri-providence"})
    assert principal.scopes == OPERATOR_SCOPES and principal.is_person
    assert principal_of(hub, add_steward(hub).id).sites == frozenset()
    disable_person(hub, by=SYSTEM, user=rosa.id)
    assert principal_of(hub, rosa.id) is principal_of(hub, "nobody") is None
