"""Every method beside values that others computed: base R and metafor, statsmodels, and printed tables.

`expected/base_r.R` and `expected/statsmodels_values.py` made the tables; their first lines say with which versions.
"""

import csv
from collections import defaultdict
from math import inf
from pathlib import Path

import pytest

from comparison.methods.dispersion import dispersion
from comparison.methods.intervals import binomial_interval, poisson_interval
from comparison.methods.limits import INNER, OUTER, THREE_SIGMA, exact_limits
from comparison.methods.log_linear import log_slope
from comparison.methods.random_effects import random_effects
from comparison.methods.ratio_tests import holm, odds_ratio, rate_ratio
from comparison.methods.standardization import Stratum, direct
from domain.dictionary import IntervalMethod

POISSON, BINOMIAL = IntervalMethod.POISSON, IntervalMethod.BINOMIAL
FOLDER = Path(__file__).parent / "expected"


def expected():
    tables = defaultdict(dict)
    for name in ("base_r.csv", "statsmodels.csv"):
        lines = (FOLDER / name).read_text().splitlines()
        assert lines[0].startswith("# ")
        for row in csv.DictReader(lines[1:]):
            tables[row["method"], row["input"]][row["quantity"]] = float(row["value"])
    return tables


def ends(interval, names=("lower", "upper")):
    return dict(zip(names, (inf if end is None else end for end in interval), strict=True))


def in_groups(numbers, of):
    return list(zip(*(numbers[start::of] for start in range(of)), strict=True))


def ratio_of(function, a, over_a, b, over_b):
    found = function((a, over_a), (b, over_b))
    return {"value": found.value, "p_value": found.p_value, **ends(found.interval)}


def limits(method, target, exposure):
    names = {OUTER: ("l3", "u3"), THREE_SIGMA: ("ls", "us"), INNER: ("l2", "u2")}
    found = {level: exact_limits(method, target, exposure, level) for level in names}
    return {n: end * exposure for level in names for n, end in ends(found[level], names[level]).items()}


def winsorised(method, *numbers):
    counts = in_groups(numbers, 2)
    target = sum(events for events, _ in counts) / sum(exposure for _, exposure in counts)
    found = dispersion(counts, target, method)
    return {"phi": found.phi, "tau2": found.tau_squared, "p_value": found.p_value}


def random(method, *numbers):
    found = random_effects(in_groups(numbers, 2), method)
    told = {"value": found.value, "tau2": found.tau_squared, "q": found.q, "q_p": found.q_p_value}
    return {**told, **ends(found.interval), **ends(found.prediction, ("prediction_lower", "prediction_upper"))}


def dobson(*numbers):
    strata = in_groups(numbers, 3)
    found = direct([Stratum(events, exposure) for events, exposure, _ in strata], [w for _, _, w in strata])
    return {"value": found.value, **ends(found.interval)}


def trend(*numbers):
    counts, exposures = zip(*in_groups(numbers, 2), strict=True)
    found = log_slope(counts, exposures, range(len(counts)))
    return {"slope": found.value, "standard_error": found.standard_error, "alpha": found.dispersion}


METHODS = {
    "poisson.test": lambda events, exposure: ends(poisson_interval(events, exposure)),
    "binom.test": lambda events, trials: ends(binomial_interval(int(events), int(trials))),
    "poisson.test.ratio": lambda *numbers: ratio_of(rate_ratio, *numbers),
    "fisher.test": lambda *numbers: ratio_of(odds_ratio, *numbers),
    "p.adjust.holm": lambda *p_values: {str(n): p for n, p in enumerate(holm(p_values), start=1)},
    "qpois": lambda *numbers: limits(POISSON, *numbers),
    "qbinom": lambda *numbers: limits(BINOMIAL, *numbers),
    "winsorised.poisson": lambda *numbers: winsorised(POISSON, *numbers),
    "winsorised.binomial": lambda *numbers: winsorised(BINOMIAL, *numbers),
    "rma.IRLN": lambda *numbers: random(POISSON, *numbers),
    "rma.PLO": lambda *numbers: random(BINOMIAL, *numbers),
    "dobson": dobson,
    "log_linear": trend,
}


@pytest.mark.parametrize("case", expected(), ids=lambda case: f"{case[0]}({case[1][:40]})")
def test_a_method_gives_what_others_computed(case):
    method, numbers = case
    told = expected()[case]
    found = METHODS[method](*map(float, numbers.split()))
    assert {name: found[name] for name in told} == pytest.approx(told, rel=1e-9, abs=1e-12)


def test_every_method_has_expected_values():
    assert {method for method, _ in expected()} == set(METHODS)


DOWNS = ((0, 327, 319933), (8, 30666, 931318), (63, 123419, 786511), (112, 149919, 488235), (262, 104088, 237863),
         (295, 34392, 61313))  # fmt: skip
"""Children with Down syndrome by age of the mother, birth order five and more, Michigan 1950-64: J. L. Fleiss,
Statistical Methods for Rates and Proportions (1981), table 14.4, as the R packages epitools and dsrTest have it."""


def test_the_printed_directly_standardized_rate_is_met():
    found = direct([Stratum(events, births) for events, births, _ in DOWNS], [standard for *_, standard in DOWNS])
    assert f"{1e5 * found.value:.5f}" == "75.52901"  # the vignette of dsrTest 1.0.0


def byar(events, z=1.959963984540054):
    low = events * (1 - 1 / (9 * events) - z / (3 * events**0.5)) ** 3
    return low, (events + 1) * (1 - 1 / (9 * (events + 1)) + z / (3 * (events + 1) ** 0.5)) ** 3


def test_dobsons_interval_takes_byars_limits_as_english_indicators_have_it():
    strata, weights = [Stratum(events, births) for events, births, _ in DOWNS], [w for *_, w in DOWNS]
    exact, approximate = direct(strata, weights), direct(strata, weights, limits=byar)
    assert approximate.interval == pytest.approx(exact.interval, rel=2e-3)
    assert approximate.interval != exact.interval
