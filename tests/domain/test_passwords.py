"""Which passwords are refused, and what they are told."""

import pytest

from domain.passwords import LONGEST, is_common, password_fault


def fault(password: str) -> str | None:
    return password_fault(password, name="Rosa Delgado", email="rosa.d@ri-health.example.org")


@pytest.mark.parametrize(
    "password",
    ["heron-lantern-quilt-93", "correct pony battery clip", "twelve chars", "zażółć gęślą jaźń", "7h#pQ2!vX9$k"],
)
def test_a_long_uncommon_password_is_good_whatever_it_consists_of(password):
    assert fault(password) is None


@pytest.mark.parametrize("password", ["", "a", "heron-lante", "é" * 11])
def test_a_short_password_is_refused(password):
    assert "12 characters" in fault(password)


def test_a_password_has_an_end():
    sentence = "a rather long sentence about herons, " * 8
    assert fault(sentence[:LONGEST]) is None
    assert "at most" in fault(sentence[: LONGEST + 1])


@pytest.mark.parametrize(
    "password",
    ["password1234", "Password!!!!2026", "passwordpassword", "PASSWORDPASSWORD99", "123456789012", "1q2w3e4r5t6y",
     "qwertyuiop12", "aaaaaaaaaaaa", "abababababab", "dragon123456", "iloveyou!!!!", "qwertyqwerty", "111111222222",
     "crosstally2026", "changeme!!!!"],
)  # fmt: skip
def test_a_common_password_is_refused_also_in_disguise(password):
    assert is_common(password)
    assert "attacker tries" in fault(password)


@pytest.mark.parametrize("password", ["ROSA-in-the-rain-7", "mydelgadohouse!", "ri-health.example", "we love health 2"])
def test_a_password_that_tells_its_owner_is_refused(password):
    assert "your name" in fault(password)


def test_short_parts_of_a_name_tell_nobody():
    assert password_fault("do-re-mi-fa-so-la", name="Li Do", email="li@a.org") is None
