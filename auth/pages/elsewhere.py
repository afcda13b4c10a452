"""Sign in at the OpenID Connect provider of one's operator: there, and back."""

from __future__ import annotations

from flask import Response, redirect, request

from actions.people.providers import read_provider
from actions.people.sign_in_elsewhere import begin_elsewhere, return_from_elsewhere, sign_in_elsewhere
from auth.pages.frame import hub, next_address, proceed, visitors
from auth.providers import provider_client
from auth.sessions import browser
from domain.refusals import NotAuthenticated

ENDED_THERE = "Your organisation ended the sign-in. Try again, or ask its administrator."


@visitors
def leave(operator: str) -> Response:
    """Send the browser to the provider."""
    client = provider_client(read_provider(hub(), operator))
    state, begun = begin_elsewhere(hub(), operator=operator, next=next_address(), browser=browser())
    answer = redirect(client.address(state=state, nonce=begun.nonce, verifier=begun.verifier), 303)
    assert isinstance(answer, Response)
    return answer


@visitors
def come_back(operator: str) -> Response:
    """Take what the provider sends along, and believe what its ID token proves."""
    begun = return_from_elsewhere(hub(), state=_given("state"), operator=operator, browser=browser())
    provider = read_provider(hub(), operator)
    client = provider_client(provider)
    client.check_sender(request.args.get("iss"))
    if "error" in request.args:
        raise NotAuthenticated(ENDED_THERE, presented=True)
    identity = client.identity(code=_given("code"), nonce=begun.nonce, verifier=begun.verifier)
    made = sign_in_elsewhere(hub(), provider=provider, identity=identity, browser=browser())
    return proceed(made, begun.next)


def _given(name: str) -> str:
    values = request.args.getlist(name)
    if len(values) != 1:
        raise NotAuthenticated("Your organisation's answer cannot be read. Begin again.", presented=True)
    return values[0]


VIEWS = (
    ("GET", "/signin/elsewhere/<operator>", leave),
    ("GET", "/signin/elsewhere/<operator>/back", come_back),
)
