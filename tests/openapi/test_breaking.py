"""What breaks the clients of the released contract is found and named; what doesn't is let through."""

from __future__ import annotations

import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from openapi.breaking import breaking_changes, main
from openapi.breaking_schemas import SchemaComparison
from openapi.breaking_shapes import Document, Part, node

DROP = object()
TEXT = {"type": "string"}
PROBLEM = {
    "description": "Refused.",
    "headers": {"Retry-After": {"schema": {"type": "integer"}, "required": True}},
    "content": {
        "application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": {"type": "https://hub.example/problems/wrong-state"},
            "examples": {
                "other": {"value": {"type": "https://hub.example/problems/conflict"}},
                "shared": {"$ref": "#/components/examples/FourEyes"},
            },
        }
    },
}
ORDER = {
    "type": "object",
    "required": ["size"],
    "additionalProperties": False,
    "properties": {
        "size": {"$ref": "#/components/schemas/Size"},
        "days": {"type": "integer", "minimum": 1, "maximum": 31},
        "note": {"type": ["string", "null"], "maxLength": 10},
        "code": {"type": "string", "pattern": "^[a-z]+$", "format": "slug"},
        "hours": {"type": "number"},
        "tags": {"type": "array", "items": TEXT, "minItems": 1, "maxItems": 5},
        "labels": {"type": "object", "additionalProperties": TEXT},
        "rush": {"type": "boolean", "default": False},
        "cell": {"$ref": "#/components/schemas/Cell"},
        "extra": {"type": "object", "properties": {"a": TEXT}},
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}},
        "base": {"allOf": [{"$ref": "#/components/schemas/Range"}, {"required": ["low"]}]},
    },
}
THING = {
    "type": "object",
    "required": ["id", "state", "value"],
    "properties": {
        "id": TEXT,
        "state": {"type": "string", "enum": ["new", "done"]},
        "kind": {"type": "string", "enum": ["a", "b"], "x-open": True},
        "value": {"type": "integer", "maximum": 100},
        "child": {"anyOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "null"}]},
        "form": {"oneOf": [{"$ref": "#/components/schemas/FormV1"}], "x-open": True},
        "cell": {"oneOf": [{"type": "integer"}, {"type": "object", "required": ["lt"], "properties": {"lt": TEXT}}]},
        "fixed": {"type": "object", "additionalProperties": False, "properties": {"a": TEXT}},
        "scores": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}
CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "v1"},
    "paths": {
        "/things": {
            "parameters": [{"$ref": "#/components/parameters/Trace"}],
            "get": {
                "operationId": "get_things",
                "security": [],
                "parameters": [
                    {"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 100}},
                    {"in": "query", "name": "state", "schema": {"type": "string", "enum": ["new", "done"]}},
                    {"in": "query", "name": "where", "content": {"application/json": {"schema": TEXT}}},
                ],
                "responses": {
                    "200": {
                        "description": "The things.",
                        "headers": {"ETag": {"schema": TEXT}},
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
                            },
                            "text/csv": {"schema": TEXT},
                        },
                    },
                    "304": {"description": "Unchanged."},
                    "409": {"$ref": "#/components/responses/Problem"},
                },
            },
            "post": {
                "operationId": "post_thing",
                "security": [{"oauth2": ["write"]}, {"oauth2": ["admin"]}],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Order"}},
                        "text/plain": {"schema": TEXT},
                    }
                },
                "responses": {
                    "201": {"description": "Made.", "content": {"application/json": {"schema": {}}}},
                    "409": {"$ref": "#/components/responses/Problem"},
                },
            },
        },
        "/ping": {"get": {"operationId": "ping", "security": [], "responses": {"204": {"description": "Pong."}}}},
    },
    "components": {
        "examples": {"FourEyes": {"value": {"type": "https://hub.example/problems/four-eyes"}}},
        "parameters": {"Trace": {"in": "header", "name": "Trace", "schema": TEXT}},
        "responses": {"Problem": PROBLEM},
        "schemas": {
            "Order": ORDER,
            "Thing": THING,
            "Size": {"type": "string", "enum": ["s", "m", "l"]},
            "Cell": {
                "oneOf": [
                    {"type": "integer", "minimum": 0},
                    {"type": "object", "required": ["lt"], "properties": {"lt": {"type": "integer"}}},
                    {"type": "object", "required": ["status"], "properties": {"status": TEXT}},
                ]
            },
            "FormV1": {"type": "object", "properties": {"version": {"const": 1}}},
            "Range": {"type": "object", "properties": {"low": {"type": "integer"}, "high": {"type": "integer"}}},
            "Problem": {"type": "object", "required": ["type"], "properties": {"type": TEXT, "detail": TEXT}},
        },
        "securitySchemes": {
            "oauth2": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": "https://hub.example/token",
                        "scopes": {"write": "", "admin": "", "read": ""},
                    },
                    "password": {"tokenUrl": "https://hub.example/token", "scopes": {}},
                },
            }
        },
    },
}
GET, POST, PING = "GET /things", "POST /things", "GET /ping"
SCHEMAS, ORDERS, THINGS = "/components/schemas", "/components/schemas/Order", "/components/schemas/Thing"
GETTING, POSTING = "/paths/~1things/get", "/paths/~1things/post"
BODY = f"{POSTING}/requestBody"
OK = f"{GETTING}/responses/200"
FLOWS = "/components/securitySchemes/oauth2/flows"


def changed(edits: dict[str, object], contract: dict = CONTRACT) -> dict:
    """The contract with what stands at JSON pointers replaced, added (`/-` appends), or dropped."""
    made = json.loads(json.dumps(contract))
    for pointer, value in edits.items():
        *above, last = (key.replace("~1", "/") for key in pointer.split("/")[1:])
        holder = made
        for key in above:
            holder = holder[int(key) if isinstance(holder, list) else key]
        if isinstance(holder, list):
            holder[len(holder) if last == "-" else int(last) :] = [value] if value is not DROP else []
        elif value is DROP:
            del holder[last]
        else:
            holder[last] = value
    return made


BREAKING = [
    # What is changed, and the message: what, where, whom.
    ({"/paths/~1ping": DROP}, "path removed", "/paths/~1ping", PING),
    ({POSTING: DROP}, "operation removed", POSTING, POST),
    ({f"{GETTING}/operationId": "list"}, "operationId changed from get_things to list", GETTING, GET),
    # Parameters
    ({f"{GETTING}/parameters/2": DROP}, "query parameter where removed", f"{GETTING}/parameters/2", GET),
    (
        {"/paths/~1things/parameters": []},
        "header parameter Trace removed",
        "/components/parameters/Trace",
        f"{GET}, {POST}",
    ),
    (
        {f"{GETTING}/parameters/0/required": True},
        "query parameter limit made required",
        f"{GETTING}/parameters/0",
        GET,
    ),
    (
        {f"{GETTING}/parameters/-": {"in": "query", "name": "by", "required": True, "schema": TEXT}},
        "required query parameter by added",
        f"{GETTING}/parameters/3",
        GET,
    ),
    (
        {f"{GETTING}/parameters/0/in": "header"},
        "parameter limit moved from query to header",
        f"{GETTING}/parameters/0",
        GET,
    ),
    (
        {f"{GETTING}/parameters/1/explode": False},
        "query parameter state written differently (style, explode)",
        f"{GETTING}/parameters/1",
        GET,
    ),
    (
        {f"{GETTING}/parameters/0/schema/type": "boolean"},
        "request type changed from integer to boolean (query parameter limit)",
        f"{GETTING}/parameters/0/schema",
        GET,
    ),
    (
        {f"{GETTING}/parameters/0/schema/maximum": 50},
        "request maximum lowered from 100 to 50 (query parameter limit)",
        f"{GETTING}/parameters/0/schema",
        GET,
    ),
    (
        {f"{GETTING}/parameters/1/schema/enum": ["new"]},
        'request enum narrowed, without "done" (query parameter state)',
        f"{GETTING}/parameters/1/schema",
        GET,
    ),
    (
        {f"{GETTING}/parameters/2/content/application~1json/schema": {"type": "integer"}},
        "request type changed from string to integer (query parameter where)",
        f"{GETTING}/parameters/2/content/application~1json/schema",
        GET,
    ),
    # Request bodies
    ({BODY: DROP}, "request body removed", BODY, POST),
    ({f"{BODY}/required": True}, "request body made required", BODY, POST),
    (
        {f"{GETTING}/requestBody": {"required": True, "content": {}}},
        "required request body added",
        f"{GETTING}/requestBody",
        GET,
    ),
    (
        {f"{BODY}/content/text~1plain": DROP},
        "request media type text/plain removed",
        f"{BODY}/content/text~1plain",
        POST,
    ),
    (
        {f"{ORDERS}/properties/new": TEXT, f"{ORDERS}/required": ["size", "new"]},
        "request required property new added",
        f"{ORDERS}/properties/new",
        POST,
    ),
    (
        {f"{ORDERS}/required": ["size", "days"]},
        "request property days made required",
        f"{ORDERS}/properties/days",
        POST,
    ),
    (
        {f"{ORDERS}/properties/base/allOf/1/required": ["low", "high"]},
        "request property high made required",
        f"{SCHEMAS}/Range/properties/high",
        POST,
    ),
    ({f"{ORDERS}/properties/days": DROP}, "request property days removed", f"{ORDERS}/properties/days", POST),
    (
        {f"{SCHEMAS}/Range/properties/high": DROP},
        "request property high removed",
        f"{SCHEMAS}/Range/properties/high",
        POST,
    ),
    (
        {f"{ORDERS}/properties/hours/type": "integer"},
        "request type changed from number to integer",
        f"{ORDERS}/properties/hours",
        POST,
    ),
    (
        {f"{ORDERS}/properties/note/type": "string"},
        "request type null no longer accepted",
        f"{ORDERS}/properties/note",
        POST,
    ),
    ({f"{SCHEMAS}/Size/enum": ["s", "m"]}, 'request enum narrowed, without "l"', f"{SCHEMAS}/Size", POST),
    ({f"{ORDERS}/properties/code/enum": ["a"]}, 'request enum added: "a"', f"{ORDERS}/properties/code", POST),
    ({f"{ORDERS}/properties/code/const": "a"}, 'request enum added: "a"', f"{ORDERS}/properties/code", POST),
    (
        {f"{ORDERS}/properties/days/maximum": 30},
        "request maximum lowered from 31 to 30",
        f"{ORDERS}/properties/days",
        POST,
    ),
    (
        {f"{ORDERS}/properties/days/minimum": 2},
        "request minimum raised from 1 to 2",
        f"{ORDERS}/properties/days",
        POST,
    ),
    (
        {f"{ORDERS}/properties/note/maxLength": 9},
        "request maxLength lowered from 10 to 9",
        f"{ORDERS}/properties/note",
        POST,
    ),
    ({f"{ORDERS}/properties/note/minLength": 1}, "request minLength added: 1", f"{ORDERS}/properties/note", POST),
    (
        {f"{ORDERS}/properties/tags/maxItems": 4},
        "request maxItems lowered from 5 to 4",
        f"{ORDERS}/properties/tags",
        POST,
    ),
    (
        {f"{ORDERS}/properties/tags/uniqueItems": True},
        "request uniqueItems added: true",
        f"{ORDERS}/properties/tags",
        POST,
    ),
    (
        {f"{ORDERS}/properties/tags/items": {"type": "integer"}},
        "request type changed from string to integer",
        f"{ORDERS}/properties/tags/items",
        POST,
    ),
    (
        {f"{ORDERS}/properties/code/pattern": "^[a-f]+$"},
        'request pattern changed from "^[a-z]+$" to "^[a-f]+$"',
        f"{ORDERS}/properties/code",
        POST,
    ),
    (
        {f"{ORDERS}/properties/code/format": "uuid"},
        'request format changed from "slug" to "uuid"',
        f"{ORDERS}/properties/code",
        POST,
    ),
    (
        {f"{ORDERS}/properties/hours/multipleOf": 0.5},
        "request multipleOf added: 0.5",
        f"{ORDERS}/properties/hours",
        POST,
    ),
    (
        {f"{ORDERS}/properties/hours/not": {"const": 0}},
        'request not added: {"const": 0}',
        f"{ORDERS}/properties/hours",
        POST,
    ),
    (
        {f"{ORDERS}/properties/rush/default": True},
        "request default changed from false to true",
        f"{ORDERS}/properties/rush",
        POST,
    ),
    (
        {f"{ORDERS}/properties/extra/additionalProperties": False},
        "request additionalProperties closed",
        f"{ORDERS}/properties/extra",
        POST,
    ),
    (
        {f"{ORDERS}/properties/labels/additionalProperties": {"type": "string", "maxLength": 3}},
        "request maxLength added: 3",
        f"{ORDERS}/properties/labels/additionalProperties",
        POST,
    ),
    ({f"{SCHEMAS}/Cell/oneOf/2": DROP}, "request alternative status removed", f"{SCHEMAS}/Cell/oneOf/2", POST),
    (
        {f"{SCHEMAS}/Cell/oneOf/0/minimum": 1},
        "request minimum raised from 0 to 1",
        f"{SCHEMAS}/Cell/oneOf/0",
        POST,
    ),
    # Answers
    ({f"{GETTING}/responses/304": DROP}, "response 304 removed", f"{GETTING}/responses/304", GET),
    (
        {f"{OK}/content/text~1csv": DROP},
        "response media type text/csv removed",
        f"{OK}/content/text~1csv",
        GET,
    ),
    ({f"{OK}/headers": {}}, "response header ETag removed", f"{OK}/headers/ETag", GET),
    (
        {f"{OK}/headers/ETag/schema": {"type": "integer"}},
        "response type changed from string to integer (header ETag)",
        f"{OK}/headers/ETag/schema",
        GET,
    ),
    (
        {"/components/responses/Problem/headers/Retry-After/required": False},
        "response header Retry-After no longer required",
        "/components/responses/Problem/headers/Retry-After",
        f"{GET}, {POST}",
    ),
    ({f"{THINGS}/properties/kind": DROP}, "response property kind removed", f"{THINGS}/properties/kind", GET),
    (
        {f"{THINGS}/required": ["id", "state"]},
        "response property value no longer required",
        f"{THINGS}/properties/value",
        GET,
    ),
    (
        {f"{THINGS}/properties/value/type": "number"},
        "response type changed from integer to number",
        f"{THINGS}/properties/value",
        GET,
    ),
    (
        {f"{THINGS}/properties/value/type": ["integer", "string"]},
        "response type string may now be answered",
        f"{THINGS}/properties/value",
        GET,
    ),
    (
        {f"{THINGS}/properties/id/type": ["string", "null"]},
        "response type null may now be answered",
        f"{THINGS}/properties/id",
        GET,
    ),
    (
        {f"{THINGS}/properties/state/enum": ["new", "done", "lost"]},
        'response enum widened, with "lost"',
        f"{THINGS}/properties/state",
        GET,
    ),
    (
        {f"{THINGS}/properties/state/enum": DROP},
        'response enum removed: "done", "new"',
        f"{THINGS}/properties/state",
        GET,
    ),
    (
        {f"{THINGS}/properties/value/maximum": 101},
        "response maximum raised from 100 to 101",
        f"{THINGS}/properties/value",
        GET,
    ),
    (
        {f"{THINGS}/properties/value/maximum": DROP},
        "response maximum removed: 100",
        f"{THINGS}/properties/value",
        GET,
    ),
    (
        {f"{THINGS}/properties/cell/oneOf/-": {"type": "object", "properties": {"status": TEXT}}},
        "response alternative status added",
        f"{THINGS}/properties/cell/oneOf/2",
        GET,
    ),
    (
        {f"{THINGS}/properties/fixed/properties/b": TEXT},
        "response property b added to a closed object",
        f"{THINGS}/properties/fixed/properties/b",
        GET,
    ),
    (
        {f"{THINGS}/properties/fixed/additionalProperties": True},
        "response additionalProperties opened",
        f"{THINGS}/properties/fixed",
        GET,
    ),
    (
        {f"{THINGS}/properties/scores/properties": {"sum": TEXT}},
        "response type changed from integer to string",
        f"{THINGS}/properties/scores/additionalProperties",
        GET,
    ),
    (
        {f"{SCHEMAS}/FormV1/properties/version/const": 2},
        "response enum widened, with 2",
        f"{SCHEMAS}/FormV1/properties/version",
        GET,
    ),
    (
        {f"{SCHEMAS}/Problem/properties/detail": DROP},
        "response property detail removed",
        f"{SCHEMAS}/Problem/properties/detail",
        f"{GET}, {POST}",
    ),
    (
        {"/components/examples/FourEyes/value/type": "https://hub.example/problems/two-people"},
        "problem code four-eyes removed",
        "/components/responses/Problem/content/application~1problem+json",
        "every client that knows the code",
    ),
    # Security
    ({f"{GETTING}/security": [{"oauth2": []}]}, "public operation secured", f"{GETTING}/security", GET),
    (
        {f"{POSTING}/security/0/oauth2": ["write", "read"]},
        "scope read added",
        f"{POSTING}/security",
        POST,
    ),
    (
        {f"{POSTING}/security": [{"oauth2": ["write"]}]},
        "security alternative oauth2 admin removed",
        f"{POSTING}/security",
        POST,
    ),
    (
        {f"{FLOWS}/password": DROP},
        "security scheme oauth2: flow password removed",
        f"{FLOWS}/password",
        "every operation secured by it",
    ),
    (
        {f"{FLOWS}/clientCredentials/scopes/read": DROP},
        "security scheme oauth2: scope read removed",
        f"{FLOWS}/clientCredentials/scopes",
        "every operation secured by it",
    ),
    (
        {"/components/securitySchemes/oauth2/type": "openIdConnect"},
        "security scheme oauth2: type changed",
        "/components/securitySchemes/oauth2",
        "every operation secured by it",
    ),
]
HARMLESS = {
    "a new path": {"/paths/~1new": {"get": {"responses": {"200": {"description": "New."}}}}},
    "a new operation": {"/paths/~1ping/post": {"responses": {"200": {"description": "New."}}}},
    "a new optional parameter": {f"{GETTING}/parameters/-": {"in": "query", "name": "by", "schema": TEXT}},
    "a new optional property of a request": {f"{ORDERS}/properties/new": TEXT},
    "a property of a request no longer required": {f"{ORDERS}/required": []},
    "a higher maximum in a request": {f"{ORDERS}/properties/days/maximum": 40},
    "a lower minimum in a request": {f"{ORDERS}/properties/days/minimum": 0},
    "no limit any more in a request": {f"{ORDERS}/properties/note/maxLength": DROP},
    "no pattern any more in a request": {f"{ORDERS}/properties/code/pattern": DROP},
    "a longer enum in a request": {f"{SCHEMAS}/Size/enum": ["s", "m", "l", "xl"]},
    "null accepted": {f"{ORDERS}/properties/days/type": ["integer", "null"]},
    "a wider type in a request": {f"{ORDERS}/properties/days/type": "number"},
    "whole numbers where two decimals are accepted now": {
        f"{ORDERS}/properties/days": {"type": "number", "minimum": 1, "multipleOf": 0.01}
    },
    "a new alternative in a request": {f"{SCHEMAS}/Cell/oneOf/-": {"type": "string"}},
    "an object of a request opened": {f"{ORDERS}/additionalProperties": DROP},
    "a minimum length of nought": {f"{ORDERS}/properties/note/minLength": 0},
    "another media type accepted": {f"{BODY}/content/text~1csv": {"schema": TEXT}},
    "a default where there was none": {f"{ORDERS}/properties/days/default": 1},
    "the same nullable type in other words": {
        f"{ORDERS}/properties/note": {"anyOf": [{"type": "string", "maxLength": 10}, {"type": "null"}]}
    },
    "the same schema written in place": {f"{ORDERS}/properties/size": {"type": "string", "enum": ["l", "m", "s"]}},
    "the same schema wrapped": {f"{ORDERS}/properties/cell": {"allOf": [{"$ref": "#/components/schemas/Cell"}]}},
    "alternatives in another order": {
        f"{SCHEMAS}/Cell/oneOf": CONTRACT["components"]["schemas"]["Cell"]["oneOf"][::-1]
    },
    "a new property of an answer": {f"{THINGS}/properties/new": TEXT},
    "a new required property of an answer": {f"{THINGS}/properties/new": TEXT, f"{THINGS}/required/-": "new"},
    "a property of an answer always there now": {f"{THINGS}/required/-": "kind"},
    "an answer of fewer values": {f"{THINGS}/properties/state/enum": ["done"]},
    "an answer within narrower limits": {f"{THINGS}/properties/value/maximum": 99},
    "a new value of an open enum": {f"{THINGS}/properties/kind/enum": ["a", "b", "c"]},
    "a new alternative of an open choice": {
        f"{SCHEMAS}/FormV2": {"type": "object", "properties": {"version": {"const": 2}}},
        f"{THINGS}/properties/form/oneOf/-": {"$ref": "#/components/schemas/FormV2"},
    },
    "a new property that is like the others": {f"{THINGS}/properties/scores/properties": {"sum": {"type": "integer"}}},
    "a new answer": {f"{GETTING}/responses/202": {"description": "Later."}},
    "a refusal that happens no more": {f"{GETTING}/responses/409": DROP},
    "a new media type of an answer": {f"{OK}/content/text~1html": {"schema": TEXT}},
    "a new header, and another spelling of one": {
        f"{OK}/headers": {"etag": {"schema": TEXT}, "Link": {"schema": TEXT}}
    },
    "a description": {f"{GETTING}/description": "Everything.", f"{ORDERS}/properties/days/description": "Days."},
    "an example": {f"{ORDERS}/properties/days/examples": [3], f"{OK}/content/text~1csv/example": "a,b"},
    "a summary and a tag": {f"{GETTING}/summary": "All", f"{GETTING}/tags": ["things"]},
    "an operation marked as deprecated": {f"{GETTING}/deprecated": True},
    "a new scope alternative": {f"{POSTING}/security/-": {"oauth2": ["read"]}},
    "a scope less": {f"{POSTING}/security/1/oauth2": []},
    "a secured operation made public": {f"{POSTING}/security": []},
    "a new problem code": {"/components/examples/FourEyes/summary": "Four eyes", "/components/responses/New": PROBLEM},
    "a new scope in the flow": {f"{FLOWS}/clientCredentials/scopes/audit": ""},
    "another server": {"/servers": [{"url": "https://elsewhere.example"}]},
}


def test_identical_documents_break_nothing():
    assert breaking_changes(CONTRACT, deepcopy(CONTRACT)) == []


@pytest.mark.parametrize(("edits", "what", "place", "whom"), BREAKING, ids=[row[1] for row in BREAKING])
def test_a_breaking_change_is_found_and_named(edits: dict, what: str, place: str, whom: str):
    assert f"{what}, at #{place}: {whom}" in breaking_changes(CONTRACT, changed(edits))


@pytest.mark.parametrize("edits", [row[0] for row in BREAKING], ids=[row[1] for row in BREAKING])
def test_a_breaking_change_is_found_once(edits: dict):
    assert len(breaking_changes(CONTRACT, changed(edits))) == 1


@pytest.mark.parametrize("edits", HARMLESS.values(), ids=HARMLESS)
def test_a_harmless_change_is_let_through(edits: dict):
    after = changed(edits)
    assert after != CONTRACT
    assert breaking_changes(CONTRACT, after) == []


def test_a_schema_shared_by_request_and_answer_is_judged_in_both():
    shared = changed(
        {f"{POSTING}/responses/201/content/application~1json/schema": {"$ref": "#/components/schemas/Size"}}
    )
    wider, narrower = (
        changed({f"{SCHEMAS}/Size/enum": sizes}, shared) for sizes in (["s", "m", "l", "xl"], ["s", "m"])
    )
    place = "#/components/schemas/Size"
    assert breaking_changes(shared, wider) == [f'response enum widened, with "xl", at {place}: {POST}']
    assert breaking_changes(shared, narrower) == [f'request enum narrowed, without "l", at {place}: {POST}']


def test_many_operations_that_meet_one_break_are_counted():
    paths = {
        f"/paths/~1more{n}": {"get": {"responses": {"409": {"$ref": "#/components/responses/Problem"}}}}
        for n in range(3)
    }
    before = changed(paths)
    (message,) = breaking_changes(before, changed({f"{SCHEMAS}/Problem/properties/detail": DROP}, before))
    assert message.endswith(f": {GET}, {POST}, GET /more0 and 2 more")


def test_a_version_that_goes_is_an_alternative_removed_even_if_the_others_look_alike():
    two = {
        f"{SCHEMAS}/FormV2": {"type": "object", "properties": {"version": {"const": 2}}},
        f"{ORDERS}/properties/form": {"oneOf": [{"$ref": f"#{SCHEMAS}/FormV1"}, {"$ref": f"#{SCHEMAS}/FormV2"}]},
    }
    before = changed(two)
    after = changed({f"{ORDERS}/properties/form/oneOf/0": DROP}, before)
    after["components"]["schemas"]["Order"]["properties"]["form"]["oneOf"] = [{"$ref": f"#{SCHEMAS}/FormV2"}]
    assert breaking_changes(before, after) == [f"request alternative FormV1 removed, at #{SCHEMAS}/FormV1: {POST}"]


def test_a_schema_that_contains_itself_is_compared_all_the_way():
    deep = {"type": "object", "properties": {"left": {"$ref": f"#{SCHEMAS}/Tree"}, "leaf": {"type": "integer"}}}
    before = changed({f"{SCHEMAS}/Tree": deep, f"{ORDERS}/properties/tree": {"$ref": f"#{SCHEMAS}/Tree"}})
    unrolled = {**deep, "properties": {"left": deep, "leaf": {"type": "integer"}}}
    narrower = {**deep, "properties": {**deep["properties"], "leaf": {"type": "integer", "maximum": 9}}}
    assert breaking_changes(before, changed({f"{SCHEMAS}/Tree": unrolled}, before)) == []
    (message,) = breaking_changes(before, changed({f"{SCHEMAS}/Tree": narrower}, before))
    assert message == f"request maximum added: 9, at #{SCHEMAS}/Tree/properties/leaf: {POST}"


def test_a_schema_that_is_only_itself_says_nothing():
    schemas = {
        f"{SCHEMAS}/Ring": {"allOf": [{"$ref": f"#{SCHEMAS}/Ring"}]},
        f"{ORDERS}/properties/ring": {"$ref": f"#{SCHEMAS}/Ring"},
    }
    assert breaking_changes(changed(schemas), changed({**schemas, f"{SCHEMAS}/Ring": {}})) == []


@pytest.mark.parametrize("reference", ["#/components/schemas/Nobody", "other.json#/Thing", "#/paths/0/x"])
def test_a_reference_that_leads_nowhere_is_an_error(reference: str):
    with pytest.raises(ValueError, match="leads nowhere"):
        breaking_changes(CONTRACT, changed({f"{ORDERS}/properties/size": {"$ref": reference}}))


# Schemas and values of one small world, in which a validator can be asked about everything.
leaves = st.one_of(
    st.just({}),
    st.builds(
        lambda kind: {"type": kind}, st.sampled_from(["null", "boolean", "string", "number", ["integer", "null"]])
    ),
    st.builds(
        lambda low, high: {"type": "integer", "minimum": low, "exclusiveMaximum": high},
        st.integers(-1, 1),
        st.integers(1, 3),
    ),
    st.builds(
        lambda values: {"enum": values}, st.lists(st.sampled_from([0, 1, "a", None, True]), min_size=1, unique_by=repr)
    ),
    st.builds(
        lambda low, high: {"type": "string", "minLength": low, "maxLength": high}, st.integers(0, 1), st.integers(1, 2)
    ),
)
closed = {"type": "object", "additionalProperties": False}


def _nested(inner: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(
        st.builds(lambda a, b: {**closed, "properties": {"p": a, "q": b}, "required": ["q"]}, inner, inner),
        st.builds(lambda a: {**closed, "properties": {"p": a}}, inner),
        st.builds(lambda a: {"type": "array", "items": a, "maxItems": 1}, inner),
        st.builds(lambda word, a, b: {word: [a, b]}, st.sampled_from(["anyOf", "allOf"]), inner, inner),
    )


schemas = st.recursive(leaves, _nested, max_leaves=4)
ATOMS = [None, True, False, -1, 0, 1, 2, 3, 0.5, "", "a", "ab", "abc"]
SMALL = [*ATOMS, [], *([a] for a in ATOMS), {}, *({"p": a} for a in ATOMS), *({"q": a} for a in ATOMS)]
WORLD = [*SMALL, *({"p": a, "q": b} for a in ATOMS for b in ATOMS), *({"p": a} for a in SMALL), *([a] for a in SMALL)]


def accepted(schema: dict) -> set[str]:
    validator = Draft202012Validator(schema)
    return {json.dumps(value) for value in WORLD if validator.is_valid(value)}


@settings(deadline=None)
@given(schemas, schemas)
def test_where_nothing_is_found_nothing_is_refused_that_was_accepted(old: dict, new: dict):
    nodes = node(Part(old, "#")), node(Part(new, "#"))
    if not SchemaComparison(Document(old), Document(new), "request").compare(*nodes):
        assert accepted(old) <= accepted(new)


@settings(deadline=None)
@given(schemas, schemas)
def test_where_nothing_is_found_nothing_new_is_answered(old: dict, new: dict):
    nodes = node(Part(old, "#")), node(Part(new, "#"))
    if not SchemaComparison(Document(old), Document(new), "response").compare(*nodes):
        assert accepted(new) <= accepted(old)


@given(schemas)
def test_a_schema_always_fits_itself(schema: dict):
    copy = deepcopy(schema)
    for way in ("request", "response"):
        comparison = SchemaComparison(Document(schema), Document(copy), way)
        assert comparison.compare(node(Part(schema, "#")), node(Part(copy, "#"))) == []


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    documents = {"released": CONTRACT, "same": CONTRACT, "broken": changed({"/paths/~1ping": DROP}), "list": []}
    for name, document in documents.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    (tmp_path / "torn.json").write_text("{")
    return {name: str(tmp_path / f"{name}.json") for name in (*documents, "torn", "missing")}


def test_the_command_prints_what_breaks_and_fails(files: dict, capsys: pytest.CaptureFixture):
    assert main([files["broken"], "--released", files["released"]]) == 1
    assert capsys.readouterr().out == f"path removed, at #/paths/~1ping: {PING}\n"


def test_the_command_succeeds_where_nothing_breaks(files: dict, capsys: pytest.CaptureFixture):
    assert main([files["same"], "--released", files["released"]]) == 0
    assert capsys.readouterr().out == "Nothing breaks.\n"


@pytest.mark.parametrize(
    ("name", "words"), [("missing", "there is no"), ("torn", "is not JSON"), ("list", "is not an OpenAPI 3.1 document")]
)
def test_the_command_says_what_is_wrong_with_a_file(files: dict, capsys: pytest.CaptureFixture, name: str, words: str):
    with pytest.raises(SystemExit) as stop:
        main([files["same"], "--released", files[name]])
    assert stop.value.code == 2
    assert words in capsys.readouterr().err
    assert capsys.readouterr().out == ""


def test_the_command_runs_by_itself_and_without_the_web_framework(files: dict):
    guard = "import sys; sys.modules['flask'] = None; from openapi.breaking import main; sys.exit(main())"
    command = [sys.executable, "-c", guard, files["broken"], "--released", files["released"]]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert (done.returncode, done.stdout, done.stderr) == (1, f"path removed, at #/paths/~1ping: {PING}\n", "")
