"""The report as sent, derived from the dictionary: one schema per version, closed to anything it does not name.

A body is read by the schema of the version that it names, compiled, into a domain Report. Where anything is wrong,
the schemas themselves say what and where: ReportBodySchema which version it names, that version's the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import INCLUDE, Schema, ValidationError, fields, post_load, validate

from domain.dictionary import Binding, Dictionary, Indicator
from domain.load_dictionary import shipped_dictionaries
from domain.report import About, PartialMonth, Report, Tally
from schemas.aggregate_only import AggregateOnly
from schemas.cells import CellField
from schemas.compiled import NOT_RIGHT, compile_schema
from schemas.fields import TrueOrFalse, WholeNumber


def _code(codes: tuple[str, ...], *, required: bool = True) -> fields.String:
    return fields.String(required=required, validate=validate.OneOf(codes))


def _named(name: str, members: Mapping[str, fields.Field], base: type[Schema] = Schema) -> type[Schema]:
    return type(f"{name}Schema", (base,), dict(members))


def _camel(text: str) -> str:
    return "".join(part.capitalize() for part in text.replace(".", "_").split("_"))


class _PartialMonth(Schema):
    first_day = WholeNumber(required=True, validate=validate.Range(1, 31))
    last_day = WholeNumber(required=True, validate=validate.Range(1, 31))

    @post_load
    def build(self, data: dict, **kwargs: object) -> PartialMonth:
        """Turn the days and the reason into the domain's PartialMonth."""
        try:
            return PartialMonth(**data)
        except ValueError:
            raise ValidationError("The first day is not after the last.", "last_day") from None


class _About(Schema):
    provisional = TrueOrFalse(required=True)

    @post_load
    def build(self, data: dict, **kwargs: object) -> About:
        """Turn the codes into the domain's About."""
        return About(**data)


class _Tally(Schema):
    @post_load
    def build(self, data: dict, **kwargs: object) -> Tally:
        """Turn total and breakdowns into the domain's Tally."""
        return Tally(data["total"], data.get("by", {}))


class _Report(Schema):
    @post_load
    def build(self, data: dict, **kwargs: object) -> Report:
        """Turn the whole body into the domain's Report."""
        acknowledged = {(entry["rule"], entry["reason"]) for entry in data.pop("acknowledged", [])}
        return Report(**data, acknowledged=tuple(sorted(acknowledged)))


def _about_schema(dictionary: Dictionary, suffix: str) -> type[Schema]:
    lists = ("visit_basis", "unique_method", "unique_scope", "ems_policy", "overdose_definition")
    reason = {"reason": _code(dictionary.code_list("partial_month_reason"))}
    partial = _named(f"PartialMonth{suffix}", reason, _PartialMonth)
    members = {name: _code(dictionary.code_list(name)) for name in lists}
    nullable = fields.Nested(partial, required=True, allow_none=True)
    return _named(f"About{suffix}", {**members, "partial_month": nullable}, _About)


def _breakdown_schema(indicator: Indicator, binding: Binding, suffix: str) -> type[Schema]:
    hours = indicator.unit == "hours"
    cells = {code: CellField(hours=hours) for code in binding.breakdown.codes}
    return _named(f"{_camel(binding.breakdown.id)}{'Hours' if hours else 'Counts'}{suffix}", cells)


class _Builder:
    """The schemas of one version; a code list that several indicators share is one schema."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self.suffix = _camel("v" + dictionary.version)
        self.breakdowns: dict[tuple[str, bool], type[Schema]] = {}

    def breakdown(self, indicator: Indicator, binding: Binding) -> type[Schema]:
        key = (binding.breakdown.id, indicator.unit == "hours")
        if key not in self.breakdowns:
            self.breakdowns[key] = _breakdown_schema(indicator, binding, self.suffix)
        return self.breakdowns[key]

    def tally(self, indicator: Indicator) -> type[Schema]:
        name = f"{_camel(indicator.id)}{self.suffix}"
        members: dict[str, fields.Field] = {"total": CellField(hours=indicator.unit == "hours")}
        if indicator.bindings:
            by = {b.breakdown.id: fields.Nested(self.breakdown(indicator, b)) for b in indicator.bindings}
            members["by"] = fields.Nested(_named(f"{_camel(indicator.id)}By{self.suffix}", by))
        return _named(name, members, _Tally)

    def report(self) -> type[Schema]:
        dictionary, codes = self.dictionary, self.dictionary.code_list
        indicators = {i.id: fields.Nested(self.tally(i), required=i.core) for i in dictionary.indicators}
        acknowledgement = {
            "rule": _code(tuple(rule.id for rule in dictionary.rules)),
            "reason": _code(codes("acknowledgements")),
        }
        members = {
            "dictionary": _code((dictionary.version,)),
            "about": fields.Nested(_about_schema(dictionary, self.suffix), required=True),
            "indicators": fields.Nested(_named(f"Indicators{self.suffix}", indicators), required=True),
            "closed": _code(codes("closed"), required=False),
            "revision_reason": _code(codes("revision_reasons"), required=False),
            "acknowledged": fields.List(fields.Nested(_named(f"Acknowledgement{self.suffix}", acknowledgement))),
        }
        return _named(f"Report{self.suffix}", members, _Report)


def report_schema(dictionary: Dictionary) -> type[Schema]:
    """The schema of a report under this version; it loads into a domain Report."""
    return _Builder(dictionary).report()


REPORT_SCHEMAS = {version: report_schema(dictionary) for version, dictionary in shipped_dictionaries().items()}
_READERS = {version: compile_schema(schema()) for version, schema in REPORT_SCHEMAS.items()}


class ReportBodySchema(AggregateOnly):
    """The body of a report under any version of the dictionary."""

    class Meta:
        """The version's own schema refuses what it does not know."""

        unknown = INCLUDE

    dictionary = fields.String(required=True, validate=validate.OneOf(tuple(REPORT_SCHEMAS)))

    @post_load
    def bind(self, data: dict, **kwargs: object) -> Report:
        """Read the body by the version it names."""
        return REPORT_SCHEMAS[data["dictionary"]]().load(data)


def read_report(content: Any) -> Report:
    """The report of a body; raises ValidationError with all that is wrong, or LineList."""
    try:
        return read_right_report(content)
    except NOT_RIGHT:
        return ReportBodySchema().load(content)


def read_right_report(content: Any) -> Report:
    """The report of a body that is right; raises one of NOT_RIGHT."""
    return _READERS[content["dictionary"]](content)
