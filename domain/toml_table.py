"""A table of a TOML file, read with the place in hand: whatever is wrong is said with its file and table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from math import inf
from typing import NoReturn, TypeVar

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")


class WrongDictionary(ValueError):
    """A dictionary file that cannot be used: which file, which table of it, and what is wrong there."""


@dataclass(frozen=True)
class Table:
    """One table: `file`, its `path` in the file, and its `values`. Every method raises WrongDictionary."""

    file: str
    path: str
    values: Mapping[str, object]

    @property
    def name(self) -> str:
        """The last part of the path, which is the id of what the table describes."""
        return self.path.rpartition(".")[2]

    def refuse(self, what: str) -> NoReturn:
        place = f"{self.file}, {self.path}" if self.path else self.file
        raise WrongDictionary(f"{place}: {what}")

    def expect(self, *required: str, optional: tuple[str, ...] = ()) -> None:
        """Refuse the table unless it has every required key and no unknown one."""
        for key in required:
            if key not in self.values:
                self.refuse(f"{key} is missing")
        for key in self.values:
            if key not in (*required, *optional):
                self.refuse(f"{key} is not known here; there are {', '.join((*required, *optional))}")

    def text(self, key: str) -> str:
        """A text that is not empty, its line breaks turned to spaces."""
        text = " ".join(self._typed(key, str, "a text").split())
        return text or self.refuse(f"{key} is empty")

    def flag(self, key: str) -> bool:
        return self._typed(key, bool, "true or false")

    def positive(self, key: str) -> int:
        """A whole number of at least 1."""
        value = self._typed(key, int, "a whole number")
        return value if value >= 1 else self.refuse(f"{key} must be at least 1")

    def decimal(self, key: str) -> float:
        """A number above 0 that is written with a point."""
        value = self._typed(key, float, "a number with a point")
        return value if 0 < value < inf else self.refuse(f"{key} must be above 0")

    def share(self, key: str) -> float:
        """A number between 0 and 1, neither included."""
        value = self._typed(key, float, "a number with a point")
        return value if 0 < value < 1 else self.refuse(f"{key} must lie between 0 and 1")

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, none twice."""
        values = self._typed(key, list, "a list")
        for value in values:
            if type(value) is not str:
                self.refuse(f"{key} must be a list of texts")
            if values.count(value) > 1:
                self.refuse(f"{key} names {value} twice")
        return tuple(values)

    def choice(self, key: str, choices: type[E]) -> E:
        """The member of an enumeration whose value the key gives."""
        return self._member(key, self.text(key), choices)

    def choices(self, key: str, choices: type[E]) -> tuple[E, ...]:
        """The members of an enumeration that the key lists: at least one."""
        members = tuple(self._member(key, text, choices) for text in self.texts(key))
        return members or self.refuse(f"{key} is empty")

    def parsed(self, key: str, parse: Callable[[str], T]) -> T:
        """The text of the key as `parse` reads it, which says no with a ValueError."""
        text = self.text(key)
        try:
            return parse(text)
        except ValueError as error:
            self.refuse(f"{key}: {error}")

    def table(self, key: str) -> Table:
        return Table(self.file, self._below(key), self._typed(key, dict, "a table"))

    def tables(self, key: str) -> Iterator[Table]:
        """The tables of an array, `[[key]]` in the file; at least one."""
        values = self._typed(key, list, "an array of tables") or self.refuse(f"{key} is empty")
        for index, value in enumerate(values):
            if type(value) is not dict:
                self.refuse(f"{key} must be an array of tables")
            yield Table(self.file, f"{self._below(key)}[{index}]", value)

    def children(self) -> Iterator[Table]:
        """The tables in this table, by id."""
        return (self.table(key) for key in self.names())

    def names(self) -> tuple[str, ...]:
        """The keys, where they are ids or codes: small letters, digits and underscores."""
        for key in self.values:
            if not _NAME.fullmatch(key):
                self.refuse(f"{key!r} is no name: small letters, digits and underscores")
        return tuple(self.values)

    def _below(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def _typed(self, key: str, kind: type[T], words: str) -> T:
        value = self.values[key] if key in self.values else self.refuse(f"{key} is missing")
        # Not isinstance: true is no number.
        return value if type(value) is kind else self.refuse(f"{key} must be {words}")

    def _member(self, key: str, text: str, choices: type[E]) -> E:
        try:
            return choices(text)
        except ValueError:
            self.refuse(f"{key} must be one of {', '.join(c.value for c in choices)}, not {text!r}")
