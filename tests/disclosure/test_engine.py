"""What a release holds: which rows there are, what they say, and when there is none."""

import pytest

from disclosure.engine import protect
from domain.dictionary import Check, DisclosureClass, Kind
from domain.periods import Month, PeriodKind
from domain.refusals import ReleaseRefused
from domain.report import Operator
from tests.disclosure.builders import breakdown, compare, contribution, dictionary, indicator, operators, rows, site

KIND = breakdown("kind", "a b")
JANUARY, FEBRUARY, MARCH = (Month(2026, number) for number in (1, 2, 3))
KNOWN = dictionary(
    [
        indicator("visits", DisclosureClass.USE_EVENTS, (KIND, Kind.PARTITION)),
        indicator("events"),
        indicator("people", DisclosureClass.PERSONS),
        indicator("people_quarter", DisclosureClass.PERSONS, window=PeriodKind.QUARTER),
        indicator("deaths", DisclosureClass.SENTINEL),
        indicator("hours", DisclosureClass.HOURS, unit="hours"),
        indicator("days", DisclosureClass.DAYS),
    ]
)
EAST, NORTH = site("east", "nyc", "new-york"), site("north", "nyc", "new-york")


DICTIONARIES = {"test": KNOWN}


def cut(*contributions, sites=None, known=KNOWN, agreed="site_month", past=(), **k):
    places = sites or list({c.site.id: c.site for c in contributions}.values())
    agreements = operators(places, agreed, **k)
    return protect(contributions, sites=places, operators=agreements, dictionaries={"test": known}, k=11, past=past)


def test_a_total_over_sites_sums_the_reports_that_count():
    told = rows(cut(contribution(EAST, JANUARY, events=20), contribution(NORTH, JANUARY, events=30)))
    assert (told["city/new-york/2026-01/events"], told["all/all/2026-01/events"]) == ("50", "50")


def test_a_report_that_does_not_count_is_left_out_of_the_total_and_says_why_in_its_own_row():
    told = rows(cut(contribution(EAST, JANUARY, events=20), contribution(NORTH, JANUARY, events="not_collected")))
    assert told["site/north/2026-01/events"] == "not_collected"
    assert told["city/new-york/2026-01/events"] == "20"


@pytest.mark.parametrize(
    ("gaps", "status"),
    [
        (("not_collected", "not_collected"), "not_collected"),
        (("not_collected", "not_applicable"), "not_reported"),
    ],
)
def test_where_nobody_counts_the_total_says_why(gaps, status):
    east, north = gaps
    told = rows(cut(contribution(EAST, JANUARY, events=east), contribution(NORTH, JANUARY, events=north)))
    assert told["city/new-york/2026-01/events"] == status


def test_an_indicator_that_is_not_given_has_no_row():
    assert not [path for path in rows(cut(contribution(EAST, JANUARY, events=20))) if "visits" in path]


def test_a_count_sent_as_a_bound_is_suppressed_and_so_is_every_sum_with_it():
    told = rows(cut(contribution(EAST, JANUARY, events="<5"), contribution(NORTH, JANUARY, events=40)))
    assert told["site/east/2026-01/events"] == "*"
    assert told["city/new-york/2026-01/events"] == "*"
    assert told["site/north/2026-01/events"] == "40"


@pytest.mark.parametrize(("sent", "upper"), [("<11", None), ("<12", 11), ("<50", 49)])
def test_the_bound_that_was_sent_is_told_only_where_it_tells_little(sent, upper):
    (row,) = (r for r in cut(contribution(EAST, JANUARY, events=sent)).observations if r.level == "site")
    assert (row.lower, row.upper) == (0, upper)


def test_a_summed_breakdown_needs_every_category_of_every_report():
    whole, partly = (30, {"kind": {"a": 15, "b": 15}}), (30, {})
    told = rows(cut(contribution(EAST, JANUARY, visits=whole), contribution(NORTH, JANUARY, visits=partly)))
    assert told["city/new-york/2026-01/visits"] == "60"
    assert "city/new-york/2026-01/visits/kind/a" not in told
    assert told["site/east/2026-01/visits/kind/a"] == "15"


def test_persons_have_no_row_over_sites_or_months():
    months = [contribution(s, m, people=40) for s in (EAST, NORTH) for m in (JANUARY, FEBRUARY, MARCH)]
    assert {path.split("/")[0] + path.split("/")[2][4:6] for path in rows(cut(*months))} == {"site-0"}


def test_persons_of_a_quarter_stand_under_the_quarter():
    told = rows(cut(contribution(EAST, MARCH, people_quarter=90)))
    assert told == {"site/east/2026-Q1/people_quarter": "90"}


def test_a_quarter_waits_until_every_month_in_which_its_sites_were_open_has_a_report():
    two = [contribution(EAST, month, events=20) for month in (JANUARY, FEBRUARY)]
    assert "site/east/2026-Q1/events" not in rows(cut(*two))
    told = rows(cut(*two, contribution(EAST, MARCH, events=20), sites=[EAST, NORTH]))
    assert told["site/east/2026-Q1/events"] == "60"
    assert "city/new-york/2026-Q1/events" not in told, "north was open and has not reported"


def test_real_and_synthetic_counts_are_never_summed():
    real, made_up = site("real"), site("made-up", synthetic=True)
    told = rows(cut(contribution(real, JANUARY, events=20), contribution(made_up, JANUARY, events=30)))
    assert not [path for path in told if path.startswith("all/")]


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize(("agreed", "shown"), [("site_month", True), ("site_year", False), ("none", False)])
def test_deaths_are_shown_by_agreement_and_never_by_value(count, agreed, shown):
    told = rows(cut(contribution(EAST, JANUARY, deaths=count, events=20), agreed=agreed))
    assert told.get("site/east/2026-01/deaths") == (str(count) if shown else None)


def test_hours_are_summed_to_their_two_decimals_and_days_stay_with_their_site():
    given = [contribution(s, JANUARY, hours=hours, days=31) for s, hours in ((EAST, 0.1), (NORTH, 0.2))]
    told = rows(cut(*given))
    assert told["city/new-york/2026-01/hours"] == "0.3"
    assert [path for path in told if path.endswith("days")] == ["site/east/2026-01/days", "site/north/2026-01/days"]


def test_an_operators_stricter_k_hides_more():
    given = contribution(EAST, JANUARY, events=15)
    assert rows(cut(given))["site/east/2026-01/events"] == "15"
    assert rows(cut(given, nyc=16))["site/east/2026-01/events"] == "*"


def test_sixty_visits_and_four_overdoses():
    told = rows(cut(contribution(EAST, JANUARY, visits=60, events=4)))
    assert (told["site/east/2026-01/visits"], told["site/east/2026-01/events"]) == ("60", "*")


def test_a_closed_month_shows_its_zero_visits():
    assert rows(cut(contribution(EAST, JANUARY, visits=0)))["site/east/2026-01/visits"] == "0"


def test_reports_that_contradict_a_rule_stop_the_cut_without_a_number():
    known = dictionary([indicator("events"), indicator("naloxone")], [compare("naloxone <= events")])
    with pytest.raises(ReleaseRefused) as refused:
        cut(contribution(EAST, JANUARY, events=31337, naloxone=31338), known=known)
    assert "3133" not in str(refused.value) + str(refused.value.items)


def test_a_stock_that_grew_by_a_few_persons_does_not_tell_how_many():
    ever = indicator("ever", DisclosureClass.PERSONS)
    stock, known = dictionary([ever]), dictionary([ever], [falls("ever")])
    given = [contribution(EAST, JANUARY, ever=560), contribution(EAST, FEBRUARY, ever=564)]
    assert list(rows(cut(*given, known=stock)).values()) == ["560", "564"], "without the rule it is no stock"
    assert sorted(rows(cut(*given, known=known)).values()) != ["560", "564"]
    given[1] = contribution(EAST, FEBRUARY, ever=575)
    assert sorted(rows(cut(*given, known=known)).values()) == ["560", "575"]


def falls(name: str) -> Check:
    return Check("falls", True, needs_history=True, parameters={"indicator": name})


def test_progress_never_falls_and_ends_at_one():
    told = []
    sites = [EAST]
    given = [contribution(EAST, JANUARY, events=4, visits=60)]
    protect(given, sites=sites, operators=operators(sites), dictionaries=DICTIONARIES, k=11, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_the_same_reports_give_the_same_rows():
    given = [contribution(s, m, events=n) for s, m, n in ((EAST, JANUARY, 8), (NORTH, JANUARY, 40), (EAST, MARCH, 3))]
    assert cut(*given).observations == cut(*reversed(given)).observations


def test_the_summary_names_the_attackers_and_the_least_that_they_are_left_with():
    given = [contribution(site(name), JANUARY, events=count) for name, count in (("a", 9), ("b", 8), ("c", 7))]
    summary = cut(*given).attack
    assert summary.attackers == ("anyone", "a-op", "b-op", "c-op")
    assert summary.breaches == 0
    assert summary.minimum_width >= 11


def test_a_site_without_an_operator_record_still_has_the_hubs_k():
    given = [contribution(EAST, JANUARY, events=10)]
    table = protect(given, sites=[EAST], operators={"other": Operator("other", "O")}, dictionaries=DICTIONARIES, k=11)
    assert rows(table)["site/east/2026-01/events"] == "*"
