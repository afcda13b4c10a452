"""The examples of docs/webhooks.md verify what the hub signs, and nothing else."""

import json
import re
import secrets
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from standardwebhooks import WebhookVerificationError

from actions.announce import decision_payload
from actions.webhooks.deliver import signed_headers
from domain.periods import Month
from domain.webhooks import TEST_EVENT, Announcement, Event
from store.reports import Review
from tests.arrows import ROOT

PAGE = (ROOT / "docs/webhooks.md").read_text()
SECRET = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
OLD = "whsec_" + b64encode(secrets.token_bytes(32)).decode()


def examples() -> dict:
    found: dict = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(code, found)  # noqa: S102 - it is our own page
    return found


@pytest.mark.parametrize("name", ["read_event", "read_event_plainly"])
def test_each_way_reads_what_is_signed_and_refuses_the_rest(name):
    read = examples()[name]
    said = Announcement("msg_1", Event.REPORT_ACCEPTED, "nyc", {"site": "nyc-east"}, datetime.now(UTC))
    for known in (SECRET, OLD):
        headers = signed_headers(said, said.body, [SECRET, OLD], datetime.now(UTC))
        assert read(known, headers, said.body.encode())["data"] == {"site": "nyc-east"}
    for wrong in ({"webhook-id": "msg_2"}, {"webhook-timestamp": "1"}, {"webhook-signature": "v1,AAAA v1a,x"}):
        with pytest.raises((WebhookVerificationError, ValueError)):
            read(SECRET, {**headers, **wrong}, said.body.encode())
    with pytest.raises((WebhookVerificationError, ValueError)):
        read(SECRET, headers, said.body.encode() + b" ")


def test_the_message_on_the_page_is_the_one_that_is_sent():
    (shown,) = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
    moment = datetime(2026, 7, 15, 12, tzinfo=UTC)
    review = Review("ri-providence", Month(2026, 6), 1, "return", ["sums"], "steward", moment)
    payload = decision_payload("https://hub.example.org", review, "returned")
    assert json.loads(Announcement("msg_1", shown["type"], "ri", payload, moment).body) == shown


def test_the_page_tells_every_event():
    assert {*map(str, Event), TEST_EVENT} == set(re.findall(r"^\| `([a-z.]+)` \|", PAGE, re.MULTILINE))
