"""What an answer says in its headers of where its rows are from, as its body has room for rows alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from flask import Response, url_for

from actions.release_files import DICTIONARY, METADATA
from domain.refusals import Item, QueryInvalid
from domain.release import PublishedRelease
from formats import csvw, observations_csv, observations_parquet

X_RELEASE = "X-Release"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OF_COLUMNS = (observations_csv.MEDIA_TYPE, observations_parquet.MEDIA_TYPE)


def describe(answer: Response, release: PublishedRelease) -> Response:
    """Name the release, and where rows are in columns the file that says what the columns mean."""
    answer.headers[X_RELEASE] = release.id
    if answer.content_type in _OF_COLUMNS:
        # A release may be older than this file.
        has_metadata = f'"{METADATA}"'.encode() in release.manifest
        name, kind = (METADATA, csvw.MEDIA_TYPE) if has_metadata else (DICTIONARY, "application/json")
        place = url_for("releases.get_file", release=release.id, name=name)
        answer.headers.add("Link", f'<{place}>; rel="describedby"; type="{kind}"')
    return answer


def marked(answer: Response, *, is_wanted: bool) -> Response:
    """Put a byte order mark ahead of a CSV, if it is wanted; raises QueryInvalid for what is none."""
    if not is_wanted:
        return answer
    if answer.content_type != observations_csv.MEDIA_TYPE:
        detail = "A byte order mark is for CSV alone."
        raise QueryInvalid(detail, [Item("/query/bom", "invalid", detail)])
    if answer.is_sequence:
        answer.set_data(_BYTE_ORDER_MARK + answer.get_data())
    else:
        answer.response = _ahead(_BYTE_ORDER_MARK, answer.response)
    return answer


def _ahead(first: bytes, rest: Iterable) -> Iterator:
    return chain((first,), rest)
