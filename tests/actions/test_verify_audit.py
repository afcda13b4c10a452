"""The audit log beside the releases: a log that was rewritten behind one does not fit it any longer."""

import json

from actions.open_release import find_release
from actions.verify_audit import verify_audit
from domain.access import SYSTEM
from domain.audit import Line, next_line
from store.audit import all_lines
from store.tenancy import AUDITOR
from tests.ledger import publish_releases, tamper, verify, with_keys

WRITE = "insert into audit values (:number, :at, :actor, :action, :subject, :sha256, :operator)"
HEAD = "insert into audit_head values (1, :number, :sha256)"


def log(hub) -> list[Line]:
    with hub.database.read(AUDITOR) as connection:
        return all_lines(connection)


def write_anew(hub, lines: list[Line]) -> None:
    """Replace the log by these lines, with hashes that fit, as one can who owns the database."""
    tamper(hub, "delete from audit", "delete from audit_head")
    line = None
    for one in lines:
        facts = {name: value for name, value in vars(one).items() if name not in ("number", "sha256")}
        line = next_line(line, **facts)
        tamper(hub, WRITE, **vars(line))
    tamper(hub, HEAD, number=line.number, sha256=line.sha256)


def test_a_release_tells_where_the_log_ended_when_it_was_signed(hub):
    hub = with_keys(hub)
    (release,) = publish_releases(hub, 1)
    told = json.loads(find_release(hub, release).manifest)["audit"]["sha256"]
    (place,) = [number for number, line in enumerate(log(hub)) if line.sha256 == told]
    assert log(hub)[place + 1].action == "release.publish"
    assert verify_audit(hub, by=SYSTEM).faults == ()


def test_a_log_rewritten_behind_a_release_is_found_by_its_manifest(hub):
    hub = with_keys(hub)
    first, second = publish_releases(hub, 2)
    lines = log(hub)
    forgotten = next(number for number, line in enumerate(lines) if line.action == "report.accept")
    write_anew(hub, [*lines[:forgotten], *lines[forgotten + 1 :]])
    told = [str(fault) for fault in verify_audit(hub, by=SYSTEM).faults]
    assert len(told) == 2
    assert f"release {second} tells of a line that is not in the log" in told[0]
    assert f"release {first} tells of a line that is not in the log" in told[1]


def test_what_was_cut_off_since_the_newest_release_can_not_be_known(hub):
    hub = with_keys(hub)
    (release,) = publish_releases(hub, 1)
    head = log(hub)[-1].sha256
    publish_anew = [line for line in log(hub) if line.action != "release.publish"]
    write_anew(hub, publish_anew)
    assert verify_audit(hub, by=SYSTEM).faults == ()
    assert len(verify_audit(hub, by=SYSTEM, heads=[head]).faults) == 1
    assert [fault.part for fault in verify(hub).faults] == []


def test_a_manifest_that_cannot_be_read_is_left_to_the_ledger(hub):
    hub = with_keys(hub)
    (release,) = publish_releases(hub, 1)
    tamper(hub, "update releases set manifest = :manifest", manifest=b"[]")
    assert verify_audit(hub, by=SYSTEM).faults == ()
    assert verify(hub).faults
