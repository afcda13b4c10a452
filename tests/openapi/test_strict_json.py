"""JSON from strangers: what gets through is what was meant, the rest is unreadable."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.refusals import Unreadable
from openapi.strict_json import _UNSURE, MAX_DEPTH, MAX_DIGITS, _read_quickly, _read_thoroughly, parse_json

STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | STORABLE
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STORABLE, inner, max_size=4))


def assert_unreadable(data: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        parse_json(data)


def depth(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


@settings(deadline=None)
@given(VALUES.filter(lambda value: depth(value) <= MAX_DEPTH), st.booleans())
def test_what_python_writes_is_read_back(value, ascii_only):
    assert parse_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@pytest.mark.parametrize("escape", ["", "\\u0041"], ids=["plain", "with an escape"])
@pytest.mark.parametrize("digits", [1, MAX_DIGITS + 1], ids=["short", "with many digits"])
@pytest.mark.parametrize("levels", [MAX_DEPTH, MAX_DEPTH + 1])
def test_the_quick_way_refuses_what_the_thorough_one_does(escape, digits, levels):
    """An escape and a long run of digits, here of a fraction and so allowed, each ask for another way of reading."""
    text = f'{{"{escape}": 0.{"1" * digits}}}'
    nested = ("[" * (levels - 1) + text + "]" * (levels - 1)).encode()
    if levels > MAX_DEPTH:
        assert_unreadable(nested, "nested deeper")
    else:
        assert depth(parse_json(nested)) == levels
    twice = f'[{text}, {{"a": 1, "a": 1}}]'.encode()
    assert_unreadable(twice, "the same name twice")


@settings(deadline=None)
@given(st.binary(max_size=40) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused(data):
    try:
        parse_json(data)
    except Unreadable as refusal:
        assert refusal.items == ()


@pytest.mark.parametrize(
    "data", [b"", b" ", b"{", b"[1,]", b"{'a':1}", b"01", b"1 2", b"\xef\xbb\xbf{}", b"{}//", b'"\t"', b"nul"]
)
def test_broken_json_is_refused_with_its_place(data):
    assert_unreadable(data, r"line \d+, column \d+")


@pytest.mark.parametrize("data", [b"\xff", b'"\xe9"', '{"a":1}'.encode("utf-16"), b'"\xed\xa0\x80"', b'"\xc0\x80"'])
def test_another_encoding_is_refused(data):
    assert_unreadable(data, "not UTF-8|line")


def test_utf_16_is_not_guessed():
    assert_unreadable("{}".encode("utf-16-le"), "line")


@pytest.mark.parametrize("data", [b'{"a":1,"a":1}', b'{"a":1,"b":{"c":2,"c":3}}', b'[{"a":1,"\\u0061":2}]'])
def test_a_name_given_twice_is_refused(data):
    assert_unreadable(data, "same name twice")


@pytest.mark.parametrize("data", [b"NaN", b"[Infinity]", b'{"a":-Infinity}'])
def test_what_is_no_number_is_refused(data):
    assert_unreadable(data, "no JSON")


@pytest.mark.parametrize("data", [b"1e999", b"[-1e999]", b"1" + b"0" * 400 + b".5"])
def test_a_number_that_no_double_holds_is_refused(data):
    assert_unreadable(data, "too large")


@pytest.mark.parametrize("digits", [MAX_DIGITS + 1, 5000, 900_000])
@pytest.mark.parametrize("sign", [b"", b"-"])
def test_a_huge_integer_is_refused(digits, sign):
    assert_unreadable(b"[" + sign + b"9" * digits + b"]", "too many digits")


def test_the_largest_integer_is_read():
    assert parse_json(b"-" + b"9" * MAX_DIGITS) == -(10**MAX_DIGITS) + 1


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_ends_at_sixteen(opening, closing):
    inner = "" if opening == "[" else "1"
    for depth, fine in ((MAX_DEPTH, True), (MAX_DEPTH + 1, False), (500, False), (100_000, False)):
        data = (opening * depth + inner + closing * depth).encode()
        if fine:
            parse_json(data)
        else:
            assert_unreadable(data, "nested deeper than 16")


def test_deep_nesting_without_an_end_is_refused():
    assert_unreadable(b"[" * 1_000_000, "nested|line")
    assert_unreadable(b'{"a":' * 200_000, "nested|line")


@pytest.mark.parametrize("text", ["\\ud800", "\\udfff", "\\ud800\\u0041", "a\\u0000", "\\udc00\\ud800"])
@pytest.mark.parametrize("frame", ['"%s"', '["%s"]', '{"%s":1}', '{"a":[{"b":"%s"}]}'])
def test_what_cannot_be_stored_is_refused(text, frame):
    assert_unreadable((frame % text).encode(), "NUL or half a character")


def test_a_pair_of_surrogates_is_one_character():
    assert parse_json(b'"\\ud83d\\ude00"') == "\U0001f600"


@pytest.mark.parametrize(
    "data", [b'{"secret-name": 4711', b'{"secret-name":4711,"secret-name":4711}', b'["secret-name\\u0000"]']
)
def test_a_refusal_repeats_nothing_of_the_text(data):
    with pytest.raises(Unreadable) as caught:
        parse_json(data)
    assert "secret" not in str(caught.value) and "4711" not in str(caught.value)
    assert caught.value.__suppress_context__


@settings(deadline=None, max_examples=200)
@given(
    VALUES,
    st.integers(0, 10**6),
    st.sampled_from([b"", b'"', b":", b",", b"1", b"{", b"[", b"e9", b"-0", b"\xc3", b'"a":1,']),
)
@example({"a": {"b": 1}}, 1, b'"a":1,')
def test_what_is_read_quickly_is_what_is_read_thoroughly(value, place, stray):
    data = json.dumps(value, ensure_ascii=False).encode()
    place %= len(data) + 1
    changed = data[:place] + stray + data[place:]
    quick = _read_quickly(changed)
    if quick is not _UNSURE:
        assert repr(quick) == repr(_read_thoroughly(changed))


def test_a_right_text_is_read_quickly():
    assert _read_quickly(b'{"a": [1, {"b": 0.5}], "c": null}') == {"a": [1, {"b": 0.5}], "c": None}
