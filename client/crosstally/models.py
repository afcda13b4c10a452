"""What the hub answers, as far as a client needs to know it by name; other answers are JSON values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """What a rule found in a report; `level` is `error` or `warning`, `place` where in a file that is no JSON."""

    rule: str
    level: str
    code: str
    pointer: str
    detail: str
    place: str = ""

    @property
    def is_error(self) -> bool:
        return self.level == "error"


@dataclass(frozen=True)
class Receipt:
    """What the sender of a report keeps. `etag` is sent back as `if_match` to revise the report."""

    site: str
    month: str
    revision: int
    state: str
    etag: str
    findings: tuple[Finding, ...]
    is_new: bool = False

    @classmethod
    def of(cls, content: Json, *, is_new: bool = False) -> Receipt:
        known = {name: content[name] for name in ("site", "month", "revision", "state", "etag")}
        return cls(**known, findings=findings_of(content), is_new=is_new)


@dataclass(frozen=True)
class StoredReport:
    """A revision of a report as the hub has it. `review` is the steward's decision, None where there is none."""

    site: str
    month: str
    revision: int
    state: str
    etag: str
    report: Json
    findings: tuple[Finding, ...]
    review: Json | None

    @classmethod
    def of(cls, content: Json, etag: str) -> StoredReport:
        known = {name: content[name] for name in ("site", "month", "revision", "state", "report")}
        return cls(**known, etag=etag, findings=findings_of(content), review=content.get("review"))


@dataclass(frozen=True)
class Head:
    """A report in a list, without its counts."""

    site: str
    month: str
    state: str
    revision: int

    @classmethod
    def of(cls, content: Json) -> Head:
        return cls(content["site"], content["month"], content["state"], content["revision"])


@dataclass(frozen=True)
class Validation:
    """What the rules find in a report that was not sent, and what the public would see of each count.

    `preview` is empty where `no_preview` says why.
    """

    findings: tuple[Finding, ...]
    preview: Sequence[Json] = ()
    no_preview: str = ""

    @classmethod
    def of(cls, content: Json) -> Validation:
        reason = content.get("no_preview") or {}
        return cls(findings_of(content), content.get("preview") or (), reason.get("detail", ""))


@dataclass(frozen=True)
class ReleaseEntry:
    """A release in the list of all; `sha256` is of its manifest's bytes."""

    id: str
    published_at: str
    sha256: str
    citation: str
    retracts: str | None
    retracted_by: str | None
    reason: str | None

    @classmethod
    def of(cls, content: Json) -> ReleaseEntry:
        return cls(**{name: content[name] for name in cls.__dataclass_fields__})


def findings_of(content: Json) -> tuple[Finding, ...]:
    """The findings in an answer; members that a later hub adds are left aside."""
    known = Finding.__dataclass_fields__
    return tuple(Finding(**{n: v for n, v in item.items() if n in known}) for item in content["findings"])
