"""The database itself refuses what must not be, whoever writes the SQL."""

from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from store.tenancy import EVERY_OPERATOR
from tests.builders import MAY, report, submit_and_accept, superuser
from tests.store.published import publish

REVISION = "insert into revisions (site, month, number, content, sha256, findings, submitted_by, submitted_at) values "
REPORT = "insert into reports (site, month, state, revision, accepted_revision) values "
REVIEW = "insert into reviews (site, month, revision, decision, reasons, reviewed_by, reviewed_at) values "
CONFIRMATION = "insert into confirmations (site, month, revision, confirmed_by, confirmed_at) values "
RELEASE = "insert into releases (number, id, manifest, sha256, published_at) values "
USED = "insert into release_reports (release, site, month, revision) values "
JOB = "insert into jobs (id, kind, parameters, requested_by, state, progress, created_at) values "
AT = "'2026-07-15 12:00:00'"

MUST_NOT_BE = {
    "revision zero": f"{REVISION} ('nyc-east', '2026-05', 0, 'x', 'x', '[]', 'x', {AT})",
    "negative revision": f"{REVISION} ('nyc-east', '2026-05', -1, 'x', 'x', '[]', 'x', {AT})",
    "number used twice": f"{REVISION} ('nyc-east', '2026-05', 1, 'x', 'x', '[]', 'x', {AT})",
    "revision of no report": f"{REVISION} ('nyc-east', '2026-04', 1, 'x', 'x', '[]', 'x', {AT})",
    "two heads of a site-month": f"{REPORT} ('nyc-east', '2026-05', 'submitted', 1, null)",
    "report of no site": f"{REPORT} ('nowhere', '2026-05', 'submitted', 1, null)",
    "head of no revision": f"{REPORT} ('nyc-east', '2026-04', 'submitted', 1, null)",
    "head ahead of its revisions": "update reports set revision = 2",
    "head at zero": "update reports set revision = 0",
    "accepted ahead of the head": "update reports set accepted_revision = 2",
    "accepted zero": "update reports set accepted_revision = 0",
    "unknown state": "update reports set state = 'withheld'",
    "withdrawn and in use": "update reports set state = 'withdrawn'",
    "confirmation of no revision": f"{CONFIRMATION} ('nyc-east', '2026-05', 2, 'x', {AT})",
    "report removed from under its revisions": "delete from reports",
    "site removed from under its reports": "delete from sites where id = 'nyc-east'",
    "reviewed twice": f"{REVIEW} ('nyc-east', '2026-05', 1, 'return', '[]', 'x', {AT})",
    "review of no revision": f"{REVIEW} ('nyc-east', '2026-05', 2, 'accept', '[]', 'x', {AT})",
    "place in the chain used twice": f"{RELEASE} (1, '2026-07-15.2', 'x', 'x', {AT})",
    "release id used twice": f"{RELEASE} (2, '2026-07-15.1', 'x', 'x', {AT})",
    "release zero": f"{RELEASE} (0, '2026-07-15.0', 'x', 'x', {AT})",
    "release of no report": f"{USED} ('2026-07-15.1', 'nyc-east', '2026-04', 1)",
    "report of no release": f"{USED} ('2026-07-15.9', 'nyc-east', '2026-05', 1)",
    "unknown state of a job": f"{JOB} ('j', 'cut', '{{}}', 'x', 'lost', 0, {AT})",
}


@pytest.fixture
def filled(hub):
    submit_and_accept(hub, "nyc-east", MAY, report())
    with hub.database.write(EVERY_OPERATOR) as connection:
        publish(connection, 1)
    return hub


def do(hub, *statements: str):
    with superuser(hub.database) as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_what_must_not_be_is_refused(filled):
    taken = []
    for what, statement in MUST_NOT_BE.items():
        with suppress(IntegrityError):
            do(filled, statement)
            taken.append(what)
    assert taken == []


def test_an_unknown_decision_is_refused(filled):
    second = f"{REVISION} ('nyc-east', '2026-05', 2, 'x', 'x', '[]', 'x', {AT})"
    review = "{} ('nyc-east', '2026-05', 2, '{}', '[]', 'x', {})"
    with pytest.raises(IntegrityError):
        do(filled, second, review.format(REVIEW, "ignore", AT))
    do(filled, second, review.format(REVIEW, "return", AT))


def test_a_head_may_come_before_its_revision_within_one_transaction(filled):
    head = f"{REPORT} ('nyc-east', '2026-04', 'submitted', 1, null)"
    revision = f"{REVISION} ('nyc-east', '2026-04', 1, 'x', 'x', '[]', 'x', {AT})"
    do(filled, head, revision)
    do(filled, "update reports set revision = 1, accepted_revision = 1 where month = '2026-04'")


def test_a_site_needs_its_operator(filled):
    columns = "id, operator, city, label, opened, timezone, synthetic, series_breaks"
    with pytest.raises(IntegrityError, match="(?i)foreign key"):
        do(filled, f"insert into sites ({columns}) values ('s', 'nobody', 'c', 'S', '2026-01', 'UTC', false, '[]')")


def test_a_text_is_as_long_as_it_is(filled):
    long = "x" * 1000
    do(filled, f"insert into operators (id, label, sentinel) values ('{long}', '{long}', 'none')")
