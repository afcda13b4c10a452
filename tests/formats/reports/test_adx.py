"""ADX: one group of one site and month, every dimension named, and no number that is none."""

from xml.etree import ElementTree

import pytest

from domain.refusals import ShapeInvalid, Unreadable
from formats.reports import adx
from tests.builders import EXAMPLE
from tests.formats.reports.files import DICTIONARIES, ORIGIN

WHOLE = adx.write(EXAMPLE, ORIGIN).decode()


def read(text: str | bytes):
    return adx.read(text.encode() if isinstance(text, str) else text, DICTIONARIES)


def changed(old: str, new: str) -> str:
    assert WHOLE.count(old) == 1, WHOLE.count(old)
    return WHOLE.replace(old, new)


def with_value(attributes: str) -> str:
    return WHOLE.replace("</group>", f"<dataValue {attributes}/></group>")


def test_what_was_written_is_read_back():
    sheet = read(WHOLE)
    assert (sheet.content, sheet.faults, sheet.site, sheet.month) == (EXAMPLE, (), "nyc-east", "2026-05")
    assert sheet.place_of("/indicators/operating_days/total") == "data value 1"
    assert sheet.place_of("/about/visit_basis") == "group"


def test_it_is_what_the_standard_asks_for():
    root = ElementTree.fromstring(WHOLE)
    (group,) = root
    assert root.tag == "{urn:ihe:qrph:adx:2015}adx" and root.get("exported") == "2026-06-05T00:00:00+00:00"
    assert {"dataSet", "orgUnit", "period"} <= group.attrib.keys() and group.get("period") == "2026-05-01/P1M"
    for value in group:
        assert value.tag == "{urn:ihe:qrph:adx:2015}dataValue"
        assert value.get("dataElement") and float(value.get("value")) >= 0


def test_what_is_no_count_says_so_by_a_dimension():
    assert '<dataValue dataElement="ems_calls" value_status="suppressed_at_source" value="4" />' in WHOLE
    assert '<dataValue dataElement="participants_unique" value_status="not_collected" value="0" />' in WHOLE


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ('dataElement="ems_transports" value_status="not_collected" value="7"', "contradiction"),
        ('dataElement="ems_transports" value_status="hidden" value="7"', "unknown_status"),
        ('dataElement="ems_transports" value="&lt;5"', "not_a_number"),
        ('dataElement="ems_transports" value="n/c"', "not_a_number"),
        ('dataElement="ems_transports" value=""', "not_a_number"),
        ('dataElement="ems_transports"', "not_a_number"),
        ('dataElement="people" value="7"', "unknown"),
        ('value="7"', "unknown"),
        ('dataElement="ems_calls" sex="F" value="7"', "unknown"),
        ('dataElement="ems_calls" value="7"', "twice"),
        ('dataElement="ems_calls" ems_reason="overdose" gender="man" value="7"', "message"),
    ],
)
def test_a_data_value_that_no_report_has_is_refused_with_its_number(attributes, code):
    found = read(with_value(attributes)).faults
    assert [(item.code, item.place) for item in found] == [(code, "data value 20")]


@pytest.mark.parametrize("inside", ["<annotation>J. D.</annotation>", "J. D."])
def test_no_free_text_comes_in(inside):
    text = WHOLE.replace("</group>", f'<dataValue dataElement="ems_transports" value="1">{inside}</dataValue></group>')
    assert [item.code for item in read(text).faults] == ["message"]


def test_a_group_attribute_that_no_report_has_is_refused():
    assert [item.code for item in read(changed("<group ", '<group comment="x" ')).faults] == ["unknown"]


@pytest.mark.parametrize(
    "text",
    [
        "<adx/>",
        WHOLE.replace("urn:ihe:qrph:adx:2015", "urn:other"),
        WHOLE.replace("</adx>", "<group/></adx>"),
        WHOLE.replace("OPC_MONTHLY", "OTHER"),
        WHOLE.replace("exported=", "by="),
    ],
)
def test_another_message_is_refused(text):
    with pytest.raises(ShapeInvalid):
        read(text)


BOMB = '<!DOCTYPE adx [<!ENTITY a "0123456789">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "data",
    [
        (BOMB + "]>" + WHOLE.split("?>")[1].replace('value="31"', 'value="&i;"')).encode(),
        b'<!DOCTYPE adx SYSTEM "http://127.0.0.1:1/x.dtd"><adx/>',
        b'<!DOCTYPE adx [<!ENTITY x SYSTEM "file:///etc/passwd">]><adx>&x;</adx>',
        b"<adx",
        b"",
        b"\xff\xfe<",
        b'<?xml version="1.0" encoding="utf-99"?><adx/>',
        b"<a>" * 100_000,
        b"\x00",
    ],
    ids=["bomb", "outside", "file", "broken", "nothing", "no text", "encoding", "deep", "null"],
)
def test_xml_that_is_broken_or_declares_entities_is_refused(data):
    with pytest.raises(Unreadable) as refused:
        read(data)
    assert "passwd" not in refused.value.detail


def test_very_deep_xml_does_no_harm():
    with pytest.raises(ShapeInvalid):
        read(b"<a>" * 100_000 + b"</a>" * 100_000)
