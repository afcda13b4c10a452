"""Codes of the app and recovery codes: right ones once, wrong ones slowly; set up, replaced, removed."""

from datetime import timedelta

import pyotp
import pytest
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import select

from actions.people.authenticator_app import (
    add_authenticator_app,
    begin_authenticator_app,
    remove_authenticator_app,
)
from actions.people.factors import factors_of
from actions.people.recovery_codes import make_recovery_codes
from actions.people.sealing import KEY_FILE, is_marked, mark, seal, unseal
from actions.people.second_factor import WRONG, give_code
from actions.people.sessions import find_sign_in
from actions.people.sign_in import sign_in
from domain.person import Proof, Stage
from domain.refusals import Conflict, Forbidden, NotAuthenticated, NotFound, RuleBroken, TooManyAttempts, WrongState
from store.people_tables import recovery_codes, users
from store.tenancy import REGISTRAR
from tests.visitors import PASSWORD, add_person, add_steward, audited, give_app, some_browser


def half(hub, person, browser=None):
    return sign_in(hub, email=person.email, password=PASSWORD, browser=browser or some_browser())


def give(hub, made, code):
    return give_code(hub, sign_in=made, code=code, browser=some_browser(secret=made.secret))


def refuse(hub, made, code):
    with pytest.raises(NotAuthenticated, match=WRONG):
        give(hub, made, code)


@pytest.mark.parametrize("drift", [-30, 0, 30])
def test_the_code_of_the_app_completes_the_sign_in(hub, clock, drift):
    person = add_person(hub)
    app = give_app(hub, person)
    made = half(hub, person)
    full = give(hub, made, app.at(clock() + timedelta(seconds=drift)))
    assert full.is_complete and full.session.proofs == {Proof.PASSWORD, Proof.TOTP}
    assert full.secret != made.secret and find_sign_in(hub, made.secret) is None, "the cookie's value is new"
    assert f"user:{person.id}" in [subject for _, action, subject in audited(hub) if action == "signin.totp"]


@pytest.mark.parametrize("drift", [-61, 61, 3600])
def test_a_code_of_another_time_is_wrong(hub, clock, drift):
    person = add_person(hub)
    app = give_app(hub, person)
    refuse(hub, half(hub, person), app.at(clock() + timedelta(seconds=drift)))


def test_a_code_is_good_once_and_no_earlier_one_after_it(hub, clock):
    person = add_person(hub)
    app = give_app(hub, person)
    give(hub, half(hub, person), app.at(clock()))
    refuse(hub, half(hub, person), app.at(clock()))
    refuse(hub, half(hub, person), app.at(clock() - timedelta(seconds=30)))
    clock.forward(seconds=30)
    assert give(hub, half(hub, person), app.at(clock())).is_complete


@pytest.mark.parametrize("code", ["", "000000", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "-00001", "\x00", "x" * 9999])
def test_what_is_no_code_is_wrong(hub, code):
    person = add_person(hub)
    give_app(hub, person)
    refuse(hub, half(hub, person), code)


def test_codes_are_guessed_slowly_even_by_who_knows_the_password(hub, clock):
    person = add_person(hub)
    app = give_app(hub, person)
    made = half(hub, person)
    for _ in range(6):
        refuse(hub, made, "000000")
    with pytest.raises(TooManyAttempts):
        give(hub, half(hub, person, some_browser("198.51.100.0/24")), app.at(clock()))
    clock.forward(seconds=16)
    assert give(hub, made, app.at(clock())).is_complete


def test_a_recovery_code_is_good_once_however_it_is_typed(hub):
    person = add_person(hub)
    give_app(hub, person)
    codes = make_recovery_codes(hub, person)
    assert len(codes) == 10 and len({len(code) for code in codes}) == 1
    full = give(hub, half(hub, person), codes[3].upper().replace("-", " "))
    assert full.session.proofs == {Proof.PASSWORD, Proof.RECOVERY_CODE}
    refuse(hub, half(hub, person), codes[3])
    assert factors_of(hub, person).recovery_codes == 9


def test_recovery_codes_are_of_one_person_replaced_by_new_ones_and_stored_as_hashes(hub):
    rosa, luis = add_person(hub), add_person(hub, "luis@ri.example.org")
    for person in (rosa, luis):
        give_app(hub, person)
    old, new = make_recovery_codes(hub, rosa), make_recovery_codes(hub, rosa)
    refuse(hub, half(hub, luis), new[0])
    refuse(hub, half(hub, rosa), old[0])
    with hub.database.read(REGISTRAR) as connection:
        stored = connection.scalars(select(recovery_codes.c.sha256)).all()
    assert len(stored) == 10 and not set(stored) & {*old, *new}
    assert not any(code in str(audited(hub)) for code in [*old, *new])


def test_recovery_codes_need_something_to_recover(hub):
    with pytest.raises(WrongState):
        make_recovery_codes(hub, add_person(hub))


def set_up(hub, made):
    browser = some_browser(secret=made.secret)
    secret = begin_authenticator_app(hub, made, browser).partition("secret=")[2].partition("&")[0]
    return pyotp.TOTP(secret), browser


def test_an_app_is_kept_once_its_first_code_has_come(hub, clock):
    person = add_steward(hub)
    made = half(hub, person)
    app, browser = set_up(hub, made)
    assert set_up(hub, made)[0].secret == app.secret, "the same secret when the page is opened again"
    with pytest.raises(RuleBroken):
        add_authenticator_app(hub, made, "000000", browser)
    assert not factors_of(hub, person).has_app
    full = add_authenticator_app(hub, made, app.at(clock()), browser)
    assert full.is_complete and factors_of(hub, person).has_app
    assert find_sign_in(hub, made.secret) is None
    refuse(hub, half(hub, person), app.at(clock()))  # the code of the set-up is used up
    clock.forward(seconds=30)
    assert give(hub, half(hub, person), app.at(clock())).is_complete


def test_a_set_up_belongs_to_a_browser_and_ends(hub, clock):
    made = half(hub, add_steward(hub))
    app, browser = set_up(hub, made)
    with pytest.raises(NotFound):
        add_authenticator_app(hub, made, app.at(clock()), some_browser())
    clock.forward(minutes=11)
    with pytest.raises(NotFound):
        add_authenticator_app(hub, made, app.at(clock()), browser)


def test_who_has_a_second_factor_does_not_get_past_it_by_adding_another(hub, clock):
    person = add_person(hub)
    give_app(hub, person)
    made = half(hub, person)
    assert made.session.stage is Stage.SECOND_FACTOR
    with pytest.raises(Forbidden):
        begin_authenticator_app(hub, made, some_browser(secret=made.secret))
    with pytest.raises(Forbidden):
        add_authenticator_app(hub, made, "000000", some_browser(secret=made.secret))


def test_an_app_is_removed_but_not_by_who_needs_one(hub):
    rosa, sam = add_person(hub), add_steward(hub)
    for person in (rosa, sam):
        give_app(hub, person)
        make_recovery_codes(hub, person)
    remove_authenticator_app(hub, rosa)
    assert (factors_of(hub, rosa).any, factors_of(hub, rosa).recovery_codes) == (False, 0)
    with pytest.raises(NotFound):
        remove_authenticator_app(hub, rosa)
    with pytest.raises(Conflict):
        remove_authenticator_app(hub, sam)
    assert factors_of(hub, sam).has_app


def test_the_secret_of_an_app_is_sealed_with_a_key_outside_the_database(hub, clock):
    person = add_person(hub)
    app = give_app(hub, person)
    with hub.database.read(REGISTRAR) as connection:
        stored = connection.scalar(select(users.c.totp_secret).where(users.c.id == person.id))
    assert app.secret.encode() not in stored
    assert unseal(hub, person.id, stored) == app.secret
    with pytest.raises(InvalidToken):
        Fernet(Fernet.generate_key()).decrypt(stored)
    assert (hub.settings.keys_dir / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_what_is_sealed_for_one_person_does_not_open_for_another(hub):
    with pytest.raises(ValueError, match="somebody else"):
        unseal(hub, "b", seal(hub, "a", "x"))


def test_a_mark_is_on_one_text(hub):
    assert is_marked(hub, "a", mark(hub, "a"))
    assert not is_marked(hub, "b", mark(hub, "a"))
    assert not is_marked(hub, "a", "")
    assert not is_marked(hub, "a", "é")
