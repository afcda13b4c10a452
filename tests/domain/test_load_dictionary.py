"""The shipped dictionary is what the project says it is; a wrong one is refused, with file, table and reason."""

from dataclasses import fields
from importlib.resources import files

import pytest

from domain.dictionary import CellName, DisclosureClass, IntervalMethod, Kind, Level
from domain.load_dictionary import CODE_LISTS, WrongDictionary, load_dictionary, shipped_dictionaries
from domain.load_rules import ABOUT_LISTS
from domain.periods import Month, PeriodKind
from domain.report import About

TEXT = (files("domain") / "dictionaries" / "2026.1.toml").read_text("utf-8")
DICTIONARY = shipped_dictionaries()["2026.1"]


def load(folder, text: str, name: str = "2026.1.toml"):
    path = folder / name
    path.write_text(text, "utf-8")
    return load_dictionary(path)


# ---- the shipped dictionary ----


def test_the_shipped_dictionaries_are_found_by_version_and_read_once():
    assert [version for version, d in shipped_dictionaries().items() if d.version == version] == ["2026.1"]
    assert shipped_dictionaries() is shipped_dictionaries()


def test_a_dictionary_reads_the_same_from_any_folder(tmp_path):
    assert load(tmp_path, TEXT) == DICTIONARY


def test_it_is_in_force_from_the_first_month_of_insite():
    assert DICTIONARY.in_force_from == Month(2003, 1)
    assert DICTIONARY.in_force_to is None


def test_the_core_indicators():
    assert {indicator.id for indicator in DICTIONARY.indicators if indicator.core} == {
        "operating_days", "operating_hours", "participants_unique", "visits_consumption", "overdose_events",
        "ems_calls", "participants_connected", "referrals_made", "deaths_overdose_onsite",
    }  # fmt: skip


def test_the_disclosure_classes():
    classes = {c: {i.id for i in DICTIONARY.indicators if i.disclosure_class is c} for c in DisclosureClass}
    persons = {i.id for i in DICTIONARY.indicators if i.id.startswith("participants_")} | {"moud_starts"}
    assert classes == {
        DisclosureClass.PERSONS: persons,
        DisclosureClass.PERSON_EVENTS: {
            "overdose_events", "overdose_naloxone", "overdose_oxygen", "naloxone_doses_onsite", "medical_events_other",
            "ems_calls", "ems_transports", "police_calls", "refusals", "referrals_made", "linkages_confirmed",
            "onsite_services", "tests_done",
        },
        DisclosureClass.USE_EVENTS: {
            "visits_consumption", "visits_all", "consumption_episodes", "substances_used", "public_use_averted",
            "drug_checks",
        },
        DisclosureClass.SENTINEL: {"deaths_overdose_onsite", "deaths_other_onsite"},
        DisclosureClass.ITEMS: {"naloxone_kits_distributed", "syringes_distributed", "syringes_collected"},
        DisclosureClass.HOURS: {"operating_hours", "station_hours"},
        DisclosureClass.DAYS: {"operating_days"},
    }  # fmt: skip


def test_persons_never_add_up_and_everything_but_days_does():
    for indicator in DICTIONARY.indicators:
        persons = indicator.disclosure_class is DisclosureClass.PERSONS
        assert indicator.additive_over_time is not persons
        assert indicator.additive_over_units is not (persons or indicator.id == "operating_days")


def test_persons_of_a_quarter_and_of_a_year_have_their_window():
    windows = {i.id: i.window for i in DICTIONARY.indicators if i.window is not PeriodKind.MONTH}
    assert windows == {"participants_quarter": PeriodKind.QUARTER, "participants_year": PeriodKind.YEAR}


@pytest.mark.parametrize(
    ("indicator", "breakdown", "kind"),
    [
        ("participants_unique", "age_band", Kind.PARTITION),
        ("participants_unique", "route_any", Kind.MULTI),
        ("visits_consumption", "time_band", Kind.SUBSET),
        ("overdose_events", "route", Kind.PARTITION),
        ("overdose_events", "substance_any", Kind.MULTI),
        ("substances_used", "substance_any", Kind.PARTITION),
        ("drug_checks", "check_result_any", Kind.MULTI),
    ],
)
def test_the_kind_of_a_breakdown_belongs_to_its_indicator(indicator, breakdown, kind):
    assert DICTIONARY.by_id[indicator].binding(breakdown).kind is kind


def test_the_plan_publishes_what_adds_up_everywhere_and_persons_by_site_and_month():
    everywhere = (tuple(Level), tuple(PeriodKind))
    plan = {c: ((p.levels, p.periods), p.breakdowns) for c, p in DICTIONARY.plan.items()}
    assert plan == {
        DisclosureClass.PERSONS: (((Level.SITE,), (PeriodKind.MONTH,)), True),
        DisclosureClass.PERSON_EVENTS: (everywhere, True),
        DisclosureClass.USE_EVENTS: (everywhere, True),
        DisclosureClass.SENTINEL: (everywhere, False),
        DisclosureClass.ITEMS: (everywhere, True),
        DisclosureClass.HOURS: (everywhere, True),
        DisclosureClass.DAYS: (((Level.SITE,), tuple(PeriodKind)), False),
    }


def test_there_are_the_rules_r01_to_r26():
    assert [rule.id for rule in DICTIONARY.rules] == [f"r{number:02}" for number in range(1, 27)]


def test_the_rules_that_look_at_earlier_months():
    assert {r.id for r in DICTIONARY.rules for c in r.checks if c.needs_history} == {"r08", "r09", "r22", "r24"}


def test_a_comparison_keeps_its_parameters():
    (check,) = next(rule for rule in DICTIONARY.rules if rule.id == "r20").checks
    assert not check.hard
    assert check.comparison.text == "ems_calls[ems_reason.overdose] < overdose_naloxone"
    assert check.parameters["about"] == {"ems_policy": "always_on_naloxone"}


def test_measures_are_of_cells_and_name_what_must_agree():
    measure = DICTIONARY.measures_by_id["ems_share"]
    assert measure.numerator == CellName("ems_calls", "ems_reason", "overdose")
    assert measure.denominator == CellName("overdose_events")
    assert (measure.factor, measure.interval) == (1, IntervalMethod.BINOMIAL)
    assert DICTIONARY.measures_by_id["od_per_1000_visits"].must_agree == ("visit_basis", "overdose_definition")
    assert len(DICTIONARY.measures) == 15


def test_overdoses_are_never_measured_on_visits_of_any_kind():
    assert "visits_all" not in {measure.denominator.indicator for measure in DICTIONARY.measures}


def test_the_codes_of_the_about_block_are_its_fields_and_have_unknown():
    assert set(ABOUT_LISTS) < {field.name for field in fields(About)}
    assert all("unknown" in DICTIONARY.code_list(name) for name in (*ABOUT_LISTS, "partial_month_reason"))
    assert set(DICTIONARY.codes) == set(CODE_LISTS)


def test_texts_are_whole_sentences_on_one_line():
    for text in [i.definition for i in DICTIONARY.indicators] + [r.text for r in DICTIONARY.rules]:
        assert text.endswith(".") and text[0].isupper() and "\n" not in text and "  " not in text


# ---- a wrong dictionary: what is changed in the shipped one, and what is said ----

PERSONS_PLAN = (
    '[plan.persons]              # persons never add up: not over sites, not over months\nlevels = ["site"]\n'
)
R05 = 'comparison = "operating_hours <= 24 * operating_days"'
R20 = 'about = { ems_policy = "always_on_naloxone" }'
R22 = 'breakdown = "referral_type"'
EMS_SHARE = 'numerator = { indicator = "ems_calls", breakdown = "ems_reason", category = "overdose" }'
STATION_ROUTE = '[indicators.station_hours.breakdowns]\nroute = "partition"'

WRONG = [
    # the file
    ("version = ", "version == ", r"2026\.1\.toml: .*line 6"),
    ('version = "2026.1"', 'version = "2026.2"', r"2026\.1\.toml: version 2026\.2 must be in the file 2026\.2\.toml"),
    ('version = "2026.1"', "version = 2026.1", r"2026\.1\.toml: version must be a text"),
    ('version = "2026.1"', 'version = "2026.1"\ncolour = "red"', r"2026\.1\.toml: colour is not known here"),
    ('in_force_from = "2003-01"', "", r"in_force_from is missing"),
    ('in_force_from = "2003-01"', 'in_force_from = "2003"', r"in_force_from: a month is written like"),
    ('in_force_from = "2003-01"', 'in_force_from = "2003-02"\nin_force_to = "2003-01"', "in_force_to is before"),
    # the plan
    ("[plan.items]", "[plan.things]", r"2026\.1\.toml, plan: items is missing"),
    ("[plan.items]", "[plan.extra]\n[plan.items]", r"plan: extra is not known here"),
    ("[plan.items]", "[plan.items]\nsecret = true", r"plan\.items: secret is not known here"),
    ('levels = ["site"]', 'levels = ["planet"]', r"plan\.persons: levels must be one of site, city, all, not 'planet'"),
    ('levels = ["site"]', 'levels = ["site", "site"]', r"plan\.persons: levels names site twice"),
    ('levels = ["site"]', "levels = []", r"plan\.persons: levels is empty"),
    ('levels = ["site"]', 'levels = "site"', r"plan\.persons: levels must be a list"),
    ('levels = ["site"]', "levels = [1]", r"plan\.persons: levels must be a list of texts"),
    ('levels = ["site"]', 'levels = ["site", "all"]', "participants_unique does not add up over sites"),
    ('periods = ["month"]', 'periods = ["month", "year"]', "participants_unique does not add up over months"),
    ("breakdowns = true", 'breakdowns = "yes"', r"plan\.persons: breakdowns must be true or false"),
    # code lists
    ("[codes.closed]", "[codes.shut]", r"codes: closed is missing"),
    ("[codes.closed]", '[codes.more]\na = "A"\n[codes.closed]', r"codes: more is not known here"),
    ('works = "Building works"', 'works = ""', r"codes\.partial_month_reason: works is empty"),
    ('works = "Building works"', 'Works = "Building works"', r"codes\.partial_month_reason: 'Works' is no name"),
    ('works = "Building works"', 'works = "Works"\nworks = "Works"', r"2026\.1\.toml: .*overwrite"),
    ('policy"\nunknown = "Not known"', 'policy"', r"codes: ems_policy has no code 'unknown'"),
    # breakdowns
    ("[breakdowns.gender]", "[breakdowns.age_band]\n[breakdowns.gender]", r"2026\.1\.toml: .*declare.*twice"),
    ('man = "Man"', 'man = "Man"\nman = "A man"', r"2026\.1\.toml: .*overwrite"),
    ('man = "Man"', '"a man" = "Man"', r"breakdowns\.gender\.categories: 'a man' is no name"),
    ('man = "Man"', "man = 1", r"breakdowns\.gender\.categories: man must be a text"),
    ('label = "Gender"', "", r"breakdowns\.gender: label is missing"),
    ("[breakdowns.gender]", "[breakdowns.x]\nlabel = 'X'\n[breakdowns.x.categories]\n[breakdowns.gender]",
     r"breakdowns\.x\.categories: there is no code"),
    ("[breakdowns.gender]", "[breakdowns]\nx = 1\n[breakdowns.gender]", r"breakdowns: x must be a table"),
    # indicators
    ("core = true", 'core = true\ncolour = "red"', r"indicators\.operating_days: colour is not known here"),
    ("core = true", "", r"indicators\.operating_days: core is missing"),
    ("core = true", "core = 1", r"indicators\.operating_days: core must be true or false"),
    ('unit = "days"', 'unit = "weeks"', r"indicators\.operating_days: unit must be one of .*, not 'weeks'"),
    ('class = "days"', 'class = "weeks"', r"indicators\.operating_days: class must be one of .*, not 'weeks'"),
    ('window = "quarter"', 'window = "week"', r"participants_quarter: window must be one of .*, not 'week'"),
    ('class = "days"', 'class = "persons"', r"indicators\.operating_days: .*persons never add up"),
    ("[indicators.operating_hours]", "[indicators.operating_days]\n[indicators.operating_hours]", "declare.*twice"),
    (STATION_ROUTE, STATION_ROUTE.replace("route =", "rout ="), "station_hours.* no breakdown 'rout'"),
    (STATION_ROUTE, STATION_ROUTE.replace("partition", "part"), r"station_hours\.breakdowns: route must be one of"),
    # rules
    ("[rules.r02]", "[rules.r27]", "rules: rules are numbered .* r27 stands where r02 belongs"),
    ("[rules.r02]", "[rules.r01]", r"2026\.1\.toml: .*twice"),
    ('kind = "count"', 'kind = "guess"', r"rules\.r01\.checks\[0\]: there is no kind of check 'guess'"),
    ('kind = "count"\nlevel = "error"', 'kind = "count"', r"rules\.r01\.checks\[0\]: level is missing"),
    ('level = "error"', 'level = "fatal"', r"rules\.r01\.checks\[0\]: level must be one of .* not 'fatal'"),
    ('kind = "count"', 'kind = "count"\nshare = 0.2', r"rules\.r01\.checks\[0\]: share is not known here"),
    ('[[rules.r01.checks]]\nkind = "count"\nlevel = "error"', "checks = []", r"rules\.r01: checks is empty"),
    ('[[rules.r01.checks]]\nkind = "count"\nlevel = "error"', "checks = [1]", r"rules\.r01: checks must be an array"),
    (R05, "", r"rules\.r05\.checks\[1\]: comparison is missing"),
    (R05, R05.replace("operating_hours", "opening_hours"), r"r05\.checks\[1\]: there is no indicator 'opening_hours'"),
    (R05, R05.replace("operating_days", "refusals[why.x]"), r"r05\.checks\[1\]: refusals has no breakdown 'why'"),
    (R05, R05.replace("operating_days", "refusals[refusal_reason.x]"), r"refusal_reason has no category 'x'"),
    (R05, R05.replace("24 * operating_days", "2 * stations"), r"there is no indicator 'stations'"),
    (R05, R05.replace("<=", "≤"), r"r05\.checks\[1\]: comparison: no comparison in"),
    ('condition = "visits_consumption > 0"', 'condition = "visitors > 0"', r"r06\.checks\[0\]: .* 'visitors'"),
    ('days = "operating_days"', 'days = "opening_days"', r"r06\.checks\[1\]: there is no indicator 'opening_days'"),
    ('indicators = ["operating_days", ', 'indicators = ["days", ', r"r06\.checks\[1\]: there is no indicator 'days'"),
    ('waived_by = "dedup_fix"', 'waived_by = "dedup"', r"r08\.checks\[1\]: revision_reasons has no code 'dedup'"),
    (R20, R20.replace("always_on_naloxone", "always"), r"r20\.checks\[0\]\.about: ems_policy has no code 'always'"),
    (R20, R20.replace("ems_policy", "mood"), r"r20\.checks\[0\]\.about: mood is not known here"),
    (R22, 'breakdown = "test_type"', r"r22\.checks\[0\]: linkages_confirmed has no breakdown 'test_type'"),
    ('where_missing = "participants_any_service"', 'where_missing = "x"', r"r23\.checks\[1\]: .* no indicator 'x'"),
    ("coverage = 0.99", "coverage = 99", r"r24\.checks\[1\]: coverage must be a number with a point"),
    ("coverage = 0.99", "coverage = 1.0", r"r24\.checks\[1\]: coverage must lie between 0 and 1"),
    ("coverage = 0.99", "coverage = 0.9", r"r24\.checks\[1\]: coverage must be at least 0.98"),
    ("minimum_months = 10", "minimum_months = 3", r"r24\.checks\[2\]: minimum_months must be at least 4"),
    ("score = 3.5", "score = -3.5", r"r24\.checks\[2\]: score must be above 0"),
    ('except = ["participants_cumulative"] ', 'except = ["nobody"] ', r"r24\.checks\[0\]: there is no indicator"),
    ("factor = 3", "factor = true", r"r24\.checks\[0\]: factor must be a whole number"),
    ("minimum = 30", "minimum = 0", r"r25\.checks\[1\]: minimum must be at least 1"),
    # measures
    ("factor = 1000", "factor = 0", r"measures\.od_per_1000_visits: factor must be at least 1"),
    ('interval = "poisson"', 'interval = "bayes"', r"measures\.od_per_1000_visits: interval must be one of"),
    (EMS_SHARE, 'numerator = { indicator = "ems" }', r"measures\.ems_share\.numerator: there is no indicator 'ems'"),
    (EMS_SHARE, EMS_SHARE.replace('"overdose"', '"fire"'), r"ems_share\.numerator: ems_reason has no category 'fire'"),
    (EMS_SHARE, EMS_SHARE.replace('"ems_reason"', '"route"'), "ems_share.* ems_calls has no breakdown 'route'"),
    (EMS_SHARE, EMS_SHARE.replace(', category = "overdose"', ""), r"ems_share\.numerator: breakdown and category"),
    ('must_agree = ["visit_basis", ', 'must_agree = ["mood", ', r"od_per_1000_visits: must_agree: .* no code 'mood'"),
    ('should_agree = ["ems_policy"]', 'should_agree = ["closed"]', "should_agree: the about block .* 'closed'"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), WRONG)
def test_a_wrong_dictionary_is_refused_with_its_place(tmp_path, old, new, message):
    assert old in TEXT
    with pytest.raises(WrongDictionary, match=message) as refusal:
        load(tmp_path, TEXT.replace(old, new, 1))
    assert str(refusal.value).startswith("2026.1.toml")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "2026.1.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(WrongDictionary, match="2026.1.toml"):
        load_dictionary(path)


def test_a_version_may_end(tmp_path):
    ended = load(tmp_path, TEXT.replace('version = "2026.1"', 'version = "2026.1"\nin_force_to = "2027-12"', 1))
    assert ended.in_force(Month(2027, 12))
    assert not ended.in_force(Month(2028, 1))
    assert not ended.in_force(Month(2002, 12))


def test_an_indicator_is_added_by_an_edit_of_the_file_alone(tmp_path):
    addition = """
[indicators.showers]
label = "Showers"
definition = "The showers taken."
unit = "events"
class = "items"
core = false
additive_over_time = true
additive_over_units = true
"""
    assert load(tmp_path, TEXT + addition).by_id["showers"].label == "Showers"
