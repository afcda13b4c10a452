"""The one table from refusals to problems (RFC 9457), and the handlers that answer with them.

Every way of saying no has a code, a status, a title and a sentence on what to do; `type` is the URL of the page that
says so. Refusals of `domain/refusals.py` find their problem by class, errors born in HTTP by status. An error that
nobody foresaw is a 500 that tells nothing, and is logged by type and place alone: its words could hold a count.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from domain import refusals
from domain.access import Scope
from domain.refusals import Item, NotAuthenticated, PreconditionFailed, Refusal, ScopeMissing, TooManyAttempts

MEDIA_TYPE = "application/problem+json"
_ALWAYS = ("pointer", "code", "detail")  # of an error; an empty pointer is the whole body
PATH_CHARACTERS = "/!$&'()*+,;=:@"  # besides letters and digits, what RFC 3986 lets stand in a path

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Problem:
    """A kind of problem. `help` says what to do; `retry_after` is in seconds, where trying again later helps."""

    code: str
    status: int
    title: str
    help: str
    retry_after: int | None = None

    @property
    def name(self) -> str:
        """The code as a name in the OpenAPI document: `not-found` is `NotFound`."""
        return "".join(word.capitalize() for word in self.code.split("-"))


TOO_MANY_REQUESTS = Problem(
    "too-many-requests", 429, "Too many requests", "Wait as long as Retry-After says, then go on.", retry_after=1
)
REFUSALS: dict[type[Refusal], Problem] = {
    refusals.NotAuthenticated: Problem(
        "not-authenticated",
        401,
        "No valid access token",
        "Ask the token endpoint for a new access token and send it as Authorization: Bearer.",
    ),
    refusals.Forbidden: Problem(
        "forbidden", 403, "Not allowed", "Ask the hub's steward if this client should be allowed to do this."
    ),
    refusals.ScopeMissing: Problem(
        "scope-missing",
        403,
        "The access token lacks a scope",
        "Ask for a token with the scope that WWW-Authenticate names; the client must hold it.",
    ),
    refusals.NotYourSite: Problem(
        "not-your-site",
        403,
        "The site belongs to someone else",
        "Check the site in the URL; a client acts only for the sites it is bound to.",
    ),
    refusals.FourEyes: Problem(
        "four-eyes",
        403,
        "Somebody else must do this",
        "A report is reviewed by a person of another operator, and confirmed by anybody else than who sent it.",
    ),
    refusals.NotFound: Problem(
        "not-found",
        404,
        "Not found",
        "Check the URL; what exists is in the OpenAPI document, and a month is written 2026-05.",
    ),
    refusals.Retracted: Problem(
        "retracted",
        410,
        "The release was retracted",
        "Delete what you took from it, and read the newest release; the detail names the retraction and its reason.",
    ),
    refusals.BodyTooLarge: Problem(
        "body-too-large",
        413,
        "The body is too large",
        "Send less at once; the operation's documentation says how much.",
    ),
    refusals.UnsupportedMediaType: Problem(
        "unsupported-media-type",
        415,
        "The media type is not supported",
        "Say in Content-Type what the body is, one of those that the detail names; UTF-8, without Content-Encoding.",
    ),
    refusals.Unreadable: Problem(
        "unreadable",
        400,
        "The request cannot be read",
        "Check that it is complete and what Content-Type says; JSON is valid, in UTF-8, without repeated names.",
    ),
    refusals.Invalid: Problem(
        "invalid", 422, "What was sent is wrong", "Correct what the errors point at, and send it again."
    ),
    refusals.ShapeInvalid: Problem(
        "shape-invalid",
        422,
        "Something is missing, or is not what belongs there",
        "Each error says where, and what is expected; the schema in the OpenAPI document says all of it.",
    ),
    refusals.LineList: Problem(
        "line-list",
        422,
        "The body looks like a list of persons or events",
        "The hub takes monthly counts and no records; nothing of what was sent was kept. Count where the records are, "
        "for example with a pivot table, and send the counts: docs/how-to/aggregate-only.md says how.",
    ),
    refusals.RuleBroken: Problem(
        "rule-broken",
        422,
        "The content breaks a rule",
        "Each error names the rule and points at the place; the dictionary explains the rules.",
    ),
    refusals.QueryInvalid: Problem(
        "query-invalid",
        422,
        "A query parameter is wrong",
        "Compare the query with the parameters of the operation; unknown ones are refused.",
    ),
    refusals.PreconditionMissing: Problem(
        "precondition-missing",
        428,
        "A precondition is needed",
        "Read the current state, then send its ETag as If-Match.",
    ),
    refusals.PreconditionFailed: Problem(
        "precondition-failed",
        412,
        "It was changed meanwhile",
        "The errors point at what differs from the state you name. Read the current state, merge your change into it, "
        "and send it with the new ETag as If-Match.",
    ),
    refusals.Conflict: Problem(
        "conflict", 409, "The state of things does not allow it", "Read the current state and decide anew."
    ),
    refusals.WrongState: Problem(
        "wrong-state", 409, "Not possible in this state", "Read the current state; the detail says which one is needed."
    ),
    refusals.UnacknowledgedWarnings: Problem(
        "unacknowledged-warnings",
        409,
        "Warnings wait for an answer",
        "The operator sends the report again, corrected or with the warnings acknowledged.",
    ),
    refusals.ConfirmationNeeded: Problem(
        "confirmation-needed",
        409,
        "A second person has to confirm it first",
        "Somebody who neither sent the revision nor accepts it reads it and posts a confirmation of it.",
    ),
    refusals.ReleaseRefused: Problem(
        "release-refused",
        409,
        "No safe release is possible",
        "Nothing was published. Wait for further accepted reports, then cut again.",
    ),
    refusals.TooManyAttempts: TOO_MANY_REQUESTS,
    refusals.NotReady: Problem("not-ready", 503, "Not ready yet", "Try again in a few seconds.", retry_after=5),
    refusals.Refusal: Problem(
        "refused", 400, "The request was refused", "Read the detail; the same request will be refused again."
    ),
}

INTERNAL_ERROR = Problem(
    "internal-error", 500, "The hub made a mistake", "It has been logged. Try again later, or tell the hub's steward."
)

HTTP_ERRORS: dict[int, Problem] = {
    # The first refusal of a status is the general one.
    **{problem.status: problem for problem in reversed(REFUSALS.values())},
    405: Problem("method-not-allowed", 405, "The method is not allowed here", "Use a method that Allow names."),
    406: Problem("not-acceptable", 406, "No such representation", "Ask in Accept for a media type that is offered."),
    408: Problem("request-timeout", 408, "The request took too long to arrive", "Send it again."),
    500: INTERNAL_ERROR,
}

PROBLEMS: dict[str, Problem] = {p.code: p for p in (*REFUSALS.values(), *HTTP_ERRORS.values())}
"""Every problem by its code, for the pages that explain them."""


def problem_of(refusal: type[Refusal]) -> Problem:
    """The problem of a class of refusals: its own, or that of the nearest class above it."""
    return next(REFUSALS[kind] for kind in refusal.__mro__ if kind in REFUSALS)


def problem_of_status(status: int) -> Problem:
    """The general problem of an HTTP error status; any 4xx or 5xx has one."""
    if status in HTTP_ERRORS:
        return HTTP_ERRORS[status]
    return replace(HTTP_ERRORS[400 if status < 500 else 500], status=status)


def problem_body(
    problem: Problem, issuer: str, *, detail: str, instance: str, items: Iterable[Item] = ()
) -> dict[str, Any]:
    """The problem document of RFC 9457, as a JSON object."""
    return {
        "type": f"{issuer}/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": detail,
        "instance": instance,
        "errors": [_error(item) for item in items],
    }


def _error(item: Item) -> dict[str, str]:
    """An item as it is answered; what it does not say is left out."""
    return {name: value for name, value in asdict(item).items() if value or name in _ALWAYS}


def declared_scopes(view: Callable[..., Any] | None) -> tuple[Scope, ...]:
    """The scopes that a view says it asks for, one of which is needed; none for a public view."""
    return getattr(view, "_apidoc", {}).get("scopes", ())


def register_problems(app: Flask, issuer: str) -> None:
    """Make every error that the application answers a problem document, `type` starting with the issuer's URL."""
    answers = ProblemAnswers(issuer)
    app.register_error_handler(Refusal, answers.to_refusal)
    app.register_error_handler(HTTPException, answers.to_http_error)
    app.register_error_handler(Exception, answers.to_bug)


class ProblemAnswers:
    """The answers to errors, for one issuer."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def to_refusal(self, refusal: Refusal) -> Response:
        """The answer to a refusal of ours, with the challenge that 401 and 403 need, and the ETag that 412 missed."""
        answer = self._answer(problem_of(type(refusal)), refusal.detail, refusal.items)
        challenge = _challenge(refusal)
        if challenge:
            answer.headers["WWW-Authenticate"] = challenge
        if isinstance(refusal, TooManyAttempts):
            answer.headers["Retry-After"] = str(refusal.seconds)
        if isinstance(refusal, PreconditionFailed) and refusal.etag:
            answer.headers["ETag"] = f'"{refusal.etag}"'
        return answer

    def to_http_error(self, error: HTTPException) -> Response:
        """The answer to an error of the framework, its headers (Allow, Retry-After ...) kept."""
        problem = problem_of_status(error.code or 500)
        answer = self._answer(problem, problem.help)
        for name, value in error.get_headers():
            if name != "Content-Type":
                answer.headers[name] = value
        return answer

    def to_bug(self, error: Exception) -> Response:
        """The answer to what nobody foresaw, and its line in the log."""
        log.error("".join(_places(error)))
        return self._answer(INTERNAL_ERROR, INTERNAL_ERROR.help)

    def _answer(self, problem: Problem, detail: str, items: Iterable[Item] = ()) -> Response:
        instance = quote(request.path, safe=PATH_CHARACTERS)
        body = problem_body(problem, self.issuer, detail=detail, instance=instance, items=items)
        answer = Response(json.dumps(body), problem.status, mimetype=MEDIA_TYPE)
        answer.headers["Cache-Control"] = "no-store"
        if problem.retry_after is not None:
            answer.headers["Retry-After"] = str(problem.retry_after)
        return answer


def _challenge(refusal: Refusal) -> str:
    """The WWW-Authenticate of RFC 6750 section 3; a request without a token gets no error code."""
    if isinstance(refusal, ScopeMissing):
        return _bearer("insufficient_scope", refusal.needed)
    if isinstance(refusal, NotAuthenticated):
        view = current_app.view_functions.get(request.endpoint or "")
        return _bearer("invalid_token" if refusal.presented else "", declared_scopes(view) or [""])
    return ""


def _bearer(error: str, scopes: Iterable[str]) -> str:
    """A challenge for each scope: they are alternatives, and the scopes within one challenge are not."""
    return ", ".join(_one_challenge({"realm": "crosstally", "error": error, "scope": scope}) for scope in scopes)


def _one_challenge(parameters: Mapping[str, str]) -> str:
    return "Bearer " + ", ".join(name + '="' + value + '"' for name, value in parameters.items() if value)


def _places(error: BaseException | None) -> Iterator[str]:
    """The type of the error and of what led to it, and where they were raised; never their words."""
    while error is not None:
        yield f"{type(error).__module__}.{type(error).__qualname__}\n"
        yield from traceback.format_tb(error.__traceback__)
        error = error.__cause__ or error.__context__
