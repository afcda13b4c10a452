"""What a schema says is wrong with a body, as items with JSON pointers. Knows nothing of requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

from marshmallow import Schema
from marshmallow.fields import Field

from domain.load_dictionary import shipped_dictionaries
from domain.refusals import Item

MAX_ITEMS = 100
TWICE = "Given more than once."
CLOSE = 0.8
"""How like a known name an unknown one is, for the known one to be meant."""
UNKNOWN = [Schema().error_messages["unknown"]]

_CODES = {
    Field.default_error_messages["required"]: "missing",
    Field.default_error_messages["null"]: "null",
    TWICE: "twice",
}


def shape_items(
    messages: Any, pointer: str = "", sent: Any = None, place_of: Callable[[str], str] = lambda pointer: ""
) -> Iterator[Item]:
    """The messages of a marshmallow schema as items with JSON pointers (RFC 6901), the first one's being `pointer`.

    `sent` is what the messages are about. A name that the schema does not know could be that of a person, so it is
    never repeated: the item points at the object that has it, and says which of its members it is, and by `place_of`
    where in a file that is.
    Bodies are closed: for a field that holds a free mapping, marshmallow's tree has a level that is no place in it.
    """
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            if inner == UNKNOWN:
                yield Item(pointer, "unknown", _unknown(key, sent), place=place_of(pointer + step(key)))
                continue
            place = "" if key == "_schema" else step(key)
            yield from shape_items(inner, pointer + place, _inside(sent, key), place_of)
    else:
        for message in messages if isinstance(messages, list) else [messages]:
            yield Item(pointer, _CODES.get(message, "invalid"), str(message))


def _inside(sent: Any, key: Any) -> Any:
    if isinstance(sent, dict):
        return sent.get(key)
    return sent[key] if isinstance(sent, list) and isinstance(key, int) else None


def _unknown(key: Any, sent: Any) -> str:
    """Which member the schema does not know, by its number, and what may be meant."""
    which = f"Member {list(sent).index(key) + 1}" if isinstance(sent, dict) and key in sent else "A member"
    meant = get_close_matches(str(key), _names(), 1, CLOSE)
    hint = f"; {meant[0]} may be meant" if meant else "; see the schema for those it has"
    return f"{which} of this object is unknown{hint}."


@cache
def _names() -> Sequence[str]:
    """The ids of all dictionaries: what is most easily misspelled."""
    return sorted({name for dictionary in shipped_dictionaries().values() for name in dictionary.ids})


def step(key: Any) -> str:
    """A member of an object, or of a list, as a step of a JSON pointer."""
    return "/" + str(key).replace("~", "~0").replace("/", "~1")
