"""Reading HTTP Basic: both ways of writing it, and nothing malformed."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auth.token_request import read_basic


def header(content: bytes) -> str:
    return "Basic " + base64.b64encode(content).decode()


def test_a_raw_secret_is_read_as_it_is_and_as_if_it_were_encoded():
    assert read_basic(header(b"nyc:a%2Bb+c")) == [("nyc", "a+b c"), ("nyc", "a%2Bb+c")]


def test_a_plain_secret_has_one_reading():
    assert read_basic(header(b"nyc:secret-_~.")) == [("nyc", "secret-_~.")]


def test_the_secret_begins_at_the_first_colon():
    assert read_basic(header(b"nyc:a:b:")) == [("nyc", "a:b:")]


@pytest.mark.parametrize("scheme", ["basic", "BASIC", "bAsIc"])
def test_the_scheme_has_no_case(scheme):
    assert read_basic(f"{scheme} " + base64.b64encode(b"a:b").decode()) == [("a", "b")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Basic",
        "Basic ",
        "Basic a",
        "Basic ====",
        "Basic é",
        "Basic \xff\xfe",
        "Basic YTpi YTpi",
        "Basic YTpi,Basic YTpi",
        "Basic YT!pi",
        "Bearer YTpi",
        "YTpi",
        header(b"nocolon"),
        header(b":secret-without-id"),
        header(b"\xff\xfe:secret"),
        header("näme:secret".encode()),
        header("nyc:gehëim".encode()),
        header(b"nyc:\x00"),
        header(b"ny\x00c:secret"),
        header(b"ny%00c:secret\n"),
        header(b"a" * 300 + b":secret"),
    ],
)
def test_what_is_malformed_has_no_reading(text):
    assert read_basic(text) == []


def test_a_null_character_hidden_by_encoding_is_not_a_reading():
    assert read_basic(header(b"ny%00c:secret")) == [("ny%00c", "secret")]


@settings(deadline=None)
@given(st.text(st.characters(codec="latin-1")) | st.binary().map(header))
def test_no_header_breaks_the_reader(text):
    assert all(client_id and (client_id + secret).isascii() for client_id, secret in read_basic(text))
