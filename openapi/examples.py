"""An example request and answer for every operation, from `openapi/examples/`, put into the document.

Each file is named after its operation and holds its `request` (or null) and its `answer` by media type; a test tries
every one of them against the schemas beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

METHODS = ("get", "put", "post", "delete", "patch")


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of an OpenAPI document."""
    for path in document["paths"].values():
        yield from (path[method] for method in METHODS if method in path)


def add_examples(document: dict[str, Any]) -> None:
    """Give every operation the examples that there are for it."""
    for operation in operations(document):
        example = load_example(operation["operationId"])
        if example is None:
            continue
        if example["request"] is not None:
            operation["requestBody"]["content"]["application/json"]["example"] = example["request"]
        for status, answer in operation["responses"].items():
            for media_type, content in answer.get("content", {}).items():
                if str(status).startswith("2") and media_type in example["answer"]:
                    content["example"] = example["answer"][media_type]


@cache
def load_example(operation: str) -> dict[str, Any] | None:
    """The example of one operation: `request`, and `answer` by media type; None where there is none."""
    file = files("openapi") / "examples" / f"{operation}.json"
    return json.loads(file.read_text()) if file.is_file() else None
