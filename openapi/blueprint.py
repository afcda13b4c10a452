"""The blueprint of the JSON doors: a view is one function that says who may call it, and documents itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial, wraps
from typing import Any

import flask_smorest
from flask import request

from domain import refusals
from domain.refusals import Refusal
from openapi.arguments import MAX_BODY, ArgumentsParser, check_json_body
from openapi.problems import TOO_MANY_REQUESTS, problem_of, problem_of_status

View = Callable[..., Any]

SECURITY_SCHEME = "oauth2"
BODY_REFUSALS = (refusals.BodyTooLarge, refusals.UnsupportedMediaType, refusals.Unreadable)
GUARD_REFUSALS = (refusals.NotAuthenticated, refusals.Forbidden)


class Blueprint(flask_smorest.Blueprint):
    """A blueprint that takes no view without scopes, reads bodies strictly, and documents the refusals."""

    ARGUMENTS_PARSER = ArgumentsParser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(self._prepare_contract_doc)

    @staticmethod
    def refuses(*kinds: type[Refusal]) -> Callable[[View], View]:
        """Document that the view answers with these refusals, besides those that its other decorators imply."""

        def decorate(view: View) -> View:
            return _note(view, refusals=(*getattr(view, "_apidoc", {}).get("refusals", ()), *kinds))

        return decorate

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: View | None = None, *args: Any, **options: Any
    ) -> None:
        """Register a view; raises TypeError for a class, and for a function that is neither secured nor public."""
        if not callable(view_func) or isinstance(view_func, type) or len(options.get("methods", ("GET",))) != 1:
            raise TypeError("an operation is one function for one method")
        if "scopes" not in getattr(view_func, "_apidoc", {}):
            raise TypeError(f"{view_func.__name__} says neither secured nor public")
        _note(view_func, operation_id=view_func.__name__, has_path_parameters="<" in rule)
        super().add_url_rule(rule, endpoint, view_func, *args, **options)

    def arguments(
        self, schema: Any, *, location: str = "json", required: bool = True, max_bytes: int = MAX_BODY, **options: Any
    ) -> Callable[[View], View]:
        """Hand what the schema makes of the body (or the query) to the view.

        A body goes before a query in the list of decorators, so that the request is refused in the order of
        `openapi/arguments.py`. `max_bytes` and `required` are about bodies: without a body that is not required,
        the schema gets an empty object.
        """
        decorate = super().arguments(schema, location=location, required=required, **options)
        if location != "json":
            return decorate

        def decorate_body(view: View) -> View:
            parsed = decorate(view)

            @wraps(parsed)
            def checked(*args: Any, **kwargs: Any) -> Any:
                check_json_body(request, max_bytes, required)
                return parsed(*args, **kwargs)

            return checked

        return decorate_body

    def register_views_in_doc(self, api: Any, app: Any, spec: Any, **options: Any) -> None:
        """Leave it for when somebody asks for the document."""
        api.when_documented(partial(super().register_views_in_doc, api, app, spec, **options))

    @staticmethod
    def _prepare_contract_doc(doc: dict[str, Any], doc_info: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Complete the document of an operation: its id, its scopes, and every way it says no."""
        scopes = doc_info["scopes"]
        doc["operationId"] = doc_info["operation_id"]
        doc["security"] = [{SECURITY_SCHEME: [scope.value]} for scope in scopes]
        responses = doc.setdefault("responses", {})
        for refusal in _refusals(doc, doc_info):
            status = problem_of(refusal).status
            responses[status] = problem_of_status(status).name
        responses[TOO_MANY_REQUESTS.status] = TOO_MANY_REQUESTS.name
        doc["responses"] = dict(sorted(responses.items(), key=lambda item: str(item[0])))
        return doc


def _refusals(doc: dict[str, Any], doc_info: dict[str, Any]) -> Iterator[type[Refusal]]:
    yield from doc_info.get("refusals", ())
    if doc_info["scopes"]:
        yield from GUARD_REFUSALS
    if doc_info["has_path_parameters"]:
        yield refusals.NotFound
    if "arguments" in doc_info:
        yield refusals.Invalid
    if "requestBody" in doc:
        yield from BODY_REFUSALS


def _note(view: View, **facts: Any) -> View:
    vars(view)["_apidoc"] = {**getattr(view, "_apidoc", {}), **facts}
    return view
