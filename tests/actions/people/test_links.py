"""Invitations and resets: a link works once, for a while, for its owner, and is stored as a hash."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from actions.people.change_person import disable_person, enable_person
from actions.people.factors import factors_of
from actions.people.follow_link import OVER, choose_password, follow_link, person_of_followed_link
from actions.people.invite_person import invite_person
from actions.people.issue_link import issue_link
from actions.people.read_people import list_people, read_person
from actions.people.recovery_codes import make_recovery_codes
from actions.people.request_reset import request_reset
from actions.people.sessions import find_sign_in
from actions.people.sign_in import sign_in
from actions.register_client import register_client
from domain.access import SYSTEM, Role, Scope
from domain.clients import Client
from domain.person import PersonState, Stage
from domain.refusals import NotFound, RuleBroken, TooManyAttempts, WrongState
from store.grants import GivenGrant, add_grant, grant_by_id
from store.people_tables import ceremonies, links
from store.tenancy import REGISTRAR
from tests.visitors import OTHER_PASSWORD, PASSWORD, add_person, add_steward, audited, give_app, some_browser


def invite(hub, email="ana@ri.example.org", roles=(Role.SUBMITTER,), operator="ri"):
    return invite_person(hub, by=SYSTEM, name="Ana Ortiz", email=email, roles=roles, operator=operator)


def token_of(link):
    return link.url.rpartition("/")[2]


def follow(hub, link, password=PASSWORD):
    browser = some_browser()
    follow_link(hub, token=token_of(link), browser=browser)
    return choose_password(hub, password=password, browser=browser)


def assert_over(hub, link):
    with pytest.raises(NotFound, match=OVER):
        follow_link(hub, token=token_of(link), browser=some_browser())


def test_an_invited_person_chooses_a_password_and_is_in(hub):
    person, link = invite(hub)
    assert person.state is PersonState.INVITED
    made = follow(hub, link)
    assert made.is_complete and made.person.id == person.id
    assert read_person(hub, by=SYSTEM, user=person.id).state is PersonState.ACTIVE
    assert_over(hub, link)
    assert [line[:2] for line in audited(hub)] == [
        ("crosstally-hub", "user.invite"),
        (f"user:{person.id}", "password.accept"),
        (f"user:{person.id}", "signin.complete"),
    ]


def test_an_invited_steward_still_needs_a_second_factor(hub):
    _, link = invite(hub, "sam@hub.example.org", (Role.STEWARD,), None)
    assert follow(hub, link).session.stage is Stage.ENROLMENT


def test_looking_at_a_link_does_not_use_it_up(hub):
    _, link = invite(hub)
    for _ in range(3):
        follow_link(hub, token=token_of(link), browser=some_browser())
    assert follow(hub, link).is_complete


def test_of_two_browsers_with_the_link_open_the_first_chooses(hub):
    _, link = invite(hub)
    first, second = some_browser(), some_browser()
    for browser in (first, second):
        follow_link(hub, token=token_of(link), browser=browser)
    choose_password(hub, password=PASSWORD, browser=first)
    with pytest.raises(NotFound, match=OVER):
        choose_password(hub, password=OTHER_PASSWORD, browser=second)
    assert sign_in(hub, email="ana@ri.example.org", password=PASSWORD, browser=first).is_complete


@pytest.mark.parametrize("password", ["short", "", "password12345678", "ana@ri.example.org", "ortizortizortiz!"])
def test_a_password_that_is_refused_leaves_the_link_open(hub, password):
    _, link = invite(hub)
    with pytest.raises(RuleBroken):
        follow(hub, link, password)
    assert follow(hub, link).is_complete


def test_an_invitation_lasts_a_week_and_a_reset_a_day(hub, clock):
    _, invitation = invite(hub)
    reset = issue_link(hub, by=SYSTEM, user=add_person(hub).id)
    assert (invitation.expires_at - clock()).days == 7
    clock.forward(hours=23, minutes=59)
    follow_link(hub, token=token_of(reset), browser=some_browser())
    clock.forward(minutes=1)
    assert_over(hub, reset)
    clock.forward(days=6)
    assert_over(hub, invitation)


def test_a_link_that_ends_while_the_page_is_open_is_over(hub, clock):
    link = issue_link(hub, by=SYSTEM, user=add_person(hub).id)
    browser = some_browser()
    clock.forward(hours=23, minutes=59)
    follow_link(hub, token=token_of(link), browser=browser)
    clock.forward(minutes=1)
    with pytest.raises(NotFound, match=OVER):
        choose_password(hub, password=OTHER_PASSWORD, browser=browser)


def test_a_newer_link_ends_the_earlier_one(hub):
    person, first = invite(hub)
    second = issue_link(hub, by=SYSTEM, user=person.id)
    assert (second.expires_at - first.expires_at).total_seconds() == 0, "still an invitation"
    assert_over(hub, first)
    assert follow(hub, second).is_complete


@pytest.mark.parametrize("token", ["", "x", "\x00", "é", "x" * 9999])
def test_what_is_no_link_is_over(hub, token):
    invite(hub)
    with pytest.raises(NotFound, match=OVER):
        follow_link(hub, token=token, browser=some_browser())
    with pytest.raises(NotFound, match=OVER):
        person_of_followed_link(hub, some_browser())


def test_a_link_is_stored_as_a_hash_and_written_down_nowhere(hub):
    _, link = invite(hub)
    follow_link(hub, token=token_of(link), browser=some_browser())
    with hub.database.read(REGISTRAR) as connection:
        stored = str([*connection.execute(select(links)), *connection.execute(select(ceremonies))])
    assert token_of(link) not in stored + str(audited(hub))


def test_a_reset_ends_every_session_and_asks_for_the_second_factor_all_the_same(hub):
    person = add_person(hub)
    before = sign_in(hub, email=person.email, password=PASSWORD, browser=some_browser())
    give_app(hub, person)
    made = follow(hub, issue_link(hub, by=SYSTEM, user=person.id), OTHER_PASSWORD)
    assert made.session.stage is Stage.SECOND_FACTOR
    assert find_sign_in(hub, before.secret) is None
    assert "password.reset" in [line[1] for line in audited(hub)]


def test_a_reset_ends_what_applications_may_do_for_the_person(hub, clock):
    rosa, luis = add_person(hub), add_person(hub, "luis@ri.example.org")
    register_client(hub, by=SYSTEM, client=Client("app", "App", None, frozenset(), frozenset({Scope.DATA_READ})))
    end = clock() + timedelta(days=90)
    with hub.database.write(REGISTRAR) as connection:
        for person in (rosa, luis):
            scopes = frozenset({Scope.DATA_READ})
            add_grant(connection, GivenGrant(person.name, "app", f"user:{person.id}", scopes, clock(), end))
    follow(hub, issue_link(hub, by=SYSTEM, user=rosa.id), OTHER_PASSWORD)
    with hub.database.read(REGISTRAR) as connection:
        assert [grant_by_id(connection, one.name).is_good(clock()) for one in (rosa, luis)] == [False, True]


def test_who_has_lost_the_second_factor_too_begins_anew(hub):
    person = add_steward(hub)
    give_app(hub, person)
    make_recovery_codes(hub, person)
    link = issue_link(hub, by=SYSTEM, user=person.id, forget_factors=True)
    assert (factors_of(hub, person).any, factors_of(hub, person).recovery_codes) == (False, 0)
    assert follow(hub, link, OTHER_PASSWORD).session.stage is Stage.ENROLMENT
    assert ("crosstally-hub", "user.forget_factors", f"user:{person.id}") in audited(hub)


def test_who_is_disabled_gets_no_link_and_has_none(hub):
    person, link = invite(hub)
    disable_person(hub, by=SYSTEM, user=person.id)
    assert_over(hub, link)
    with pytest.raises(WrongState):
        issue_link(hub, by=SYSTEM, user=person.id)
    assert enable_person(hub, by=SYSTEM, user=person.id).state is PersonState.INVITED
    assert_over(hub, link)


def test_a_link_of_somebody_disabled_while_the_page_is_open_is_over(hub):
    person, link = invite(hub)
    browser = some_browser()
    follow_link(hub, token=token_of(link), browser=browser)
    disable_person(hub, by=SYSTEM, user=person.id)
    with pytest.raises(NotFound, match=OVER):
        choose_password(hub, password=PASSWORD, browser=browser)


def test_asking_for_a_reset_is_noted_for_the_administrator_and_the_same_for_everybody(hub, clock):
    person = add_person(hub)
    add_person(hub, "old@ri.example.org", state=PersonState.DISABLED)
    for email in ("Rosa@ri.example.org", "nobody@ri.example.org", "old@ri.example.org", "\x00"):
        assert request_reset(hub, email=email, browser=some_browser()) is None
    asking = [one.email for one in list_people(hub, by=SYSTEM) if one.reset_requested_at]
    assert asking == [person.email]
    subjects = [subject for _, action, subject in audited(hub) if action == "reset.request"]
    assert subjects == [f"user:{person.id}", *["user:unknown"] * 3]


def test_a_reset_fulfils_the_wish(hub):
    person = add_person(hub)
    request_reset(hub, email=person.email, browser=some_browser())
    follow(hub, issue_link(hub, by=SYSTEM, user=person.id), OTHER_PASSWORD)
    assert read_person(hub, by=SYSTEM, user=person.id).reset_requested_at is None


def test_asking_again_and_again_has_to_wait_and_keeps_nobody_from_signing_in(hub):
    person = add_person(hub)
    for _ in range(6):
        request_reset(hub, email=person.email, browser=some_browser())
    with pytest.raises(TooManyAttempts):
        request_reset(hub, email=person.email, browser=some_browser())
    assert sign_in(hub, email=person.email, password=PASSWORD, browser=some_browser()).is_complete
