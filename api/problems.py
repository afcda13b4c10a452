"""What each problem means and what to do: the page behind the `type` of every problem document."""

from __future__ import annotations

from flask import Response
from markupsafe import escape

from auth.guard import public
from domain.refusals import NotFound
from openapi.blueprint import Blueprint
from openapi.problems import PROBLEMS

problems = Blueprint("problems", __name__, description="What the hub's problems mean.")

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body><main><h1>{title}</h1><p>{help}</p><p>Status {status}, code <code>{code}</code>.</p>
<p><a href="/docs">The contract</a></p></main></body>
</html>
"""
POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"


@problems.route("/problems/<slug:code>")
@public
@problems.response(200, {"type": "string"}, content_type="text/html")
def get_problem(code: str) -> Response:
    """What a problem means

    For whoever got a problem document: its `type` leads here. Says what happened and what to do about it.
    """
    if code not in PROBLEMS:
        raise NotFound("There is no such problem.")
    problem = PROBLEMS[code]
    words = {"title": escape(problem.title), "help": escape(problem.help), "status": problem.status, "code": code}
    page = Response(PAGE.format(**words), mimetype="text/html")
    page.headers["Content-Security-Policy"] = POLICY
    return page
