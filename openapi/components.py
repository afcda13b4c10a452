"""The parts of the contract that are derived from the dictionaries: cells, and a report as one of its versions."""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import make_schema_key
from marshmallow.fields import Field

from openapi.report_answers import DATA_VALUE_SET
from schemas.cells import COMPONENTS
from schemas.reports import REPORT_SCHEMAS, ReportBodySchema


def register_report(spec: APISpec, plugin: MarshmallowPlugin) -> None:
    """Document the cells, each version of the report, and its body as one of them."""
    assert plugin.converter
    plugin.converter.add_attribute_function(_reference)
    for name, component in COMPONENTS.items():
        spec.components.schema(name, component)
    names = {version: schema.__name__.removesuffix("Schema") for version, schema in REPORT_SCHEMAS.items()}
    for version, schema in REPORT_SCHEMAS.items():
        spec.components.schema(names[version], schema=schema)
    body = {
        "description": "A report under the version of the dictionary that it names. Versions will be added.",
        "oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in names.values()],
        "x-open": True,
    }
    spec.components.schema("ReportBody", body)
    spec.components.schema("DataValueSet", {**DATA_VALUE_SET})
    plugin.converter.refs[make_schema_key(ReportBodySchema())] = "ReportBody"


def _reference(_converter: Any, field: Field, **_: Any) -> dict[str, str]:
    """The component that stands for a field, where its metadata names one."""
    name = field.metadata.get("component")
    return {"$ref": f"#/components/schemas/{name}"} if name else {}
