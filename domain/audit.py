"""The log of who did what, as a chain: each line carries the hash of the one before it, and its own number.

What the chain alone shows: a line that is missing between others, was altered, or stands in another's place. What
it cannot show is that its end was cut off or rewritten throughout; for that the last hash must be known from
elsewhere: from the row that counts the lines, the manifests of releases, which are signed and public, or whoever
wrote the head down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from domain.canonical import canonical_json, sha256_of

FIRST = "0" * 64
"""What the first line continues."""
_SEARCHED = 64  # broken lines up to which every place is tried that a line may have come from


@dataclass(frozen=True)
class Line:
    """Who did what to which thing, and whose it was; never a count, never a secret."""

    number: int
    at: str
    actor: str
    action: str
    subject: str
    operator: str | None
    sha256: str


@dataclass(frozen=True)
class Head:
    """The last line, by its number and its hash."""

    number: int
    sha256: str


@dataclass(frozen=True)
class Fault:
    """What is wrong, from one line to another."""

    first: int
    last: int
    words: str

    def __str__(self) -> str:
        lines = f"line {self.first}" if self.first == self.last else f"lines {self.first} to {self.last}"
        return f"{lines}: {self.words}"


def digest(previous: str, line: Line) -> str:
    """The hash of a line that follows the one with the hash `previous`."""
    content = {name: value for name, value in vars(line).items() if name != "sha256"}
    if line.operator is None:  # as it was before lines named an operator
        del content["operator"]
    return sha256_of(previous.encode() + canonical_json(content))


def next_line(head: Head | None, **facts: str | None) -> Line:
    """The line that continues the log."""
    line = Line(number=head.number + 1 if head else 1, sha256="", **facts)  # type: ignore[arg-type]
    return replace(line, sha256=digest(head.sha256 if head else FIRST, line))


def faults(lines: Iterable[Line], head: Head | None, known: Mapping[str, str]) -> Iterator[Fault]:
    """Everything that is wrong with the log; `lines` by number, `known` are hashes that were in it, by who told."""
    hashes: dict[int, str] = {0: FIRST}
    broken: list[Line] = []
    last = 0
    for line in lines:
        if line.number > last + 1:
            yield Fault(last + 1, line.number - 1, "removed")
        elif line.sha256 != digest(hashes.get(last, FIRST), line):
            broken.append(line)
        last = line.number
        hashes[last] = line.sha256
    yield from _merged(Fault(line.number, line.number, _origin(line, broken, hashes)) for line in broken)
    yield from _end_faults(head, last, hashes)
    told = set(hashes.values())
    for who, sha256 in known.items():
        if sha256 not in told:
            yield Fault(last, last, f"{who} tells of a line that is not in the log: it was rewritten or cut off")


def _origin(line: Line, broken: list[Line], hashes: Mapping[int, str]) -> str:
    """Where a line that does not continue the one before it came from, if that can be found."""
    places = {line.number - 1, line.number + 1}
    before = {hashes.get(line.number - 1, FIRST)}
    if len(broken) <= _SEARCHED:
        places |= {other.number for other in broken}
        before |= {other.sha256 for other in broken}
    for place in sorted(places - {line.number}):
        moved = replace(line, number=place)
        if any(digest(previous, moved) == line.sha256 for previous in {*before, hashes.get(place - 1, FIRST)}):
            return f"moved from {'before' if place < line.number else 'behind'}: it was line {place}"
    return "altered, or the line before it was, with a hash made to fit"


def _merged(found: Iterable[Fault]) -> Iterator[Fault]:
    """Neighbours with the same words as one."""
    kept: Fault | None = None
    for fault in found:
        if kept and kept.words == fault.words and kept.last + 1 == fault.first:
            kept = replace(kept, last=fault.last)
            continue
        if kept:
            yield kept
        kept = fault
    if kept:
        yield kept


def _end_faults(head: Head | None, last: int, hashes: Mapping[int, str]) -> Iterator[Fault]:
    told = head or Head(0, FIRST)
    if told.number > last:
        yield Fault(last + 1, told.number, "removed from the end")
    elif told.number < last:
        yield Fault(told.number + 1, last, "added behind the end")
    elif told.sha256 != hashes[last]:
        yield Fault(last, last, "not the line that was written last")
