"""Answers that may be long: sent as they are made, or made at once and then not too long."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import chain, islice

from flask import Response, request

from actions.query_observations import Found
from domain.cube import Rows
from domain.refusals import Item, QueryInvalid
from openapi.api import VERSION

MOST_PLACES = 200_000
"""Rows that a form takes which can't be written bit by bit; whoever asks for more is told so, and gets none."""
_SHORT = 3
"""Pieces of an answer with one block of rows: what is ahead of it, the block, and what is behind."""


def streamed(pieces: Iterator[bytes], media_type: str, found: Found, form: str) -> Response:
    """An answer in pieces: whole where they are few; a long one is sent as it is made, and known by what it is of."""
    first = list(islice(pieces, _SHORT + 1))
    if len(first) <= _SHORT:
        return Response(b"".join(first), content_type=media_type)
    answer = Response(chain(first, pieces), content_type=media_type)
    # To know its length, all of it would have to be made first.
    answer.automatically_set_content_length = False
    answer.set_etag(tag_of(found, form))
    return answer


def tag_of(found: Found, form: str) -> str:
    """What an answer is made from, which takes less than to look through all of it."""
    return sha256("\n".join((VERSION, found.release.sha256, request.full_path, form)).encode()).hexdigest()


def all_at_once(found: Found) -> list[Rows]:
    """The rows in blocks; raises QueryInvalid where they are too many."""
    page = found.page(MOST_PLACES)
    if page.next is None:
        return page.blocks
    detail = f"There are more than {MOST_PLACES} rows; narrow the query, take CSV, or a file of the release."
    raise QueryInvalid(detail, [Item("/query/format", "too_many_rows", detail)])
