"""Canonical JSON is that of RFC 8785, whichever way it was written."""

from __future__ import annotations

import math

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.canonical import canonical_json

NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
HOURS = st.integers(0, 10**9).map(lambda hundredths: hundredths / 100)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
SCALARS = st.none() | st.booleans() | NUMBERS | HOURS | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4))


@settings(deadline=None, max_examples=400)
@given(VALUES)
@example({"\U00010000": 1, "\uffff": 2})
@example([-0.0, 5.0, 1e16, 1e21, 1e-5, 1e-7, 8.05, 0.1, 10**15, 2**53 - 1])
@example({"e-1": ".0", '"\\\x7f\x1f\n': "1234567890123456789"})
def test_a_value_has_the_bytes_of_the_rfc(value):
    assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53, [10**300], {"a": object()}, "\ud800"])
def test_what_json_cannot_say_is_refused(value):
    with pytest.raises(ValueError):
        canonical_json(value)
