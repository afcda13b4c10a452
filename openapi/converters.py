"""What may stand in a path: patterns that the router enforces and the OpenAPI document prints.

A path whose parameter does not match is a path that does not exist: 404.
"""

from __future__ import annotations

from typing import Any

from werkzeug.routing import BaseConverter, ValidationError

from domain.periods import Month


class PatternConverter(BaseConverter):
    """A path parameter that matches `regex` from end to end, in at most `longest` characters.

    `regex` is in the dialect that Python and ECMA-262 share, without groups that capture.
    """

    longest: int
    example: str

    def to_python(self, value: str) -> Any:
        if len(value) > self.longest:
            raise ValidationError
        return value

    @classmethod
    def schema(cls, _converter: BaseConverter) -> dict[str, Any]:
        """The JSON Schema of the parameter."""
        return {"type": "string", "pattern": f"^{cls.regex}$", "maxLength": cls.longest, "examples": [cls.example]}


class SlugConverter(PatternConverter):
    """The id of a site, an operator or a city."""

    regex = "[a-z0-9]+(?:-[a-z0-9]+)*"
    longest = 64
    example = "nyc-east-harlem"


class MonthConverter(PatternConverter):
    """A month of the years that a Month can be of; the view gets it as a `Month`."""

    regex = "(?:199[0-9]|2[01][0-9]{2})-(?:0[1-9]|1[0-2])"
    longest = 7
    example = "2026-05"

    def to_python(self, value: str) -> Month:
        return Month.parse(value)

    def to_url(self, value: Month) -> str:
        return str(value)


class ReleaseConverter(PatternConverter):
    """The id of a release: its day, and its number on that day."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9]+"
    longest = 16
    example = "2026-07-01.1"


class NameConverter(PatternConverter):
    """The name of a file, or the version of a dictionary."""

    regex = "[a-z0-9_]+(?:[.-][a-z0-9_]+)*"
    longest = 64
    example = "observations.csv"


class ClientConverter(PatternConverter):
    """The id of a client."""

    regex = "[A-Za-z0-9][A-Za-z0-9._-]*"
    longest = 100
    example = "nyc-data-manager"


class CredentialConverter(PatternConverter):
    """The id of a secret, or of a key: its thumbprint."""

    regex = "[A-Za-z0-9_-]+"
    longest = 64
    example = "9f2c41d0"


class WebhookConverter(PatternConverter):
    """The id of a webhook."""

    regex = "wh-[0-9a-f]{16}"
    longest = 19
    example = "wh-2f6c0d1e9b8a7f35"


class SdmxConverter(PatternConverter):
    """A data flow of SDMX, and the key of a series in it; what follows is who provides it, which nobody needs."""

    regex = "[A-Za-z0-9_@$,.*+-]+(?:/[A-Za-z0-9_@$,.*+-]*){0,3}"
    longest = 4000
    example = "OPC_MONTHLY/M.site..overdose_events._T._T"
    part_isolating = False


class StructureConverter(PatternConverter):
    """A kind of SDMX structure, and whose, which and in which version."""

    regex = "(?:dataflow|datastructure|codelist|conceptscheme)(?:/[A-Za-z0-9_@$,.*+-]*){0,3}/?"
    longest = 500
    example = "dataflow/CROSSTALLY/OPC_MONTHLY/latest"
    part_isolating = False


CONVERTERS: dict[str, type[PatternConverter]] = {
    "slug": SlugConverter,
    "month": MonthConverter,
    "release": ReleaseConverter,
    "name": NameConverter,
    "client": ClientConverter,
    "credential": CredentialConverter,
    "webhook": WebhookConverter,
    "sdmx": SdmxConverter,
    "structure": StructureConverter,
}
