"""The authorization endpoint: a person is asked whether a client may act for them (RFC 6749 4.1).

They sign in first, see who wants what, and are sent back with a code or with their refusal. A request that asks for
more than they hold is sent back too, before they are asked.
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import BaseGrant, InvalidScopeError
from flask import Response, render_template, request
from werkzeug.datastructures import MultiDict

from auth.authorization_request import NoWayBack, read_client, read_parameters, single
from auth.consent import make_ticket, read_ticket
from auth.people import SignedIn
from auth.server import TokenServer, token_server
from auth.token_request import MAX_BODY
from domain.access import Scope
from domain.clients import Client

AUTHORIZE_PATH = "/oauth/authorize"
SIGN_IN_PATH = "/signin"


def ask_for_consent() -> Response:
    """The page that asks, or the way back where nothing can be asked for."""
    server = token_server()
    try:
        server.check_transport()
        client = _client(server, request.args)
        parameters = read_parameters(request.args)
        signed_in = server.people.signed_in()
        _validated(server, client, parameters, signed_in)
    except NoWayBack as reason:
        return _page("oauth_error.html", 400, reason=str(reason))
    except OAuth2Error as error:
        return _sent_back(server, error)
    if signed_in is None:
        return _sign_in_first()
    return _consent_page(server, client, parameters, signed_in)


def take_decision() -> Response:
    """Send the person back with a code, or with their refusal."""
    server = token_server()
    request.max_content_length = MAX_BODY
    signed_in = server.people.signed_in()
    person = signed_in.principal.id if signed_in else ""
    ticket = request.form.get("ticket", "")
    parameters = read_ticket(ticket, server.keys, person=person, now=server.hub.clock())
    if signed_in is None or parameters is None:
        return _page("oauth_error.html", 400, reason="This page is no longer good. Start again from the application.")
    try:
        client = _client(server, MultiDict(parameters))
        grant = _validated(server, client, parameters, signed_in)
    except NoWayBack as reason:
        return _page("oauth_error.html", 400, reason=str(reason))
    except OAuth2Error as error:
        return _sent_back(server, error)
    allowed = signed_in.principal if request.form.get("decision") == "allow" else None
    return server.create_authorization_response(grant.request, grant_user=allowed, grant=grant)


def _client(server: TokenServer, query: MultiDict[str, str]) -> Client:
    return read_client(server.query_client(single(query, "client_id") or ""), query)


def _validated(
    server: TokenServer, client: Client, parameters: dict[str, str], signed_in: SignedIn | None
) -> BaseGrant:
    """The grant of the library; raises OAuth2Error, also for a scope that the person does not hold."""
    grant = server.get_consent_grant(parameters)
    if signed_in:
        acting = client.acting_for(signed_in.principal)
        asked = frozenset(parameters["scope"].split(" "))
        if acting is None or not asked <= acting.scopes:
            raise InvalidScopeError(redirect_uri=parameters["redirect_uri"], state=parameters.get("state"))
    return grant


def _sent_back(server: TokenServer, error: OAuth2Error) -> Response:
    if error.redirect_uri:
        return server.handle_error_response(None, error)
    return _page("oauth_error.html", 400, reason=error.description)


def _consent_page(server: TokenServer, client: Client, parameters: dict[str, str], signed_in: SignedIn) -> Response:
    person = signed_in.principal.id
    ticket = make_ticket(server.keys, parameters=parameters, person=person, now=server.hub.clock())
    target = urlsplit(parameters["redirect_uri"])
    origin = f"{target.scheme}://{target.netloc}"
    return _page(
        "consent.html",
        200,
        origin,
        client=client,
        name=signed_in.name,
        origin=origin,
        scopes=[Scope(scope) for scope in sorted(set(parameters["scope"].split(" ")))],
        ticket=ticket,
    )


def _sign_in_first() -> Response:
    here = f"{AUTHORIZE_PATH}?{request.query_string.decode('ascii', 'replace')}"
    response = Response(status=303)
    response.headers["Location"] = f"{SIGN_IN_PATH}?{urlencode({'next': here})}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(template: str, status: int, form_goes_to: str = "", **values: object) -> Response:
    """A page in nobody's frame. A browser also asks whether a form may end where its answer redirects to."""
    response = Response(render_template(template, **values), status, mimetype="text/html")
    policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    response.headers["Content-Security-Policy"] = f"{policy}; form-action 'self' {form_goes_to}".rstrip()
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
