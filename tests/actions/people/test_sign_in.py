"""A password lets its owner in, tells strangers nothing, and is guessed slowly."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from actions.people import sign_in as module
from actions.people.passwords import hash_password, is_outdated
from actions.people.sealing import mark
from actions.people.sessions import device_text
from actions.people.sign_in import WRONG, sign_in
from domain.person import PersonState, Stage
from domain.refusals import NotAuthenticated, TooManyAttempts
from store.people_tables import failures
from store.tenancy import REGISTRAR
from store.users import secrets_of, set_password_hash
from tests.visitors import PASSWORD, add_person, add_steward, audited, give_app, some_browser


def attempt(hub, email="rosa@ri.example.org", password="wrong", browser=None):
    return sign_in(hub, email=email, password=password, browser=browser or some_browser())


def fail(hub, times, email="rosa@ri.example.org", browser=None):
    for _ in range(times):
        with pytest.raises(NotAuthenticated, match=WRONG):
            attempt(hub, email, browser=browser)


@pytest.mark.parametrize("email", ["rosa@ri.example.org", "  Rosa@RI.example.org ", "rosa@ri.example.org\x00"])
def test_the_right_password_opens_a_session(hub, email):
    person = add_person(hub)
    made = attempt(hub, email, PASSWORD)
    assert (made.person.id, made.session.stage) == (person.id, Stage.COMPLETE)
    assert [line[:2] for line in audited(hub)] == [
        (f"user:{person.id}", "signin.password"),
        (f"user:{person.id}", "signin.complete"),
    ]


def test_a_password_is_the_same_however_its_letters_are_composed(hub):
    add_person(hub, password="café-lantern-quilt-93")
    assert attempt(hub, password="cafe\u0301-lantern-quilt-93").is_complete


def test_who_has_a_second_factor_is_asked_for_it_and_who_needs_one_sets_it_up(hub):
    give_app(hub, add_person(hub))
    add_steward(hub)
    assert attempt(hub, password=PASSWORD).session.stage is Stage.SECOND_FACTOR
    assert attempt(hub, "sam@hub.example.org", PASSWORD).session.stage is Stage.ENROLMENT


def test_a_half_sign_in_is_no_sign_in(hub):
    person = add_steward(hub)
    attempt(hub, "sam@hub.example.org", PASSWORD)
    assert (f"user:{person.id}", "signin.complete", f"user:{person.id}") not in audited(hub)


@pytest.fixture
def verified(monkeypatch):
    """How often a password is verified, which is nearly all the work there is."""
    calls = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda *a: calls.append(a[1]) or verify(*a))
    return calls


def test_the_answer_and_the_work_tell_nobody_whether_there_is_an_account(hub, verified):
    add_person(hub)
    add_person(hub, "old@ri.example.org", state=PersonState.DISABLED)
    add_person(hub, "new@ri.example.org", state=PersonState.INVITED, password=None)
    told = set()
    for email in ("rosa@ri.example.org", "nobody@ri.example.org", "old@ri.example.org", "new@ri.example.org", "\x00"):
        with pytest.raises(NotAuthenticated) as refusal:
            attempt(hub, email, PASSWORD if email.startswith("old") else "wrong")
        told.add(refusal.value.detail)
    assert told == {WRONG}
    assert len(verified) == 5
    # The same parameters, so that the work is the same for the hash that belongs to nobody.
    assert len({stored.rpartition("$")[0].rpartition("$")[0] for stored in verified}) == 1
    assert [line[1] for line in audited(hub)] == ["signin.failed"] * 5


def test_no_address_that_was_typed_is_written_down(hub):
    with pytest.raises(NotAuthenticated):
        attempt(hub, "my-password-by-mistake")
    assert audited(hub) == [("(visitor)", "signin.failed", "user:unknown")]
    with hub.database.read(REGISTRAR) as connection:
        rows = connection.execute(select(failures)).all()
    assert "my-password" not in str(rows)


@pytest.mark.parametrize("email", ["rosa@ri.example.org", "nobody@ri.example.org"])
def test_guessing_waits_longer_each_time_whether_or_not_there_is_an_account(hub, clock, verified, email):
    add_person(hub)
    fail(hub, 6, email)
    waits = []
    for _ in range(4):
        with pytest.raises(TooManyAttempts) as refusal:
            attempt(hub, email, PASSWORD)
        waits.append(refusal.value.seconds)
        clock.forward(seconds=refusal.value.seconds)
        fail(hub, 1, email)
    assert waits == [15, 30, 60, 120]
    assert len(verified) == 10, "what has to wait is not looked at"


def test_a_lock_clears_by_time_and_asking_meanwhile_does_not_extend_it(hub, clock):
    add_person(hub)
    fail(hub, 6)
    for _ in range(5):
        clock.forward(seconds=2)
        with pytest.raises(TooManyAttempts):
            attempt(hub, password=PASSWORD)
    clock.forward(seconds=5)
    assert attempt(hub, password=PASSWORD).is_complete
    fail(hub, 6)


def test_nobody_waits_longer_than_an_hour_and_a_day_forgets_all(hub, clock):
    add_person(hub)
    fail(hub, 6)
    for number in range(20):
        clock.forward(hours=1)
        fail(hub, 1, browser=some_browser(f"198.51.{number}.0/24"))
    clock.forward(minutes=59)
    with pytest.raises(TooManyAttempts):
        attempt(hub, password=PASSWORD)
    clock.forward(hours=23, minutes=1)
    fail(hub, 6)


def known_browser(hub, person):
    return some_browser("203.0.113.0/24", device="abc." + mark(hub, device_text("abc", person)))


def test_strangers_keep_nobody_out_of_a_browser_that_they_use(hub):
    person = add_person(hub)
    fail(hub, 6)
    with pytest.raises(TooManyAttempts):
        attempt(hub, password=PASSWORD)
    assert attempt(hub, password=PASSWORD, browser=known_browser(hub, person)).is_complete
    with pytest.raises(TooManyAttempts):
        attempt(hub, password=PASSWORD, browser=some_browser(device="abc.forged"))


def test_the_mark_of_a_browser_is_of_one_person_and_is_throttled_too(hub):
    rosa, luis = add_person(hub), add_person(hub, "luis@ri.example.org")
    fail(hub, 6)
    with pytest.raises(TooManyAttempts):
        attempt(hub, password=PASSWORD, browser=known_browser(hub, luis))
    fail(hub, 6, browser=known_browser(hub, rosa))
    with pytest.raises(TooManyAttempts):
        attempt(hub, password=PASSWORD, browser=known_browser(hub, rosa))


def test_one_network_does_not_try_one_password_on_many_accounts(hub):
    for number in range(31):
        fail(hub, 1, f"person{number}@ri.example.org")
    with pytest.raises(TooManyAttempts):
        attempt(hub, "person99@ri.example.org")
    fail(hub, 1, "person99@ri.example.org", browser=some_browser("198.51.100.0/24"))


def test_signing_in_oneself_does_not_excuse_the_guesses_of_a_network(hub):
    add_person(hub)
    for number in range(30):
        fail(hub, 1, f"person{number}@ri.example.org")
        if number % 10 == 0:
            attempt(hub, password=PASSWORD)
    fail(hub, 1)
    with pytest.raises(TooManyAttempts):
        attempt(hub, password=PASSWORD)


def test_many_guesses_at_once_are_as_many(hub):
    add_person(hub)
    with ThreadPoolExecutor(8) as pool:
        kinds = list(pool.map(lambda _: kind_of_refusal(hub), range(12)))
    assert kinds.count(NotAuthenticated) == 6
    assert kinds.count(TooManyAttempts) == 6


def kind_of_refusal(hub):
    with pytest.raises((NotAuthenticated, TooManyAttempts)) as refusal:
        attempt(hub)
    return refusal.type


def test_a_password_hashed_with_other_work_is_hashed_again(hub, monkeypatch):
    person = add_person(hub)
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with hub.database.write(REGISTRAR) as connection:
        set_password_hash(connection, person.id, old)
    assert attempt(hub, password=PASSWORD).is_complete
    with hub.database.read(REGISTRAR) as connection:
        stored = secrets_of(connection, person.id).password_hash
    assert stored != old and not is_outdated(stored)
    hashed = []
    monkeypatch.setattr(module, "hash_password", lambda password: hashed.append(1) or hash_password(password))
    assert attempt(hub, password=PASSWORD).is_complete
    assert hashed == []
