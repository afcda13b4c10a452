"""Every rule of the dictionary that needs one report only: what passes it, and what is found."""

HUNDRED_BY_AGE = "participants_unique 100, participants_unique.age_band.20_29 "
OVERDOSES_BY = "overdose_events 9, overdose_events."

# rule, code, pointer below /indicators, what passes, what is found
EXAMPLES = [
    ("r01", "not_whole", "ems_calls/total", "ems_calls 5", "ems_calls 5.5"),
    ("r01", "not_whole", "ems_calls/by/ems_reason/other",
     "ems_calls 1, ems_calls.ems_reason.other 1", "ems_calls 1, ems_calls.ems_reason.other 1.5"),
    ("r01", "not_whole", "operating_days/total", "operating_days 3", "operating_days 3.5"),
    ("r01", "too_many_decimals", "operating_hours/total",
     "operating_days 2, operating_hours 8.07", "operating_days 2, operating_hours 8.075"),

    ("r02", "parts_do_not_sum", "participants_unique/by/age_band", HUNDRED_BY_AGE + "100", HUNDRED_BY_AGE + "99"),
    ("r02", "parts_do_not_sum", "participants_unique/by/age_band", HUNDRED_BY_AGE + "<101", HUNDRED_BY_AGE + "<100"),
    ("r02", "parts_do_not_sum", "participants_unique/by/age_band",
     HUNDRED_BY_AGE + "99, participants_unique.age_band.unknown <3",
     HUNDRED_BY_AGE + "98, participants_unique.age_band.unknown <2"),
    ("r02", "parts_do_not_sum", "participants_unique/by/age_band",
     HUNDRED_BY_AGE + "not_collected", HUNDRED_BY_AGE + "101"),
    ("r02", "parts_do_not_sum", "ems_calls/by/ems_reason",
     "ems_calls <6, ems_calls.ems_reason.other 5", "ems_calls <5, ems_calls.ems_reason.other 5"),
    ("r02", "parts_do_not_sum", "ems_calls/by/ems_reason",
     "ems_calls not_reported, ems_calls.ems_reason.other 5", "ems_calls 0, ems_calls.ems_reason.other 5"),
    ("r02", "parts_do_not_sum", "station_hours/by/route",
     "station_hours 0.3, station_hours.route.inject 0.1, station_hours.route.smoke 0.2",
     "station_hours 0.3, station_hours.route.inject 0.1, station_hours.route.smoke 0.1"),

    ("r03", "category_above_total", "visits_consumption/by/route_any/smoke",
     "visits_consumption 9, visits_consumption.route_any.inject 9, visits_consumption.route_any.smoke 9",
     "visits_consumption 9, visits_consumption.route_any.inject 9, visits_consumption.route_any.smoke 10"),
    ("r03", "category_above_total", "drug_checks/by/check_result_any/nitazene",
     "drug_checks <5, drug_checks.check_result_any.nitazene 4",
     "drug_checks <5, drug_checks.check_result_any.nitazene 5"),
    ("r03", "category_above_total", "drug_checks/by/check_result_any/nitazene",
     "drug_checks 1, drug_checks.check_result_any.nitazene <9, drug_checks.check_result_any.other not_collected",
     "drug_checks 1, drug_checks.check_result_any.nitazene 2, drug_checks.check_result_any.other not_collected"),
    ("r03", "parts_below_total", "visits_consumption/by/route_any",
     "visits_consumption 9, visits_consumption.route_any.inject 5, visits_consumption.route_any.unknown 4",
     "visits_consumption 9, visits_consumption.route_any.inject 5, visits_consumption.route_any.unknown 3"),
    ("r03", "parts_below_total", "visits_consumption/by/route_any",
     "visits_consumption 9, visits_consumption.route_any.inject 5, visits_consumption.route_any.smoke <5",
     "visits_consumption 9, visits_consumption.route_any.inject 5, visits_consumption.route_any.smoke <4"),

    ("r04", "parts_above_total", "visits_consumption/by/time_band",
     "visits_consumption 9, visits_consumption.time_band.06_12 5",
     "visits_consumption 9, visits_consumption.time_band.06_12 5, visits_consumption.time_band.12_18 5"),

    ("r05", "contradiction", "operating_days/total", "operating_days 31", "operating_days 32"),
    ("r05", "contradiction", "operating_hours/total",
     "operating_days 2, operating_hours 48", "operating_days 2, operating_hours 48.01"),
    ("r05", "contradiction", "operating_hours/total",
     "operating_days <3, operating_hours 48", "operating_days <3, operating_hours 49"),
    ("r05", "contradiction", "station_hours/total",
     "operating_hours 8.1, station_hours 24.3", "operating_hours 8.1, station_hours 24.31"),

    ("r06", "contradiction", "operating_hours/total",
     "visits_consumption 0, operating_hours 0", "visits_consumption 1, operating_hours 0"),
    ("r06", "contradiction", "operating_hours/total",
     "visits_consumption <5, operating_hours 0", "visits_consumption 5, operating_hours 0"),
    ("r06", "closed_reason_missing", "operating_days/total", "operating_days <5", "operating_days 0"),

    ("r07", "contradiction", "participants_unique/total",
     "participants_unique 5, visits_consumption 5", "participants_unique 6, visits_consumption 5"),
    ("r07", "zero_against_count", "participants_unique/total",
     "participants_unique 0, visits_consumption 0", "participants_unique 0, visits_consumption 5"),
    ("r07", "zero_against_count", "participants_unique/total",
     "participants_unique <5, visits_consumption 0", "participants_unique 5, visits_consumption 0"),

    ("r08", "contradiction", "participants_new/total",
     "participants_new 5, participants_unique 5", "participants_new 6, participants_unique 5"),

    ("r10", "contradiction", "visits_all/total",
     "visits_all 5, visits_consumption 5", "visits_all 4, visits_consumption 5"),
    ("r10", "contradiction", "participants_any_service/total",
     "participants_any_service 5, participants_unique 5", "participants_any_service 4, participants_unique 5"),

    ("r11", "contradiction", "consumption_episodes/total",
     "consumption_episodes 5, visits_consumption 5", "consumption_episodes 4, visits_consumption 5"),
    ("r11", "implausible", "consumption_episodes/total",
     "consumption_episodes 25, visits_consumption 5", "consumption_episodes 26, visits_consumption 5"),

    ("r12", "implausible", "substances_used/total",
     "substances_used 5, consumption_episodes 5", "substances_used 4, consumption_episodes 5"),

    ("r13", "implausible", "overdose_events/total",
     "overdose_events 3, visits_consumption 15", "overdose_events 3, visits_consumption 14"),
    ("r13", "contradiction", "overdose_events/by/overdose_location/consumption_area",
     OVERDOSES_BY + "overdose_location.consumption_area 9, consumption_episodes 9",
     OVERDOSES_BY + "overdose_location.consumption_area 9, consumption_episodes 8"),

    ("r14", "contradiction", "overdose_naloxone/total",
     "overdose_naloxone 5, overdose_events 5", "overdose_naloxone 6, overdose_events 5"),
    ("r14", "contradiction", "overdose_oxygen/total",
     "overdose_oxygen 5, overdose_events 5", "overdose_oxygen 6, overdose_events 5"),
    ("r14", "contradiction", "overdose_events/by/response_highest/naloxone_no_oxygen",
     "overdose_naloxone 9, "
     + OVERDOSES_BY + "response_highest.naloxone_no_oxygen 4, overdose_events.response_highest.naloxone_with_oxygen 5",
     "overdose_naloxone 8, "
     + OVERDOSES_BY + "response_highest.naloxone_no_oxygen 4, overdose_events.response_highest.naloxone_with_oxygen 5"),
    ("r14", "contradiction", "overdose_naloxone/total",
     "overdose_naloxone 8, " + OVERDOSES_BY + "response_highest.naloxone_no_oxygen 6, "
     "overdose_events.response_highest.cpr_aed 2, overdose_events.response_highest.oxygen 1",
     "overdose_naloxone 9, " + OVERDOSES_BY + "response_highest.naloxone_no_oxygen 6, "
     "overdose_events.response_highest.cpr_aed 2, overdose_events.response_highest.oxygen 1"),

    ("r15", "contradiction", "participants_overdose/total",
     "participants_overdose 5, overdose_events 5", "participants_overdose 6, overdose_events 5"),
    ("r15", "zero_against_count", "participants_overdose/total",
     "participants_overdose 0, overdose_events 0", "participants_overdose 0, overdose_events 5"),
    ("r15", "implausible", "participants_overdose/total",
     "participants_overdose 5, participants_unique 5", "participants_overdose 6, participants_unique 5"),

    ("r16", "implausible", "ems_calls/by/ems_reason/overdose",
     "ems_calls 5, ems_calls.ems_reason.overdose 5, overdose_events 5",
     "ems_calls 5, ems_calls.ems_reason.overdose 5, overdose_events 4"),
    ("r16", "implausible", "ems_calls/by/ems_reason/overdose",
     "ems_calls 5, ems_calls.ems_reason.overdose 5, overdose_events <6",
     "ems_calls 5, ems_calls.ems_reason.overdose 5, overdose_events <5"),

    ("r17", "implausible", "ems_transports/total", "ems_transports 5, ems_calls 5", "ems_transports 6, ems_calls 5"),

    ("r18", "implausible", "overdose_events/by/overdose_outcome/transported",
     "ems_transports 9, ems_transports.ems_reason.overdose 9, " + OVERDOSES_BY + "overdose_outcome.transported 9",
     "ems_transports 9, ems_transports.ems_reason.other 9, " + OVERDOSES_BY + "overdose_outcome.transported 9"),

    ("r19", "number_or_status_needed", "deaths_overdose_onsite/total",
     "deaths_overdose_onsite not_collected", "deaths_overdose_onsite <5"),
    ("r19", "confirmation_needed", "deaths_overdose_onsite/total",
     "deaths_overdose_onsite 0", "deaths_overdose_onsite 1"),
    ("r19", "confirmation_needed", "deaths_other_onsite/total", "deaths_other_onsite <5", "deaths_other_onsite 1"),

    ("r21", "implausible", "naloxone_doses_onsite/total",
     "naloxone_doses_onsite 5, overdose_naloxone 5", "naloxone_doses_onsite 4, overdose_naloxone 5"),
    ("r21", "implausible", "naloxone_doses_onsite/total",
     "naloxone_doses_onsite 30, overdose_naloxone 5", "naloxone_doses_onsite 31, overdose_naloxone 5"),

    ("r23", "implausible", "participants_connected/total",
     "participants_connected 5, participants_any_service 5", "participants_connected 6, participants_any_service 5"),
    ("r23", "implausible", "participants_connected/total",
     "participants_connected 5, participants_unique 5", "participants_connected 6, participants_unique 5"),
    ("r23", "implausible", "participants_connected/total",
     "participants_connected 6, participants_unique 5, participants_any_service <9",
     "participants_connected 6, participants_unique 5, participants_any_service not_collected"),

    ("r25", "much_unknown", "refusals/by/refusal_reason/unknown",
     "refusals 5, refusals.refusal_reason.hours 4, refusals.refusal_reason.unknown 1",
     "refusals 5, refusals.refusal_reason.hours 3, refusals.refusal_reason.unknown 2"),
    ("r25", "much_unknown", "refusals/by/refusal_reason/unknown",
     "refusals <6, refusals.refusal_reason.unknown 1, refusals.refusal_reason.other <5",
     "refusals <6, refusals.refusal_reason.unknown 2, refusals.refusal_reason.other <5"),
    ("r25", "one_category_only", "refusals/by/refusal_reason/capacity",
     "refusals 29, refusals.refusal_reason.capacity 29", "refusals 30, refusals.refusal_reason.capacity 30"),
    ("r25", "one_category_only", "refusals/by/refusal_reason/capacity",
     "refusals 30, refusals.refusal_reason.capacity 29, refusals.refusal_reason.other 1",
     "refusals 30, refusals.refusal_reason.capacity 30"),

    ("r26", "not_last_month", "participants_quarter/total",
     "participants_quarter not_reported", "participants_quarter 5"),
    ("r26", "not_last_month", "participants_year/total", "participants_year not_collected", "participants_year 0"),
]  # fmt: skip
