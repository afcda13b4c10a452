"""The page docs/reports.md: the life of a report, with its tables from the one that the actions ask."""

from __future__ import annotations

from collections.abc import Iterator

from domain.changes import MOST_ITEMS
from domain.lifecycle import TRANSITIONS, Deed, State
from domain.load_dictionary import shipped_dictionaries

_NEWEST = shipped_dictionaries()[max(shipped_dictionaries())]
_REASONS = ", ".join(f"`{code}`" for code in _NEWEST.code_list("revision_reasons"))

HEAD = """# The life of a report

A report is what one site counted in one month. Each time it is sent with other content it gets a new revision; none is
ever changed or removed. The report has one state, that of its current revision; the revisions before it are
`superseded`.

| state | means |
|---|---|
"""

TABLE = """
## What leads from one state to another

Everything else is refused with 409, and the answer says in which state the report is and what can be done.

| what is done | from | to | needs one of the scopes | and |
|---|---|---|---|---|
"""

REQUESTS = """
Each is one request, one transaction and one line of the audit log (`report.` and the word in brackets).

| what is done | request |
|---|---|
"""

REST = f"""
`GET /v1/reports?state=...` lists the reports in a state, for the steward of all operators, for an operator its own;
`state=submitted` is the steward's queue. Lists come in pages: `next` is the `cursor` of the following one.

## Two who write at once

The answers to sending, reading and withdrawing a report carry its `ETag`, and who changes it sends that back in
`If-Match`: without it 428. Who names an older one gets 412, and nothing is stored. The `errors` then point at each
place that differs between the revision they named and the current one (`changed`, `added`, `removed`; at most
{MOST_ITEMS}, then `more_changes`), never at what stands there, and the `ETag` of the answer is the current one. So:
read the report again, merge, send with that ETag.

Sending what is stored already, for instance because an answer was lost, answers 200 and stores nothing.

## An accepted month

It is in use: releases are cut from accepted revisions. It is revised with a `revision_reason` ({_REASONS}), and what
was accepted stays in use until the new revision is accepted too, also while that one waits or has been returned. A
month that was ever accepted needs a reason for every later revision.

## A death

A report that counts a death has the finding `confirmation_needed`. It can't be acknowledged: somebody else confirms
it, who looked at the revision and did not send it, of the operator or a steward. Who accepts the report has to be yet
another person. The confirmations, and by whom they are, are part of the report's answer. A new revision is confirmed
anew.

## Withdrawing

A withdrawn report stays readable with all its revisions, and no further release uses it; releases that are published
stay as they are, and what they told is still protected. A draft that was cut before the withdrawal is not published,
not even once the report is accepted again. The report gets another `ETag`, so that nobody sends over a withdrawal that
they have not seen. Sent again with that ETag, even with the same content, it is a new revision that waits for the
steward.

## What refuses

| status | when |
|---|---|
| 403 | the scope is missing, the site is another operator's, or two pairs of eyes would be one |
| 404 | nothing was sent for the month, or it is not yours to read |
| 412, 428 | the ETag is not the current one, or missing |
| 422 | the shape or a rule is broken, or the reason for a revision is missing; nothing of it is stored |
| 409 | the state does not allow it, a warning is not acknowledged, or a death not confirmed |
"""

_PLACE = "/v1/sites/{site}/reports/{month}"
_REQUESTS = {
    Deed.SEND: f"`PUT {_PLACE}`",
    Deed.REVISE: f"`PUT {_PLACE}` with `If-Match`",
    Deed.CONFIRM: f'`POST {_PLACE}/confirmation` `{{"revision": n}}`',
    Deed.ACCEPT: f'`POST {_PLACE}/review` `{{"revision": n, "decision": "accept"}}`',
    Deed.RETURN: f'`POST {_PLACE}/review` `{{"revision": n, "decision": "return", "reasons": [codes]}}`',
    Deed.WITHDRAW: f"`DELETE {_PLACE}` with `If-Match`",
}


def reports_page() -> str:
    """The page: states, transitions and requests, and what they mean for who sends and reviews reports."""
    return HEAD + "".join(_states()) + TABLE + "".join(_deeds()) + REQUESTS + "".join(_requests()) + REST


def _states() -> Iterator[str]:
    for state in State:
        yield f"| `{state}` | {state.meaning} |\n"


def _deeds() -> Iterator[str]:
    for deed in Deed:
        steps = [step for step in TRANSITIONS if step.deed is deed]
        before = ", ".join(f"`{step.before}`" if step.before else "nothing sent" for step in steps)
        (after,) = {step.after for step in steps}
        scopes = ", ".join(f"`{scope}`" for scope in deed.scopes)
        yield f"| {deed.done} | {before} | `{after}` | {scopes} | {deed.limits} |\n"


def _requests() -> Iterator[str]:
    for deed in Deed:
        yield f"| {deed.done} (`{deed}`) | {_REQUESTS[deed]} |\n"
