"""What a request for a person's consent must look like before the OAuth library sees it (RFC 6749 4.1.1, RFC 9700).

As long as client and redirect URI are not both known and right, nobody is sent anywhere: that would make the hub a
means to send people to any address. The library would take the first of two equal parameters, and answer 500 to
what can't be repeated in an error.
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from werkzeug.datastructures import MultiDict

from auth.oauth_client import OAuthClient
from domain.clients import Client, Grant

LONGEST_VALUE = 2048


class NoWayBack(Exception):
    """The request can't be trusted with a place to send the person back to; the words are for that person."""


def read_client(client: OAuthClient | None, query: MultiDict[str, str]) -> Client:
    """The client, if it asks people and the redirect URI is one of its own; raises NoWayBack."""
    if client is None or Grant.AUTHORIZATION_CODE not in client.client.grants:
        raise NoWayBack("The application that sent you here is not known to the hub.")
    if single(query, "redirect_uri") not in client.client.redirect_uris:
        raise NoWayBack("The application that sent you here wants you sent back to an address that is not its own.")
    return client.client


def read_parameters(query: MultiDict[str, str]) -> dict[str, str]:
    """The parameters, once the way back is known; raises OAuth2Error, which goes there."""
    back: dict[str, Any] = {"redirect_uri": query["redirect_uri"], "state": single(query, "state")}
    if any(len(values) > 1 for _, values in query.lists()):
        raise InvalidRequestError("A parameter is there more than once.", **back)
    parameters = {name: value for name, value in query.items() if value}
    if not all(_is_plain(value) for value in parameters.values()):
        raise InvalidRequestError("Parameters are printable ASCII, and not too long.", **back)
    if "response_type" not in parameters:
        raise InvalidRequestError("The parameter response_type is missing.", **back)
    if parameters["response_type"] != "code":
        raise OAuth2Error(error="unsupported_response_type", description="Supported: code.", **back)
    if parameters.get("response_mode", "query") != "query":
        raise InvalidRequestError("Supported response_mode: query.", **back)
    return parameters


def single(query: MultiDict[str, str], name: str) -> str | None:
    """The value of a parameter that is there once, and can be repeated in an answer."""
    values = query.getlist(name)
    return values[0] if len(values) == 1 and values[0] and _is_plain(values[0]) else None


def _is_plain(value: str) -> bool:
    return value.isascii() and value.isprintable() and len(value) <= LONGEST_VALUE
