"""Webhooks: addresses that can be, what each hears, and how long one tries."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.addresses import networks_from
from domain.refusals import RuleBroken
from domain.webhooks import (
    LONGEST_DELAY,
    MOST_ATTEMPTS,
    TEST_EVENT,
    Announcement,
    DisabledFor,
    Event,
    Webhook,
    require_sound_events,
    require_sound_url,
    retry_after,
    wait_asked_for,
)

NOW = datetime(2026, 7, 15, 12, tzinfo=UTC)
OWN_MACHINE = networks_from("127.0.0.0/8 ::1")


def webhook(operator="nyc", *events, disabled_for=None, id="wh-1") -> Webhook:
    return Webhook(id, operator, "x", "https://x.org", events or tuple(Event), "x", NOW, disabled_for)


def announced(event: str, operator=None, at=NOW, webhook=None) -> Announcement:
    return Announcement("msg_1", event, operator, {"site": "nyc-east"}, at, webhook)


@pytest.mark.parametrize("url", ["https://example.org/hook", "https://example.org:8443/?a=b", "https://8.8.8.8/x"])
def test_a_public_address_over_https_is_sound(url):
    require_sound_url(url, ())


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.org", "ftp://example.org", "example.org", "https://", "https:///x", "https://[::1", ""),
        *("https://user:secret@example.org", "https://user@example.org", "https://example.org/#part"),
        *("https://example.org:99999", "https://example.org:0", "https://exämple.org", "https://exa mple.org"),
        *("https://127.0.0.1/", "https://[::1]/", "https://10.0.0.1", "https://169.254.169.254/latest"),
        *("http://127.0.0.1:8000", "http://localhost:8000", "file:///etc/passwd", "https://x.org/\n"),
    ],
)
def test_anything_else_is_not(url):
    with pytest.raises(RuleBroken) as refused:
        require_sound_url(url, ())
    assert refused.value.items[0].pointer == "/url"


def test_in_development_ones_own_machine_is_and_no_other_over_http():
    require_sound_url("http://127.0.0.1:9000/hook", OWN_MACHINE)
    require_sound_url("http://localhost:9000/hook", OWN_MACHINE)
    require_sound_url("https://10.0.0.1/hook", networks_from("10.0.0.0/8"))
    with pytest.raises(RuleBroken):
        require_sound_url("http://10.0.0.1/hook", networks_from("10.0.0.0/8"))


def test_reports_are_told_to_operators_alone():
    require_sound_events((Event.RELEASE_PUBLISHED,), None)
    for wrong in [((), "nyc"), ((Event.REPORT_ACCEPTED,), None)]:
        with pytest.raises(RuleBroken):
            require_sound_events(*wrong)


def test_one_hears_of_ones_own_reports_and_of_releases():
    assert webhook("nyc").hears(announced(Event.REPORT_ACCEPTED, "nyc"))
    assert not webhook("ri").hears(announced(Event.REPORT_ACCEPTED, "nyc"))
    assert not webhook(None).hears(announced(Event.REPORT_ACCEPTED, "nyc"))
    assert webhook(None).hears(announced(Event.RELEASE_PUBLISHED))


def test_one_hears_only_of_what_one_asked_for_since_one_did_and_while_enabled():
    assert not webhook("nyc", Event.REPORT_RETURNED).hears(announced(Event.REPORT_ACCEPTED, "nyc"))
    assert not webhook("nyc").hears(announced(Event.REPORT_ACCEPTED, "nyc", NOW - timedelta(seconds=1)))
    assert not webhook("nyc", disabled_for=DisabledFor.GONE).hears(announced(Event.REPORT_ACCEPTED, "nyc"))


def test_a_test_is_heard_by_whom_it_is_for():
    assert webhook(id="wh-1").hears(announced(TEST_EVENT, "nyc", webhook="wh-1"))
    assert not webhook(id="wh-2").hears(announced(TEST_EVENT, "nyc", webhook="wh-1"))
    assert not webhook(id="wh-2").hears(announced(TEST_EVENT, "nyc"))


def test_what_is_sent_is_the_same_each_time():
    body = announced(Event.REPORT_ACCEPTED, "nyc").body
    assert json.loads(body) == {
        "type": "report.accepted", "timestamp": "2026-07-15T12:00:00+00:00", "data": {"site": "nyc-east"}
    }  # fmt: skip
    assert body == announced(Event.REPORT_ACCEPTED, "nyc").body


def test_one_tries_for_about_a_day():
    whole = sum((retry_after(number, 0.5) for number in range(1, MOST_ATTEMPTS)), timedelta())
    assert timedelta(hours=20) < whole < timedelta(hours=24)


@settings(deadline=None)
@given(st.integers(1, 10_000), st.floats(0, 1))
def test_waits_grow_up_to_a_limit_and_are_never_all_alike(attempts, chance):
    wait = retry_after(attempts, chance)
    assert timedelta(seconds=8) <= wait <= LONGEST_DELAY * 1.2
    assert retry_after(attempts, 0) <= wait <= retry_after(attempts + 1, 1)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("9" * 5000, LONGEST_DELAY.total_seconds()),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_DELAY.total_seconds()),
        *((odd, 0) for odd in ("", "-5", "1.5", "soon", "\u0661\u0662", "Mon, 99 Foo 2026", "\x00")),
    ],
)
def test_a_receiver_may_ask_for_a_while_and_not_for_ever(header, seconds):
    assert wait_asked_for(header, NOW).total_seconds() == seconds


@given(st.text(max_size=40))
def test_no_header_breaks_the_reader(header):
    assert timedelta() <= wait_asked_for(header, NOW) <= LONGEST_DELAY
