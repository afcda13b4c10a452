"""Sessions end: by time, by hand, and when what they rest on changes."""

import pytest
from sqlalchemy import func, select

from actions.people.change_password import WRONG, change_password
from actions.people.change_person import change_person, disable_person, enable_person
from actions.people.sessions import end_other_sessions, end_session, find_sign_in, list_sessions, sign_out
from actions.people.sign_in import sign_in
from domain.access import SYSTEM, Role
from domain.refusals import NotFound, RuleBroken, TooManyAttempts
from store.people_tables import sessions
from store.tenancy import REGISTRAR
from tests.visitors import OTHER_PASSWORD, PASSWORD, add_person, add_steward, audited, some_browser


def enter(hub, email="rosa@ri.example.org", browser=None, password=PASSWORD):
    return sign_in(hub, email=email, password=password, browser=browser or some_browser())


@pytest.fixture
def rosa(hub):
    return add_person(hub)


def test_a_session_is_found_by_its_secret_alone(hub, rosa):
    made = enter(hub)
    assert find_sign_in(hub, made.secret).person.email == rosa.email
    for wrong in ("", made.session.sha256, made.session.id, made.secret[:-1], "\x00", "é" * 5000):
        assert find_sign_in(hub, wrong) is None
    with hub.database.read(REGISTRAR) as connection:
        assert made.secret not in str(connection.execute(select(sessions)).all())


def test_a_session_ends_when_nothing_happens_in_it(hub, clock, rosa):
    made = enter(hub)
    for _ in range(3):
        clock.forward(seconds=hub.settings.session_idle - 61)
        assert find_sign_in(hub, made.secret)
    clock.forward(seconds=hub.settings.session_idle)
    assert find_sign_in(hub, made.secret) is None


def test_a_session_ends_whatever_happens_in_it(hub, clock, rosa):
    made = enter(hub)
    for _ in range(hub.settings.session_lifetime // 1200):
        assert find_sign_in(hub, made.secret)
        clock.forward(seconds=1200)
    assert find_sign_in(hub, made.secret) is None


def test_a_request_is_no_write(hub, clock, rosa):
    made = enter(hub)
    clock.forward(seconds=59)
    assert find_sign_in(hub, made.secret).session.seen_at == made.session.seen_at
    clock.forward(seconds=1)
    find_sign_in(hub, made.secret)
    assert find_sign_in(hub, made.secret).session.seen_at == clock()


def test_half_a_sign_in_is_soon_over(hub, clock):
    add_steward(hub)
    made = enter(hub, "sam@hub.example.org")
    clock.forward(minutes=9)
    assert find_sign_in(hub, made.secret)
    clock.forward(minutes=1)
    assert find_sign_in(hub, made.secret) is None


def test_signing_in_again_in_a_browser_replaces_its_session(hub, rosa):
    first = enter(hub)
    second = enter(hub, browser=some_browser(secret=first.secret))
    assert find_sign_in(hub, first.secret) is None
    assert [session.id for session in list_sessions(hub, rosa)] == [second.session.id]


def test_signing_out_ends_the_session(hub, rosa):
    made = enter(hub)
    sign_out(hub, made)
    sign_out(hub, made)
    assert find_sign_in(hub, made.secret) is None
    assert [line[1] for line in audited(hub)].count("signin.end") == 1


def test_one_ends_ones_own_sessions_and_nobody_elses(hub, rosa):
    add_person(hub, "luis@ri.example.org")
    here, there, everywhere = enter(hub), enter(hub), enter(hub)
    luis = enter(hub, "luis@ri.example.org")
    end_session(hub, rosa, there.session.id)
    for session in (there.session.id, luis.session.id, "nonsense", "\x00"):
        with pytest.raises(NotFound):
            end_session(hub, rosa, session)
    end_other_sessions(hub, here)
    assert find_sign_in(hub, here.secret) and find_sign_in(hub, luis.secret)
    assert find_sign_in(hub, everywhere.secret) is None


def change(hub, made, current, new):
    return change_password(hub, sign_in=made, current=current, new=new, browser=some_browser(secret=made.secret))


def test_another_password_ends_every_session_but_the_one_it_was_chosen_in(hub, rosa):
    here, there = enter(hub), enter(hub)
    made = change(hub, here, PASSWORD, OTHER_PASSWORD)
    assert find_sign_in(hub, made.secret)
    assert find_sign_in(hub, here.secret) is find_sign_in(hub, there.secret) is None
    assert enter(hub, password=OTHER_PASSWORD).is_complete
    assert f"user:{rosa.id}" in [subject for _, action, subject in audited(hub) if action == "password.change"]


def test_a_wrong_password_or_a_bad_new_one_changes_nothing(hub, rosa):
    made = enter(hub)
    for current, new, why in (("wrong", OTHER_PASSWORD, WRONG), (PASSWORD, "short", "12 characters")):
        with pytest.raises(RuleBroken, match=why):
            change(hub, made, current, new)
    assert find_sign_in(hub, made.secret)
    assert enter(hub).is_complete


def test_the_current_password_is_guessed_slowly_here_too(hub, rosa):
    made = enter(hub)
    for _ in range(6):
        with pytest.raises(RuleBroken):
            change(hub, made, "wrong", OTHER_PASSWORD)
    with pytest.raises(TooManyAttempts):
        change(hub, made, PASSWORD, OTHER_PASSWORD)


def test_other_roles_end_the_sessions_and_another_name_does_not(hub, rosa):
    made = enter(hub)
    change_person(hub, by=SYSTEM, user=rosa.id, name="Rosa D.", roles=[Role.SUBMITTER])
    assert find_sign_in(hub, made.secret).person.name == "Rosa D."
    change_person(hub, by=SYSTEM, user=rosa.id, roles=[Role.SUBMITTER, Role.RESEARCHER])
    assert find_sign_in(hub, made.secret) is None


def test_who_is_disabled_is_out_at_once_and_stays_out(hub, rosa):
    made = enter(hub)
    disable_person(hub, by=SYSTEM, user=rosa.id)
    assert find_sign_in(hub, made.secret) is None
    enable_person(hub, by=SYSTEM, user=rosa.id)
    assert find_sign_in(hub, made.secret) is None
    assert enter(hub).is_complete


def test_sessions_that_are_over_are_forgotten(hub, clock, rosa):
    enter(hub)
    clock.forward(days=1)
    enter(hub)
    with hub.database.read(REGISTRAR) as connection:
        assert connection.scalar(select(func.count()).select_from(sessions)) == 1
