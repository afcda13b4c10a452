"""What is kept of how a release was made and never published: its parts, why cells are hidden, what waits."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from domain.canonical import canonical_json
from domain.periods import Month
from domain.reasons import unpack_reasons
from domain.release import AttackSummary, CellKey, Part, ProtectedTable, Reason


@dataclass(frozen=True)
class ProofRecord:
    """The parts of a release with their proofs, and the indicators that wait, by `site/month`."""

    parts: Sequence[Part]
    waiting: Mapping[str, Sequence[str]]

    @property
    def reasons(self) -> Iterator[tuple[CellKey, Reason]]:
        """Why each hidden row is hidden."""
        return reasons_of(self.parts)


def reasons_of(parts: Iterable[Part]) -> Iterator[tuple[CellKey, Reason]]:
    """Why each hidden row of some parts is hidden."""
    return (entry for part in parts for entry in unpack_reasons(part.reasons))


def pack_record(table: ProtectedTable) -> bytes:
    """The record of a release as bytes."""
    waiting = {f"{site}/{month}": list(names) for (site, month), names in table.waiting.items()}
    return zlib.compress(canonical_json({"parts": [_content(part) for part in table.parts], "waiting": waiting}))


def unpack_record(packed: bytes) -> ProofRecord:
    """The inverse."""
    content = json.loads(zlib.decompress(packed))
    return ProofRecord([_part(entry) for entry in content["parts"]], content["waiting"])


def _content(part: Part) -> dict[str, object]:
    return {
        "months": [str(month) for month in part.months],
        "basis": part.basis,
        "attack": {**asdict(part.attack), "attackers": list(part.attack.attackers)},
        "reasons": base64.b85encode(part.reasons).decode(),
    }


def _part(content: Mapping) -> Part:
    attack = {**content["attack"], "attackers": tuple(content["attack"]["attackers"])}
    return Part(
        months=tuple(map(Month.parse, content["months"])),
        basis=content["basis"],
        attack=AttackSummary(**attack),
        reasons=base64.b85decode(content["reasons"]),
    )
