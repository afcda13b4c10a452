"""The OpenAPI document: valid, and the same as what the application does."""

import json

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from domain.access import Scope
from openapi.api import PROBLEM_SCHEMA
from tests.openapi.conftest import make_app

PUT = "/v1/things/nyc-east/2026-05"


@pytest.fixture
def document(http) -> dict:
    return http.get("/openapi.json").json


def operations(document: dict):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method, operation


def resolved(document: dict, response: dict) -> dict:
    if "$ref" not in response:
        return response
    return document["components"]["responses"][response["$ref"].rpartition("/")[2]]


def test_the_document_is_valid_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    assert (document["info"]["title"], document["info"]["version"]) == ("Crosstally", "v1")
    OpenAPIV31SpecValidator(document).validate()


def test_the_document_is_the_same_every_time(tmp_path, document):
    other = make_app(tmp_path / "other")
    assert json.dumps(other.test_client().get("/openapi.json").json) == json.dumps(document)


def test_an_unchanged_document_is_not_sent_again(http):
    tag = http.get("/openapi.json").headers["ETag"]
    assert http.get("/openapi.json", headers={"If-None-Match": tag}).status_code == 304


def test_each_operation_is_named_after_its_function(document):
    assert {(method, path): op["operationId"] for path, method, op in operations(document)} == {
        ("put", "/v1/things/{site}/{month}"): "put_thing",
        ("get", "/v1/things/{site}/{month}"): "get_thing",
        ("get", "/v1/things"): "get_things",
        ("post", "/v1/options"): "post_options",
        ("get", "/v1/releases/{release}/{name}"): "get_file",
        ("get", "/v1/bug"): "get_bug",
    }


def test_the_scopes_documented_are_the_scopes_of_the_vocabulary(document):
    scheme = document["components"]["securitySchemes"]["oauth2"]
    flow = scheme["flows"]["clientCredentials"]
    assert scheme["type"] == "oauth2"
    assert flow["scopes"] == {str(scope): scope.description for scope in Scope}
    assert flow["tokenUrl"] == document["servers"][0]["url"] + "/oauth/token"


def test_what_is_documented_is_what_is_enforced(app, http, document):
    views = {view.__name__: view for view in app.view_functions.values()}
    for path, method, operation in operations(document):
        enforced = views[operation["operationId"]]._apidoc["scopes"]
        assert operation["security"] == [{"oauth2": [str(scope)]} for scope in enforced]
        url = path.format(site="nyc-east", month="2026-05", release="2026-07-01.1", name="x.csv")
        answer = http.open(url, method=method)
        assert (answer.status_code == 401) == bool(enforced)
        assert ({"401", "403"} <= set(operation["responses"])) == bool(enforced)
        for scope in enforced:
            assert "scope=" + json.dumps(scope) in answer.headers["WWW-Authenticate"]


def test_alternatives_are_documented_as_alternatives(document):
    get = document["paths"]["/v1/things/{site}/{month}"]["get"]
    assert get["security"] == [{"oauth2": ["reports:read"]}, {"oauth2": ["reports:review"]}]
    assert document["paths"]["/v1/things"]["get"]["security"] == []


def test_each_operation_documents_how_it_refuses(document):
    refused = {op["operationId"]: set(op["responses"]) for _, _, op in operations(document)}
    always = {"200", "429", "default"}
    assert refused["put_thing"] == always | {"400", "401", "403", "404", "409", "413", "415", "422"}
    assert refused["get_thing"] == always | {"401", "403", "404"}
    assert refused["get_things"] == always | {"422"}
    assert refused["post_options"] == always | {"400", "413", "415", "422"}
    assert refused["get_file"] == always | {"404"}
    assert refused["get_bug"] == always


def test_every_error_documented_is_a_problem_document(document):
    for _, _, operation in operations(document):
        for status, response in operation["responses"].items():
            if status != "200":
                content = resolved(document, response)["content"]
                assert list(content) == ["application/problem+json"]
                assert content["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_the_headers_of_errors_are_documented(document):
    responses = document["components"]["responses"]
    assert "WWW-Authenticate" in responses["NotAuthenticated"]["headers"]
    assert "WWW-Authenticate" in responses["Forbidden"]["headers"]
    assert "Retry-After" in responses["TooManyRequests"]["headers"]


def test_no_component_is_there_for_nothing(document):
    text = json.dumps({name: part for name, part in document.items()})
    for section in ("schemas", "responses"):
        for name in document["components"][section]:
            assert f'"#/components/{section}/{name}"' in text


def test_problems_have_the_documented_shape(http):
    from jsonschema import Draft202012Validator

    for url in ("/v1/nowhere", PUT, "/v1/things?citty=1", "/v1/bug"):
        Draft202012Validator(PROBLEM_SCHEMA).validate(http.get(url).json)


def test_path_parameters_carry_their_patterns(document):
    parameters = {
        parameter["name"]: parameter["schema"]
        for item in document["paths"].values()
        for parameter in item.get("parameters", [])
    }
    assert parameters["site"]["pattern"] == "^[a-z0-9]+(?:-[a-z0-9]+)*$"
    assert parameters["site"]["maxLength"] == 64
    assert set(parameters) == {"site", "month", "release", "name"}
    assert all(schema["pattern"] and schema["examples"] for schema in parameters.values())


def test_query_parameters_are_documented_with_their_patterns(document):
    parameters = {p["name"]: p for p in document["paths"]["/v1/things"]["get"]["parameters"]}
    assert parameters["period"]["schema"]["pattern"] == "^[0-9]{4}$"
    assert parameters["city"]["explode"] is True


def test_a_variant_of_a_schema_is_written_out_in_place(document):
    names = set(document["components"]["schemas"])
    assert {"Thing", "Part", "Options", "Problem"} == names
    content = document["paths"]["/v1/things"]["get"]["responses"]["200"]["content"]["application/json"]
    assert set(content["schema"]["properties"]) == {"label"}


def test_no_documentation_page_is_promised(http):
    assert http.get("/swagger-ui").status_code == 404
