"""Passwords are stored as argon2id hashes, with real work in them."""

import time

from actions.people import passwords
from tests.visitors import PASSWORD


def test_the_work_is_that_of_the_named_advice(monkeypatch):
    monkeypatch.undo()
    passwords._nobodys.cache_clear()
    passwords.is_password(None, "")
    made = passwords.hash_password(PASSWORD)
    assert made.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    started = time.process_time()
    assert passwords.is_password(made, PASSWORD)
    real = time.process_time() - started
    started = time.process_time()
    assert not passwords.is_password(None, PASSWORD)
    assert time.process_time() - started > real / 3, "somebody who does not exist is as much work"


def test_two_equal_passwords_are_stored_differently():
    assert passwords.hash_password(PASSWORD) != passwords.hash_password(PASSWORD)


def test_what_is_no_hash_is_nobodys_password():
    assert not passwords.is_password("", "") and not passwords.is_password("rubbish", "rubbish")


def test_a_password_of_any_length_is_as_much_work():
    made = passwords.hash_password("x" * 256)
    assert passwords.is_password(made, "x" * 256)
    assert not passwords.is_password(made, "x" * 257)
    assert not passwords.is_password(made, "x" * 1_000_000)
