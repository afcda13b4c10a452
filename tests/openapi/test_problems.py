"""Every way of saying no, its problem document, and the headers it needs."""

import inspect
import json
import logging

import pytest
from flask import Flask
from werkzeug import exceptions
from werkzeug.http import parse_list_header

from domain import refusals
from domain.refusals import Item, LineList, NotAuthenticated, Refusal, ScopeMissing, TooManyAttempts
from openapi.problems import HTTP_ERRORS, PROBLEMS, REFUSALS, problem_of, problem_of_status, register_problems

ISSUER = "https://hub.example"
CLASSES = [kind for _, kind in inspect.getmembers(refusals, inspect.isclass) if issubclass(kind, Refusal)]
STATUSES = {400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415, 422, 428, 429, 500, 503}


def answer_to(error: Exception, path: str = "/x", method: str = "GET"):
    app = Flask("tests")
    register_problems(app, ISSUER)

    def fail():
        raise error

    app.add_url_rule("/<path:anything>", view_func=lambda anything: fail(), endpoint="x", methods=["GET", "HEAD"])
    return app.test_client().open(path, method=method)


def assert_problem(answer, status: int, code: str) -> None:
    """The canonical body and headers of RFC 9457."""
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    body = json.loads(answer.data)
    assert list(body) == ["type", "title", "status", "detail", "instance", "errors"]
    assert (body["type"], body["status"]) == (f"{ISSUER}/problems/{code}", status)
    assert body["title"] and body["detail"]


def test_every_refusal_is_in_the_table():
    assert set(REFUSALS) == set(CLASSES)


def test_codes_are_one_to_a_problem_and_each_says_what_to_do():
    kinds = [*REFUSALS.values(), *(HTTP_ERRORS[status] for status in (405, 406, 408, 500))]
    assert len({kind.code for kind in kinds}) == len({kind.title for kind in kinds}) == len(kinds)
    assert {kind.code: kind for kind in kinds} == PROBLEMS
    for kind in kinds:
        assert kind.help.endswith(".") and not kind.title.endswith(".")
        assert kind.name.isalpha() and kind.status in STATUSES


def test_the_statuses_are_those_of_the_contract():
    assert set(HTTP_ERRORS) == STATUSES


@pytest.mark.parametrize("kind", CLASSES)
def test_each_refusal_is_told_as_its_problem(kind):
    if kind is ScopeMissing:
        refusal = ScopeMissing(["reports:read"])
    elif kind is NotAuthenticated:
        refusal = NotAuthenticated("No.")
    elif kind is TooManyAttempts:
        refusal = TooManyAttempts(7.5)
    elif kind is LineList:
        refusal = LineList(["many_ones"])
    else:
        refusal = kind("No.", [Item("/a/0", "r01", "Wrong.")])
    answer = answer_to(refusal)
    assert_problem(answer, REFUSALS[kind].status, REFUSALS[kind].code)
    assert answer.json["detail"] == refusal.detail
    assert answer.json["errors"] == [
        {k: v for k, v in vars(item).items() if v or k == "pointer"} for item in refusal.items
    ]
    if kind is TooManyAttempts:
        assert answer.headers["Retry-After"] == "8"


def test_a_refusal_of_a_new_class_is_told_like_its_parent():
    class Odd(refusals.WrongState):
        pass

    assert problem_of(Odd) is REFUSALS[refusals.WrongState]


@pytest.mark.parametrize(
    ("refusal", "challenge"),
    [
        (NotAuthenticated("No."), 'Bearer realm="crosstally"'),
        (NotAuthenticated("No.", presented=True), 'Bearer realm="crosstally", error="invalid_token"'),
        (ScopeMissing(["a:b"]), 'Bearer realm="crosstally", error="insufficient_scope", scope="a:b"'),
    ],
)
def test_401_and_403_carry_their_challenge(refusal, challenge):
    assert answer_to(refusal).headers["WWW-Authenticate"] == challenge


def test_another_403_carries_no_challenge():
    assert "WWW-Authenticate" not in answer_to(refusals.NotYourSite("No.")).headers


def test_not_ready_says_when_to_try_again():
    answer = answer_to(refusals.NotReady("No release yet."))
    assert_problem(answer, 503, "not-ready")
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("error", "status", "code", "header"),
    [
        (exceptions.NotFound(), 404, "not-found", None),
        (exceptions.BadRequest(), 400, "unreadable", None),
        (exceptions.RequestEntityTooLarge(), 413, "body-too-large", None),
        (exceptions.UnsupportedMediaType(), 415, "unsupported-media-type", None),
        (exceptions.RequestTimeout(), 408, "request-timeout", None),
        (exceptions.NotAcceptable(), 406, "not-acceptable", None),
        (exceptions.TooManyRequests(retry_after=42), 429, "too-many-requests", ("Retry-After", "42")),
        (exceptions.ServiceUnavailable(retry_after=42), 503, "not-ready", ("Retry-After", "42")),
        (exceptions.MethodNotAllowed(["GET", "PUT"]), 405, "method-not-allowed", ("Allow", "GET, PUT")),
        (exceptions.InternalServerError(), 500, "internal-error", None),
        (exceptions.ImATeapot(), 418, "unreadable", None),
        (exceptions.RequestURITooLarge(), 414, "unreadable", None),
        (exceptions.NotImplemented(), 501, "internal-error", None),
        (exceptions.BadRequestKeyError("secret-field"), 400, "unreadable", None),
    ],
)
def test_each_error_of_http_is_told_as_a_problem(error, status, code, header):
    answer = answer_to(error)
    assert_problem(answer, status, code)
    assert b"secret" not in answer.data
    if header:
        assert answer.headers.getlist(header[0]) == [header[1]]


def test_every_error_status_has_a_problem_of_that_status():
    assert all(problem_of_status(status).status == status for status in range(400, 600))


def test_a_wrong_method_is_told_the_right_ones():
    answer = answer_to(Refusal("never raised"), method="DELETE")
    assert_problem(answer, 405, "method-not-allowed")
    assert set(parse_list_header(answer.headers["Allow"])) == {"GET", "HEAD", "OPTIONS"}


def test_too_many_requests_always_says_when_to_try_again():
    assert int(answer_to(exceptions.TooManyRequests()).headers["Retry-After"]) >= 1


def test_a_head_request_gets_the_headers_alone():
    answer = answer_to(NotAuthenticated("No."), method="HEAD")
    assert (answer.status_code, answer.data) == (401, b"")
    assert answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("path", "instance"),
    [("/a b/ü", "/a%20b/%C3%BC"), ("/a%22%3C%0A", "/a%22%3C%0A"), ("/a:b@c/d.e-f", "/a:b@c/d.e-f")],
)
def test_the_instance_is_the_path_as_a_uri(path, instance):
    assert answer_to(refusals.NotFound("No."), path).json["instance"] == instance


def test_the_query_is_no_part_of_the_instance():
    assert answer_to(refusals.NotFound("No."), "/x?token=secret").json["instance"] == "/x"


def test_a_bug_tells_nothing_and_is_logged_without_its_words(http, caplog):
    caplog.set_level(logging.DEBUG)
    answer = http.get("/v1/bug?secret=4711", headers={"X-Secret": "4711"})
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (500, "internal-error")
    assert answer.json["errors"] == []
    assert b"4711" not in answer.data and b"ValueError" not in answer.data
    assert "builtins.ValueError" in caplog.text and "builtins.KeyError" in caplog.text
    assert "get_bug" in caplog.text
    (record,) = caplog.records
    assert record.levelno == logging.ERROR and record.exc_info is None


def test_the_log_of_a_bug_holds_no_value(caplog):
    answer_to(ValueError("4711 participants"), "/path-4711?q=4711")
    assert "ValueError" in caplog.text
    assert "4711" not in caplog.text
