"""The browser at hand: who is signed in, the cookies, and the proof that a form is ours.

One cookie holds 256 random bits. Before anybody has signed in it only ties forms to the browser; at each sign-in, and
whenever what it allows changes, it gets a new value. Forms carry a keyed hash of it, which nobody else can compute.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets

from flask import Flask, Response, current_app, g, request

from actions.hub import Hub
from actions.people.sealing import mark
from actions.people.sessions import Browser, SignIn, device_text, find_sign_in
from domain.person import Person
from domain.refusals import Forbidden

COOKIE = "crosstally"
DEVICE_COOKIE = "crosstally-device"
HOST_PREFIX = "__Host-"
FORM_FIELD = "form_token"
FORM_HEADER = "X-Form-Token"
YEAR = 365 * 24 * 3600
LONGEST_BROWSER_NAME = 120
NOT_OURS = "This form was not sent from a page of this hub, or the page was open too long. Open it again."


def install_sessions(app: Flask) -> None:
    """Let the application send the cookies that its views have set."""
    app.after_request(_send_cookies)


def signed_in() -> Person | None:
    """The person who is signed in, all the way, in the browser of this request."""
    found = current_sign_in()
    return found.person if found and found.is_complete else None


def current_sign_in() -> SignIn | None:
    """The sign-in of this request, perhaps not complete yet; looked up once."""
    if "crosstally_sign_in" not in g:
        given = request.cookies.get(_cookie(COOKIE))
        g.crosstally_sign_in = find_sign_in(_hub(), given) if given else None
    return g.crosstally_sign_in


def remember(sign_in: SignIn) -> None:
    """Give the browser the cookie of a session that was just opened."""
    g.crosstally_sign_in, g.crosstally_secret = sign_in, sign_in.secret
    g.crosstally_cookies = {COOKIE: sign_in.secret}
    if sign_in.is_complete:
        number = secrets.token_urlsafe(16)
        g.crosstally_cookies[DEVICE_COOKIE] = f"{number}.{mark(_hub(), device_text(number, sign_in.person))}"


def forget() -> None:
    """Take the cookie of the session back; that of the device stays."""
    g.crosstally_sign_in, g.crosstally_cookies = None, {COOKIE: ""}


def browser() -> Browser:
    """Where this request comes from."""
    agent = "".join(filter(str.isprintable, request.headers.get("User-Agent", "")))
    device = request.cookies.get(_cookie(DEVICE_COOKIE), "")
    return Browser(_secret(), agent[:LONGEST_BROWSER_NAME], _network(request.remote_addr or ""), device)


def form_token() -> str:
    """What the forms of this browser carry."""
    return hmac.new(_secret().encode("utf-8", "surrogatepass"), b"form", "sha256").hexdigest()


def check_form() -> None:
    """Raise Forbidden unless this request was made by a form, or a script, on a page of ours in this browser."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site not in (None, "same-origin") or origin not in (None, _origin()):
        raise Forbidden(NOT_OURS)
    given = request.headers.get(FORM_HEADER) or request.form.get(FORM_FIELD, "")
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), form_token().encode()):
        raise Forbidden(NOT_OURS)


def _secret() -> str:
    """The cookie's value, or a new one that is sent with the answer."""
    if "crosstally_secret" not in g:
        given = request.cookies.get(_cookie(COOKIE))
        g.crosstally_secret = given or secrets.token_urlsafe(32)
        if not given:
            g.crosstally_cookies = {COOKIE: g.crosstally_secret}
    return g.crosstally_secret


def _send_cookies(answer: Response) -> Response:
    for name, value in g.get("crosstally_cookies", {}).items():
        age = (YEAR if name == DEVICE_COOKIE else None) if value else 0
        answer.set_cookie(
            _cookie(name), value, max_age=age, path="/", secure=_is_https(), httponly=True, samesite="Lax"
        )
    return answer


def _cookie(name: str) -> str:
    # Browsers keep this prefix for cookies that are Secure and of this one host.
    return HOST_PREFIX + name if _is_https() else name


def _is_https() -> bool:
    return _hub().settings.issuer.startswith("https:")


def _origin() -> str:
    return "/".join(_hub().settings.issuer.split("/")[:3])


def _network(address: str) -> str:
    """The network of an address, as large as what one customer usually gets."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 56), strict=False))


def _hub() -> Hub:
    return current_app.extensions["crosstally"]
