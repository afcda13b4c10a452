"""Signing in at the provider of one's operator: a real one, and ones that lie."""

from collections.abc import Iterator

import pytest
import requests
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import func, select

from actions.people.change_person import disable_person
from actions.people.providers import configure_provider, forget_provider
from actions.people.read_people import list_people, read_person
from domain.access import SYSTEM, Role
from domain.person import PersonState
from domain.refusals import NotFound, RuleBroken
from store.people_tables import identities
from store.tenancy import REGISTRAR
from tests.auth.pages.conftest import ISSUER
from tests.provider import CLIENT_ID, CLIENT_SECRET, OpenIDProvider, query_of, running_provider
from tests.visitors import add_person, audited, error_of, give_app, title_of

EMAIL = "rosa@ri.example.org"
LEAVE = "/signin/elsewhere/ri"
BACK = "/signin/elsewhere/ri/back"
UNKNOWN = "does not let you in this way"
UNFIT = "does not fit what was asked"
SILENT = "does not answer as it should"


def agree(hub, provider, operator="ri", roles=(Role.SUBMITTER, Role.OPERATOR_ADMIN), **facts):
    facts = {"email_domain": "ri.example.org", "secret_from": "env:RI_OIDC_SECRET", **facts}
    configure_provider(
        hub, by=SYSTEM, operator=operator, issuer=provider.issuer, client_id=CLIENT_ID, roles=roles, **facts
    )


@pytest.fixture
def provider(hub, clock, monkeypatch) -> Iterator[OpenIDProvider]:
    monkeypatch.setenv("RI_OIDC_SECRET", CLIENT_SECRET)
    with running_provider(now=lambda: clock().timestamp()) as made:
        agree(hub, made)
        yield made


def leave(visitor, path=LEAVE) -> str:
    """Where the provider sends the browser back to."""
    there = visitor.http.get(path, base_url=ISSUER)
    assert there.status_code == 303, there.text
    return requests.get(there.headers["Location"], allow_redirects=False, timeout=5).headers["Location"]


def go(visitor, path=LEAVE):
    """There and back."""
    return visitor.get(leave(visitor, path).removeprefix(ISSUER))


def linked(hub) -> int:
    with hub.database.read(REGISTRAR) as connection:
        return connection.scalar(select(func.count()).select_from(identities))


def assert_out(hub, visitor, page, words):
    assert words in error_of(page), page.text
    assert page.status_code in (404, 422, 503)
    assert title_of(visitor.get("/account")) == "Sign in"
    assert linked(hub) == 0


def test_an_invited_person_comes_in_and_is_known_by_the_subject_from_then_on(hub, visitor, visitors, provider):
    person = add_person(hub, EMAIL, state=PersonState.INVITED, password=None)
    assert "Sign in at Rhode Island" in visitor.get("/signin").text
    assert title_of(go(visitor)) == "Your account"
    assert read_person(hub, by=SYSTEM, user=person.id).state is PersonState.ACTIVE
    provider.person |= {"email": "rosa.new@elsewhere.example", "email_verified": False}
    assert title_of(go(visitors())) == "Your account"
    assert linked(hub) == 1
    actions = [action for actor, action, _ in audited(hub) if actor == f"user:{person.id}"]
    assert actions == ["identity.link", "signin.provider", "signin.complete", "signin.provider", "signin.complete"]
    assert CLIENT_SECRET not in str(audited(hub))


def test_one_goes_on_to_where_one_wanted_to_go(hub, visitor, provider):
    add_person(hub)
    assert title_of(go(visitor, f"{LEAVE}?next=/account/password")) == "Change your password"
    assert go(visitor, f"{LEAVE}?next=//evil.example").request.path == "/account"


def test_a_second_factor_is_asked_for_here_unless_it_was_there(hub, visitor, visitors, provider):
    give_app(hub, add_person(hub, EMAIL, Role.OPERATOR_ADMIN))
    assert title_of(go(visitor)) == "Second step"
    for alone in (["pwd"], ["otp"], ["fpt", 7, None]):
        provider.claims = {"amr": alone}
        assert title_of(go(visitors())) == "Second step"
    provider.claims = {"amr": ["pwd", "otp", "mfa"]}
    assert title_of(go(visitors())) == "Your account"


@pytest.mark.parametrize(
    ("facts", "person"),
    [
        ({}, {"email": "nobody@ri.example.org"}),
        ({}, {"email_verified": False}),
        ({}, {"email_verified": None}),
        ({}, {"email_verified": "true"}),
        ({}, {"email": ""}),
        ({"state": PersonState.DISABLED}, {}),
        ({"operator": "nyc"}, {}),
        ({"operator": None, "roles": Role.RESEARCHER}, {}),
        ({"roles": Role.STEWARD}, {}),
    ],
)
def test_who_was_not_invited_for_this_does_not_come_in(hub, visitor, provider, facts, person):
    roles = [facts.pop("roles")] if "roles" in facts else []
    add_person(hub, EMAIL, *roles, **facts)
    provider.person |= person
    assert_out(hub, visitor, go(visitor), UNKNOWN)
    assert ("signin.failed" in [line[1] for line in audited(hub)]) and len(list_people(hub, by=SYSTEM)) == 1


def test_a_provider_speaks_for_addresses_of_its_domain_alone(hub, visitor, provider):
    add_person(hub, "rosa@gmail.example")
    provider.person["email"] = "rosa@gmail.example"
    assert_out(hub, visitor, go(visitor), UNKNOWN)


def test_an_address_given_to_somebody_else_there_opens_nothing(hub, visitor, visitors, provider):
    add_person(hub)
    go(visitor)
    provider.person["sub"] = "somebody-else"
    page = go(visitors())
    assert UNKNOWN in error_of(page) and linked(hub) == 1


def test_who_was_disabled_stays_out(hub, visitor, visitors, provider):
    person = add_person(hub)
    go(visitor)
    disable_person(hub, by=SYSTEM, user=person.id)
    assert UNKNOWN in error_of(go(visitors()))
    assert title_of(visitor.get("/account")) == "Sign in"


LIES = {
    "nonce of another sign-in": {"claims": {"nonce": "x"}},
    "no nonce": {"claims": {"nonce": None}},
    "for another client": {"claims": {"aud": "another"}},
    "for others too": {"claims": {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}},
    "made for another party": {"claims": {"azp": "another"}},
    "for nobody": {"claims": {"aud": None}},
    "of another issuer": {"claims": {"iss": "https://evil.example"}},
    "without an issuer": {"claims": {"iss": None}},
    "expired": {"claims": {"exp": 1}},
    "without an end": {"claims": {"exp": None}},
    "from the future": {"claims": {"nbf": 4_000_000_000}},
    "without a subject": {"claims": {"sub": None}},
    "subject of another kind": {"claims": {"sub": ["248289"]}},
    "subject that can't be seen": {"claims": {"sub": "\x00"}},
    "wrong at_hash": {"claims": {"at_hash": "AAAA"}},
    "aud of another kind": {"claims": {"aud": {"a": 1}}},
    "email of another kind": {"claims": {"email": ["rosa@ri.example.org"]}},
    "alg none": {"forge": "sign_not_at_all"},
    "signed with the client's secret": {"forge": "sign_with_secret"},
    "signed with another key": {"forge": "sign_with_another_key"},
    "no token at all": {"forge": lambda claims: ""},
    "rubbish for a token": {"forge": lambda claims: "a.b.c"},
    "a number for a token": {"forge": lambda claims: 7},
    "keys of nobody": {"published": [ECKey.generate_key("P-256", auto_kid=True)]},
}


@pytest.mark.parametrize("lie", LIES)
def test_an_id_token_that_does_not_fit_is_not_believed(hub, visitor, provider, lie):
    add_person(hub)
    for name, value in LIES[lie].items():
        setattr(provider, name, getattr(provider, value) if name == "forge" and isinstance(value, str) else value)
    assert_out(hub, visitor, go(visitor), UNFIT)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"state": "x"}, "not begun here"),
        ({"state": None}, "cannot be read"),
        ({"code": None}, "cannot be read"),
        ({"code": "x"}, UNFIT),
        ({"iss": "https://evil.example"}, UNFIT),
        ({"iss": None}, UNFIT),
        ({"error": "access_denied", "error_description": "<b>no</b>"}, "ended the sign-in"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(hub, visitor, provider, answer, words):
    add_person(hub)
    provider.answer = answer
    page = go(visitor)
    assert_out(hub, visitor, page, words)
    assert "<b>no" not in page.text


def test_an_answer_is_taken_once_soon_and_in_the_browser_that_left(hub, visitor, visitors, provider, clock):
    add_person(hub)
    back = leave(visitor).removeprefix(ISSUER)
    stranger = visitors()
    stranger.get("/signin")
    assert "not begun here" in error_of(stranger.get(back)), "another browser"
    assert title_of(visitor.get(back)) == "Your account"
    assert "not begun here" in error_of(visitor.get(back)), "a second time"
    late = visitors()
    back = leave(late).removeprefix(ISSUER)
    clock.forward(minutes=10)
    assert "not begun here" in error_of(late.get(back))


def test_a_parameter_twice_is_none(hub, visitor, provider):
    add_person(hub)
    back = leave(visitor).removeprefix(ISSUER)
    assert_out(hub, visitor, visitor.get(f"{back}&state={query_of(back)['state']}"), "cannot be read")


def test_the_answer_of_one_operators_provider_is_no_answer_for_another(hub, visitor, provider):
    add_person(hub)
    agree(hub, provider, operator="nyc", email_domain="nyc.example.org")
    back = leave(visitor, "/signin/elsewhere/nyc").removeprefix(ISSUER)
    assert_out(hub, visitor, visitor.get(back.replace("/nyc/", "/ri/")), "not begun here")


def test_another_provider_cannot_pass_its_code_off_as_ours(hub, visitor, provider, clock):
    add_person(hub)
    with running_provider(now=lambda: clock().timestamp()) as evil:
        back = leave(visitor).removeprefix(ISSUER)
        evil.codes["stolen"] = {}
        answer = back.replace(query_of(back)["code"], "stolen").replace(
            provider.issuer.rpartition(":")[2], evil.issuer.rpartition(":")[2]
        )
        assert_out(hub, visitor, visitor.get(answer), UNFIT)
        assert evil.asked == [], "the code went nowhere"


def test_the_hub_proves_itself_with_its_secret_and_the_verifier(hub, visitor, provider, monkeypatch):
    add_person(hub)
    monkeypatch.setenv("RI_OIDC_SECRET", "wrong")
    assert_out(hub, visitor, go(visitor), UNFIT)
    monkeypatch.delenv("RI_OIDC_SECRET")
    page = visitor.get(LEAVE)
    assert page.status_code == 503 and "lacks its secret" in error_of(page)


def test_a_secret_can_be_a_file(hub, visitor, provider, tmp_path):
    (tmp_path / "secret").write_text(CLIENT_SECRET + "\n")
    agree(hub, provider, secret_from=f"file:{tmp_path}/secret")
    add_person(hub)
    assert title_of(go(visitor)) == "Your account"


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": ["x"]},
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(hub, visitor, provider, metadata):
    provider.metadata = metadata
    page = visitor.get(LEAVE)
    assert page.status_code == 503 and SILENT in error_of(page)


def test_a_provider_that_is_away_is_told_so(hub, visitor, clock):
    with running_provider() as gone:
        agree(hub, gone, secret_from=None)
    page = visitor.get(LEAVE)
    assert page.status_code == 503 and SILENT in error_of(page)


def test_what_a_provider_says_of_itself_is_remembered_and_new_keys_are_found(
    hub, visitor, visitors, provider, monkeypatch
):
    add_person(hub)
    go(visitor)
    go(visitors())
    assert provider.asked.count("/.well-known/openid-configuration") == 1
    provider.key = RSAKey.generate_key(2048, auto_kid=True)
    monkeypatch.setattr("auth.providers.SOONEST", 0.0)
    assert title_of(go(visitors())) == "Your account"
    assert provider.asked.count("/jwks") == 2


def test_other_algorithms_and_keys_without_names_are_read(hub, visitor, provider):
    add_person(hub)
    provider.algorithm, provider.key = "ES256", ECKey.generate_key("P-256", auto_kid=True)
    provider.published = [RSAKey.generate_key(2048), provider.key]
    assert title_of(go(visitor)) == "Your account"


def test_an_address_may_be_told_at_the_userinfo_endpoint_of_the_same_person(hub, visitor, visitors, provider):
    add_person(hub)
    provider.claims = {"email": None, "email_verified": None}
    provider.userinfo = {"sub": "another"}
    assert_out(hub, visitor, go(visitor), UNFIT)
    provider.userinfo = {}
    assert title_of(go(visitors())) == "Your account"


def test_no_provider_no_way_in(hub, visitor, provider):
    for path in ("/signin/elsewhere/nyc", "/signin/elsewhere/%00", "/signin/elsewhere/nyc/back?state=x&code=x"):
        assert visitor.get(path).status_code == 404
    forget_provider(hub, by=SYSTEM, operator="ri")
    assert visitor.get(LEAVE).status_code == 404
    with pytest.raises(NotFound):
        forget_provider(hub, by=SYSTEM, operator="ri")
    agree(hub, provider, disabled=True)
    assert visitor.get(LEAVE).status_code == 404 and "Sign in at Rhode Island" not in visitor.get("/signin").text


@pytest.mark.parametrize(
    "facts",
    [
        {"issuer": "http://idp.example"},
        {"issuer": "ftp://idp.example"},
        {"issuer": "https://idp.example/?a=1"},
        {"secret_from": "hunter2"},
        {"secret_from": "env:CROSSTALLY_SECRET"},
        {"email_domain": "example"},
        {"email_domain": "@ri.example.org"},
        {"roles": []},
        {"roles": [Role.HUB_ADMIN]},
        {"operator": "atlantis"},
    ],
)
def test_what_a_provider_can_not_be_is_refused(hub, facts):
    sound = {"operator": "ri", "issuer": "https://idp.example", "client_id": "x", "secret_from": None,
             "email_domain": "ri.example.org", "roles": [Role.SUBMITTER]}  # fmt: skip
    configure_provider(hub, by=SYSTEM, **sound)
    with pytest.raises(RuleBroken):
        configure_provider(hub, by=SYSTEM, **{**sound, **facts})
