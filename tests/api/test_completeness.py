"""GET /v1/completeness: public, paged, and strict about what is asked."""

import pytest

from tests.api.test_administration import admin, change  # noqa: F401 - a fixture
from tests.builders import MAY, report, submit, submit_and_accept

PATH = "/v1/completeness"


@pytest.fixture
def filled(hub):
    submit_and_accept(hub, "nyc-east", MAY, report())
    submit(hub, "ri-providence", MAY, report())
    return hub


def test_anyone_reads_it_by_operator_site_and_month(filled, http):
    answer = http.get(PATH, query_string={"operator": "nyc,ri", "period": "2026-04..2026-05"})
    assert answer.status_code == 200
    nothing = {"expected": 1, "received": 0, "on_time": 0, "accepted": 0}
    assert answer.json["items"][0] == {
        **{"operator": "nyc", "site": "nyc-east", "month": "2026-04", "due_by": "2026-05-16T00:00:00-04:00"},
        **nothing,
    }
    assert [(i["site"], i["received"], i["accepted"]) for i in answer.json["items"] if i["month"] == "2026-05"] == [
        ("nyc-east", 1, 1), ("nyc-north", 0, 0), ("ri-providence", 1, 0)
    ]  # fmt: skip
    assert answer.json["operators"] == [
        {"operator": "nyc", "expected": 4, "received": 1, "on_time": 0, "accepted": 1},
        {"operator": "ri", "expected": 2, "received": 1, "on_time": 0, "accepted": 0},
    ]
    assert answer.json["months"][1] == {"month": "2026-05", "expected": 3, "received": 2, "on_time": 0, "accepted": 1}
    assert answer.json["total"] == {"expected": 6, "received": 2, "on_time": 0, "accepted": 1}


def test_pages_follow_each_other_and_the_sums_are_of_the_whole(filled, http):
    whole = http.get(PATH, query_string={"site": "nyc-east,nyc-north", "period": "2025"}).json
    items, url = [], f"{PATH}?site=nyc-east,nyc-north&period=2025&limit=5"
    while url:
        answer = http.get(url)
        assert answer.json["total"] == whole["total"]
        items += answer.json["items"]
        url = answer.headers["Link"].partition(">")[0][1:] if answer.json["next"] else None
    assert items == whole["items"] and len(items) == 24


def test_due_days_are_told_and_changed_for_months_that_have_not_ended(hub, http, admin):  # noqa: F811
    place = "/v1/sites/nyc-east"
    days = [{"month": "2021-11", "day": 15}, {"month": "2026-07", "day": 28}]
    assert http.get(place).json["due_days"] == []
    assert change(admin, place, {"due_days": days}).json["due_days"] == days == http.get(place).json["due_days"]
    for wrong, pointer in [
        ([{"month": "2026-06", "day": 1}], "/due_days"),
        ([{"month": "2026-07", "day": 29}], "/due_days/0/day"),
        ([{"month": "2026-08", "day": 5, "hour": 9}], "/due_days/0"),
    ]:
        refused = change(admin, place, {"due_days": wrong})
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)
    assert http.get(place).json["due_days"] == days


@pytest.mark.parametrize(
    "query",
    [
        "operatr=nyc",
        "period=2026-13",
        "period=2026-06..2026-01",
        "site=",
        "limit=0",
        "cursor=x",
        "period=2026&period=2025",
    ],
)
def test_what_is_not_understood_is_refused(http, query):
    answer = http.get(f"{PATH}?{query}")
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (422, "query-invalid")


def test_what_nobody_reports_is_an_empty_list(http):
    answer = http.get(f"{PATH}?operator=nobody").json
    assert (answer["items"], answer["operators"], answer["months"], answer["next"]) == ([], [], [], None)
    assert answer["total"] == {"expected": 0, "received": 0, "on_time": 0, "accepted": 0}
