"""A report judged on this machine, by the code that the hub judges with: nothing is sent.

What needs the site's facts, its calendar or its earlier months is left to the hub. Needs the extra `validate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from crosstally._hub.domain.checks import check_bare_report
from crosstally._hub.domain.load_dictionary import shipped_dictionaries
from crosstally._hub.domain.refusals import Refusal
from crosstally._hub.domain.report import Report
from crosstally._hub.openapi.report_files import READERS, SentReport, load_sheet, refusing_line_lists
from crosstally.models import Finding
from crosstally.problems import PointedError


class Refused(Exception):
    """The file is no report; `errors` say what is wrong, and where in it."""

    def __init__(self, detail: str, errors: tuple[PointedError, ...]) -> None:
        super().__init__(detail)
        self.detail, self.errors = detail, errors


def read(content: bytes, media_type: str) -> SentReport:
    """The report in a file, with where in it things stand; raises Refused."""
    try:
        with refusing_line_lists(media_type, content):
            return load_sheet(READERS[media_type](content))
    except Refusal as refusal:
        errors = (PointedError(item.pointer, item.code, item.detail, item.place) for item in refusal.items)
        raise Refused(refusal.detail, tuple(errors)) from None


def findings(content: bytes, media_type: str) -> tuple[Finding, ...]:
    """What the rules that need this one report find in a file; raises Refused."""
    sent = read(content, media_type)
    found = sent.sheet.placed([asdict(finding) for finding in judged(sent.report)])
    return tuple(Finding(**_known(item)) for item in found)


def judged(report: Report) -> Any:
    """What the rules that need this one report find in it."""
    return check_bare_report(report, shipped_dictionaries()[report.dictionary])


def _known(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name in Finding.__dataclass_fields__}
