"""Send a report with the client that openapi-python-client makes of the document: `report.py PACKAGE REPORT.json`.

Nothing leaves the machine: a transport of our own looks at the request and answers a receipt.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from pathlib import Path

import httpx

RECEIPT = {"site": "nyc-east", "month": "2026-05", "revision": 1, "state": "submitted", "etag": '"1"', "findings": []}


def main(package: str, example: dict) -> None:
    """Import all of the package, make the report's model, send it and read the receipt."""
    generated = importlib.import_module(package)
    for module in pkgutil.walk_packages(generated.__path__, f"{package}."):
        importlib.import_module(module.name)
    models = sys.modules[f"{package}.models"]
    model = getattr(models, "ReportV" + example["dictionary"].replace(".", ""))
    report = model.from_dict(example)
    assert report.to_dict() == example
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(201, json=RECEIPT)

    client = generated.AuthenticatedClient(
        "https://hub.example", token="secret", httpx_args={"transport": httpx.MockTransport(answer)}
    )
    put_report = sys.modules[f"{package}.api.reports.put_report"]
    receipt = put_report.sync("nyc-east", "2026-05", client=client, body=report)
    assert isinstance(receipt, models.Receipt)
    assert receipt.to_dict() == RECEIPT
    (request,) = requests
    assert (request.method, request.url.path) == ("PUT", "/v1/sites/nyc-east/reports/2026-05")
    assert request.headers["Authorization"] == "Bearer secret"
    assert json.loads(request.content) == example


if __name__ == "__main__":
    main(sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))
