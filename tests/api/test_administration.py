"""Operators, sites and clients by API: who may, what changes, what is told once, and what is written down."""

from base64 import b64encode
from datetime import timedelta

import pytest

from actions.register_client import register_client
from domain.access import OPERATOR_SCOPES, SYSTEM, Role, Scope
from domain.clients import Client
from tests.api.conftest import Door
from tests.builders import NOON, body

ADMIN = Role.HUB_ADMIN.scopes
REPORT = "/v1/sites/nyc-east/reports/2026-05"
NEW_OPERATOR = {"id": "vch", "label": "Vancouver", "sentinel": "site_year", "k": 20}
NEW_SITE = {
    "id": "vancouver-insite",
    "operator": "nyc",
    "city": "vancouver",
    "label": "Insite",
    "opened": "2003-09",
    "timezone": "America/Vancouver",
}
NEW_CLIENT = {
    "id": "nyc-second",
    "label": "Second",
    "operator": "nyc",
    "scopes": ["reports:read", "reports:write"],
    "sites": ["nyc-east"],
}


def token(http, client_id: str, secret: str):
    basic = b64encode(f"{client_id}:{secret}".encode()).decode()
    return http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"}
    )


@pytest.fixture
def admin(hub, http) -> Door:
    """The hub's administrator."""
    secret = register_client(hub, by=SYSTEM, client=Client("admin", "Admin", None, frozenset(), ADMIN))
    return Door(http, token(http, "admin", secret).json["access_token"])


@pytest.fixture
def manager(hub, http):
    """A function that makes an operator's admin, bound to sites of the operator."""

    def make(operator: str = "nyc", sites=("nyc-east",), scopes=OPERATOR_SCOPES | {Scope.CLIENTS_MANAGE}) -> Door:
        name = f"{operator}-manager"
        client = Client(name, "Manager", operator, frozenset(sites), frozenset(scopes))
        secret = register_client(hub, by=SYSTEM, client=client)
        return Door(http, token(http, name, secret).json["access_token"])

    return make


def change(door: Door, path: str, changes: dict, tag: str | None = None):
    tag = tag or door("GET", path).headers["ETag"]
    return door("PATCH", path, json=changes, headers={"If-Match": tag})


def lines(door: Door, **query: str) -> list[tuple]:
    items = door("GET", "/v1/audit", query_string=query).json["items"]
    return [(line["actor"], line["action"], line["subject"], line["operator"]) for line in items]


class TestOperatorsAndSites:
    def test_an_operator_and_its_site_are_registered_shown_and_changed(self, admin, http):
        made = admin("POST", "/v1/operators", json=NEW_OPERATOR)
        assert (made.status_code, made.headers["Location"]) == (201, "/v1/operators/vch")
        assert made.json == {**NEW_OPERATOR, "disabled": False}
        assert http.get("/v1/operators/vch").json == made.json
        assert admin("POST", "/v1/sites", json={**NEW_SITE, "operator": "vch"}).status_code == 201
        changed = change(admin, "/v1/sites/vancouver-insite", {"stations": 13, "closed": "2026-05"})
        assert (changed.json["stations"], changed.json["closed"], changed.json["label"]) == (13, "2026-05", "Insite")
        assert http.get("/v1/sites/vancouver-insite").json == changed.json
        assert changed.headers["ETag"] == http.get("/v1/sites/vancouver-insite").headers["ETag"]
        assert lines(admin, operator="vch") == [
            ("admin", "site.change", "vancouver-insite/closed,stations", "vch"),
            ("admin", "site.register", "vancouver-insite", "vch"),
            ("admin", "operator.register", "vch", "vch"),
        ]

    @pytest.mark.parametrize("path", ["/v1/operators/nyc", "/v1/sites/nyc-east"])
    def test_a_change_names_the_state_that_it_changes(self, admin, path):
        tag = admin("GET", path).headers["ETag"]
        assert admin("PATCH", path, json={"label": "New"}).status_code == 428
        assert change(admin, path, {"label": "New"}, '"other"').status_code == 412
        assert change(admin, path, {"label": "New"}, tag).json["label"] == "New"
        assert change(admin, path, {"label": "Newer"}, tag).status_code == 412
        assert admin("GET", path).json["label"] == "New"

    def test_a_change_that_changes_nothing_writes_nothing_down(self, admin):
        before = lines(admin)
        assert change(admin, "/v1/operators/nyc", {"label": "New York"}).status_code == 200
        assert change(admin, "/v1/sites/nyc-east", {}).status_code == 200
        assert lines(admin) == before

    @pytest.mark.parametrize(
        ("method", "path", "sent", "status"),
        [
            ("POST", "/v1/operators", {**NEW_OPERATOR, "id": "nyc"}, 409),
            ("POST", "/v1/operators", {**NEW_OPERATOR, "k": 5}, 422),
            ("POST", "/v1/operators", {**NEW_OPERATOR, "sentinel": "always"}, 422),
            ("POST", "/v1/operators", {**NEW_OPERATOR, "label": "a\x07b"}, 422),
            ("POST", "/v1/operators", {**NEW_OPERATOR, "id": "NYC"}, 422),
            ("POST", "/v1/operators", {**NEW_OPERATOR, "owner": "x"}, 422),
            ("POST", "/v1/sites", {**NEW_SITE, "operator": "nobody"}, 409),
            ("POST", "/v1/sites", {**NEW_SITE, "id": "nyc-east"}, 409),
            ("POST", "/v1/sites", {**NEW_SITE, "timezone": "Mars/Base"}, 422),
            ("POST", "/v1/sites", {**NEW_SITE, "timezone": "../../etc/passwd"}, 422),
            ("POST", "/v1/sites", {**NEW_SITE, "timezone": "America"}, 422),
            ("POST", "/v1/sites", {**NEW_SITE, "closed": "2003-08"}, 422),
            ("POST", "/v1/sites", {**NEW_SITE, "opened": "2003-13"}, 422),
            ("PATCH", "/v1/sites/nyc-east", {"operator": "ri"}, 422),
            ("PATCH", "/v1/sites/nyc-east", {"synthetic": False}, 422),
            ("PATCH", "/v1/sites/nyc-east", {"closed": "2000-01"}, 422),
            (
                "PATCH",
                "/v1/sites/nyc-east",
                {"series_breaks": [{"month": "2026-01", "indicator": "x", "code": "x"}]},
                422,
            ),
            ("PATCH", "/v1/operators/nyc", {"k": 1}, 422),
            ("PATCH", "/v1/operators/nowhere", {"k": 20}, 404),
            ("PATCH", "/v1/sites/nowhere", {"label": "x"}, 404),
        ],
    )
    def test_what_cannot_be_is_refused_and_changes_nothing(self, admin, method, path, sent, status):
        before = [admin("GET", place).json for place in ("/v1/operators", "/v1/sites")], lines(admin)
        tag = {"If-Match": admin("GET", path).headers.get("ETag", '"x"')} if method == "PATCH" else {}
        answer = admin(method, path, json=sent, headers=tag)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
        assert ([admin("GET", place).json for place in ("/v1/operators", "/v1/sites")], lines(admin)) == before

    def test_the_sentinel_level_stands_once_there_are_reports(self, admin, doors):
        assert change(admin, "/v1/operators/nyc", {"sentinel": "none"}).status_code == 200
        assert doors("nyc")("PUT", REPORT, json=body()).status_code == 201
        answer = change(admin, "/v1/operators/nyc", {"sentinel": "site_year"})
        assert answer.status_code == 409
        assert answer.json["type"].endswith("/problems/wrong-state")
        assert change(admin, "/v1/operators/ri", {"sentinel": "site_year"}).status_code == 200

    def test_for_a_disabled_operator_nobody_acts_from_the_next_request_on(self, admin, doors, http, hub):
        nyc = doors("nyc")
        assert nyc("PUT", REPORT, json=body()).status_code == 201
        change(admin, "/v1/operators/nyc", {"disabled": True})
        assert nyc("GET", REPORT).status_code == 401
        assert [token_of_a_new_client(hub, http, operator).status_code for operator in ("nyc", "ri")] == [401, 200]
        change(admin, "/v1/operators/nyc", {"disabled": False})
        assert nyc("GET", REPORT).status_code == 200

    def test_nobody_reports_for_a_disabled_site(self, admin, doors):
        nyc = doors("nyc")
        change(admin, "/v1/sites/nyc-east", {"disabled": True})
        answer = nyc("PUT", REPORT, json=body())
        assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (409, "wrong-state")
        assert nyc("PUT", REPORT.replace("east", "north"), json=body()).status_code == 201

    @pytest.mark.parametrize("name", ["nyc", "steward", "researcher"])
    def test_nobody_else_may(self, doors, name):
        door = doors(name)
        for method, path in (("POST", "operators"), ("POST", "sites"), ("PATCH", "operators/nyc"), ("GET", "audit")):
            assert door(method, f"/v1/{path}").status_code == 403
        assert door("PATCH", "/v1/sites/nyc-east").status_code == 403


def token_of_a_new_client(hub, http, operator: str):
    """The answer to a token request of an operator's client that is made just now."""
    client = Client(f"{operator}-late", "Late", operator, frozenset(), frozenset({Scope.DATA_READ}))
    return token(http, client.id, register_client(hub, by=SYSTEM, client=client))


class TestClients:
    def test_a_client_is_registered_and_its_secret_is_told_once(self, manager, http, hub):
        nyc = manager()
        made = nyc("POST", "/v1/clients", json=NEW_CLIENT)
        assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
        assert made.headers["Location"] == "/v1/clients/nyc-second"
        secret = made.json["secret"]
        assert token(http, "nyc-second", secret).status_code == 200
        shown = nyc("GET", "/v1/clients/nyc-second")
        assert shown.headers["ETag"] == made.headers["ETag"]
        assert [one["kind"] for one in shown.json["credentials"]] == ["secret"]
        assert shown.json["credentials"][0]["last_used_at"].startswith("2026-07-15")
        everything = shown.text + nyc("GET", "/v1/clients").text
        assert secret not in everything and "sha256" not in everything

    def test_an_operators_admin_sees_and_changes_its_own_clients_alone(self, manager, doors):
        doors("nobody")
        nyc = manager()
        assert {client["operator"] for client in nyc("GET", "/v1/clients").json["items"]} == {"nyc"}
        for path in ("ri-client", "steward", "nowhere"):
            for method, rest, sent in (
                ("GET", "", None),
                ("PATCH", "", {"disabled": True}),
                ("POST", "/credentials", {}),
                ("DELETE", "/credentials/x", None),
            ):
                answer = nyc(method, f"/v1/clients/{path}{rest}", json=sent, headers={"If-Match": "*"})
                assert answer.status_code == 404, (method, path)

    @pytest.mark.parametrize(
        "more",
        [
            {"scopes": ["reports:read", "reports:review"]},
            {"scopes": ["releases:publish"]},
            {"scopes": ["clients:manage", "audit:read"]},
            {"sites": ["nyc-north"]},
            {"sites": ["nyc-east", "nyc-north"]},
            {"introspects": True},
        ],
        ids=str,
    )
    def test_nobody_gives_more_than_they_hold(self, manager, more):
        nyc = manager()
        assert nyc("POST", "/v1/clients", json={**NEW_CLIENT, **more}).status_code == 403
        assert nyc("POST", "/v1/clients", json=NEW_CLIENT).status_code == 201
        assert change(nyc, "/v1/clients/nyc-second", more).status_code == 403

    def test_an_admin_registers_no_client_of_another_operator_nor_of_the_hub(self, manager):
        nyc = manager()
        for operator, sites in (("ri", ["ri-providence"]), ("ri", []), (None, [])):
            sent = {**NEW_CLIENT, "operator": operator, "sites": sites}
            assert nyc("POST", "/v1/clients", json=sent).status_code == 403

    def test_a_client_that_may_do_more_is_not_changed_but_can_be_locked_out(self, manager, hub):
        strong = Client("strong", "S", "nyc", frozenset({"nyc-east", "nyc-north"}), OPERATOR_SCOPES)
        register_client(hub, by=SYSTEM, client=strong)
        nyc = manager()
        assert nyc("POST", "/v1/clients/strong/credentials", json={}).status_code == 403
        for changes in ({"label": "x"}, {"disabled": True, "label": "x"}, {"sites": ["nyc-east"]}, {"disabled": False}):
            assert change(nyc, "/v1/clients/strong", changes).status_code == 403
        assert change(nyc, "/v1/clients/strong", {"disabled": True}).json["disabled"] is True

    def test_what_a_client_is_limited_to_changes_with_its_next_request(self, manager, doors):
        nyc, client = manager(), doors("nyc")
        assert client("GET", REPORT).status_code == 404
        strong = change(nyc, "/v1/clients/nyc-client", {"disabled": True})
        assert strong.status_code == 200
        assert client("GET", REPORT).status_code == 401

    def test_a_change_needs_the_state_that_it_changes_and_keeps_what_it_does_not_name(self, manager):
        nyc = manager()
        made = nyc("POST", "/v1/clients", json={**NEW_CLIENT, "networks": ["192.0.2.0/24"]})
        path = made.headers["Location"]
        assert nyc("PATCH", path, json={"label": "x"}).status_code == 428
        changed = change(nyc, path, {"scopes": ["reports:read"], "expires_at": "2027-01-01T01:00:00+01:00"})
        expected = {**{name: made.json[name] for name in made.json if name != "secret"}, "scopes": ["reports:read"]}
        assert changed.json == {**expected, "expires_at": "2027-01-01T00:00:00+00:00"}
        assert change(nyc, path, {"label": "x"}, made.headers["ETag"]).status_code == 412

    def test_a_client_changes_over_to_a_new_secret(self, manager, http):
        nyc = manager()
        first = nyc("POST", "/v1/clients", json=NEW_CLIENT).json["secret"]
        (old,) = nyc("GET", "/v1/clients/nyc-second").json["credentials"]
        end = (NOON + timedelta(days=30)).isoformat()
        second = nyc("POST", "/v1/clients/nyc-second/credentials", json={"expires_at": end}).json["secret"]
        assert [token(http, "nyc-second", secret).status_code for secret in (first, second)] == [200, 200]
        gone = nyc("DELETE", f"/v1/clients/nyc-second/credentials/{old['id']}")
        assert (gone.status_code, gone.data) == (204, b"")
        assert [token(http, "nyc-second", secret).status_code for secret in (first, second)] == [401, 200]
        assert nyc("DELETE", f"/v1/clients/nyc-second/credentials/{old['id']}").status_code == 404

    @pytest.mark.parametrize(
        "wrong",
        [
            {"id": "a:b"},
            {"id": ""},
            {"sites": ["ri-providence"]},
            {"sites": []},
            {"scopes": ["everything"]},
            {"grants": []},
            {"networks": ["192.0.2.0/99"]},
            {"redirect_uris": ["http://example.org/"]},
            {"expires_at": "tomorrow"},
            {"expires_at": "2027-01-01T00:00:00"},
            {"expires_at": "0001-01-01T00:00:00+23:59"},
            {"jwks": {"keys": []}},
            {"jwks": {}},
            {"jwks": {"keys": [{"kty": "oct", "k": "AA"}]}},
            {"secret": "mine"},
            {"disabled": "yes"},
        ],
        ids=str,
    )
    def test_what_cannot_be_is_refused(self, manager, wrong):
        nyc = manager(sites=("nyc-east", "nyc-north"))
        answer = nyc("POST", "/v1/clients", json={**NEW_CLIENT, **wrong})
        assert answer.status_code == (403 if wrong.get("sites") else 422), answer.text
        assert nyc("GET", "/v1/clients/nyc-second").status_code == 404

    def test_the_same_id_twice_is_a_conflict(self, manager):
        nyc = manager()
        assert [nyc("POST", "/v1/clients", json=NEW_CLIENT).status_code for _ in range(2)] == [201, 409]


class TestAudit:
    def test_an_operators_auditor_reads_of_its_own_operators_things_alone(self, admin, manager, doors):
        for name, site in (("nyc", "nyc-east"), ("ri", "ri-providence")):
            doors(name)("PUT", f"/v1/sites/{site}/reports/2026-05", json=body())
        doors("steward")("GET", REPORT)
        nyc = manager(scopes={Scope.AUDIT_READ}, sites=())
        found = nyc("GET", "/v1/audit?limit=1000").json["items"]
        assert {line["operator"] for line in found} == {"nyc"}
        assert {(line["number"], line["sha256"]) for line in found} == {(None, None)}
        assert ("steward", "report.read", "nyc-east/2026-05/1") in {
            (i["actor"], i["action"], i["subject"]) for i in found
        }
        assert "ri-" not in str(found)
        assert nyc("GET", "/v1/audit?operator=ri").json == {"items": [], "next": None}
        everything = admin("GET", "/v1/audit?limit=1000").json["items"]
        assert {"nyc", "ri", "sf", None} <= {line["operator"] for line in everything}
        assert [line["number"] for line in everything] == list(range(len(everything), 0, -1))

    def test_lines_are_filtered_by_who_what_whose_and_when(self, admin, doors, hub):
        doors("nyc")("PUT", REPORT, json=body())
        assert lines(admin, action="report.submit") == [("nyc-client", "report.submit", "nyc-east/2026-05/1", "nyc")]
        assert {line[0] for line in lines(admin, actor="nyc-client")} == {"nyc-client"}
        assert {line[3] for line in lines(admin, operator="sf")} == {"sf"}
        day, before, after = "2026-07-15", "2026-07-14", "2026-07-16"
        assert lines(admin) == lines(admin, **{"from": day, "to": day}) == lines(admin, to=after)
        assert lines(admin, to=before) == lines(admin, **{"from": after}) == []
        assert lines(admin, to="9999-12-31") == lines(admin)
        assert lines(admin, action="' or '1'='1") == []

    def test_pages_neither_skip_nor_repeat_a_line_while_others_are_written(self, admin):
        whole = lines(admin)
        seen, cursor = [], None
        while True:
            query = {"limit": 3, **({"cursor": cursor} if cursor else {})}
            page = admin("GET", "/v1/audit", query_string=query).json
            seen += [(i["actor"], i["action"], i["subject"], i["operator"]) for i in page["items"]]
            change(admin, "/v1/operators/sf", {"label": f"SF {len(seen)}"})
            cursor = page["next"]
            if cursor is None:
                break
        assert seen == whole

    @pytest.mark.parametrize("query", ["from=2026-13-01", "limit=0", "limit=1001", "cursor=-1", "who=x", "actor=%00"])
    def test_a_wrong_query_is_refused(self, admin, query):
        assert admin("GET", f"/v1/audit?{query}").status_code == 422

    def test_no_line_holds_a_count_a_secret_or_a_token(self, admin, manager, doors, http):
        nyc, planted = manager(), ["31337", "900001", "Planted-Label"]
        sent = body(overdose_events=31337, visits_consumption=900_001)
        doors("nyc")("PUT", REPORT, json=sent)
        doors("nyc")("GET", REPORT)
        made = nyc("POST", "/v1/clients", json={**NEW_CLIENT, "label": "Planted-Label"}).json["secret"]
        more = nyc("POST", "/v1/clients/nyc-second/credentials", json={}).json["secret"]
        access = token(http, "nyc-second", made).json["access_token"]
        token(http, "nyc-second", "a-wrong-secret")
        log = admin("GET", "/v1/audit?limit=1000").text
        for word in (*planted, made, more, access, access.rpartition(".")[2], "a-wrong-secret"):
            assert word not in log
        assert "credential.add" in log and "token.issue" in log and "report.read" in log
