"""What a request for tokens, or about one, must look like before the OAuth library sees it (RFC 6749 2.3, 3.2).

The library would take parameters from the query string, the first of two equal parameters, and whichever of two
client authentications it tries first; a proxy or a log might have read the other one. Such requests are refused.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from urllib.parse import unquote_plus

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Request

from domain.refusals import BodyTooLarge

FORM = "application/x-www-form-urlencoded"
MAX_BODY = 16 * 1024
GRANT_TYPES = ("client_credentials", "authorization_code", "refresh_token")
LONGEST_ID = 255


def read_form(request: Request) -> dict[str, str]:
    """The parameters of the body, empty ones left out; raises OAuth2Error, BodyTooLarge."""
    if request.query_string:
        raise InvalidRequestError("Parameters belong in the body, not in the URL.")
    # One byte more than allowed: a chunked body that is longer would otherwise be cut off without a word.
    request.max_content_length = MAX_BODY + 1
    if len(request.get_data()) > MAX_BODY:
        raise BodyTooLarge("The body of a token request is too large.")
    if request.mimetype != FORM:
        raise InvalidRequestError(f"The body must be {FORM}.")
    if any(len(values) > 1 for _, values in request.form.lists()):
        raise InvalidRequestError("A parameter is there more than once.")
    form = {name: value for name, value in request.form.items() if value}
    _check_client_authentication(request, form)
    return form


def require_grant_type(form: Mapping[str, str]) -> None:
    """Raise OAuth2Error unless the request names one of the grants that there are."""
    if "grant_type" not in form:
        raise InvalidRequestError("The parameter grant_type is missing.")
    if form["grant_type"] not in GRANT_TYPES:
        # The value is not repeated: it need not be the ASCII that an error_description must be.
        raise OAuth2Error(error="unsupported_grant_type", description=f"Supported: {', '.join(GRANT_TYPES)}.")


def require_token(form: Mapping[str, str]) -> None:
    """Raise OAuth2Error unless the request says which token it is about."""
    if "token" not in form:
        raise InvalidRequestError("The parameter token is missing.")


def read_basic(header: str) -> list[tuple[str, str]]:
    """The readings of `Authorization: Basic`, as (client id, secret); none if it is malformed.

    RFC 6749 2.3.1 wants both form-encoded before they are joined, and many clients send them raw: both are
    readings. Both consist of printable ASCII characters (appendix A), and other readings are left out.
    """
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return []
    try:
        text = b64decode(encoded.strip(), validate=True).decode("utf-8")
    except ValueError:  # not ASCII, not base64, not UTF-8
        return []
    client_id, colon, secret = text.partition(":")
    readings = [(unquote_plus(client_id), unquote_plus(secret)), (client_id, secret)]
    return [reading for reading in dict.fromkeys(readings) if colon and _is_sound(*reading)]


def _check_client_authentication(request: Request, form: dict[str, str]) -> None:
    ways = ["Authorization" in request.headers, "client_secret" in form, "client_assertion" in form]
    if ways.count(True) > 1:
        raise InvalidRequestError("The client authenticates in two ways; one is allowed.")


def _is_sound(client_id: str, secret: str) -> bool:
    return 0 < len(client_id) <= LONGEST_ID and (client_id + secret).isascii() and (client_id + secret).isprintable()
