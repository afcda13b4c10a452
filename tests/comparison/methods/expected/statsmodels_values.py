"""Expected values of the log-linear trend, by statsmodels: python statsmodels_values.py > statsmodels.csv

The dispersion of the negative binomial is found by its discrete model, the errors by a generalized linear model with
that dispersion. Each line: method, input (count, exposure, count, ...), quantity, value.
"""

import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm

SERIES = (
    (20, 1000, 25, 1010, 22, 990, 30, 1000, 28, 1040, 35, 1000, 33, 950, 40, 1000),
    (20, 1000, 45, 1000, 12, 900, 30, 1100, 8, 1000, 55, 1000, 13, 1000, 60, 1000),
    (3, 420, 0, 400, 5, 380, 2, 410, 9, 500, 4, 440, 1, 390, 0, 300, 2, 350, 6, 420, 3, 430, 7, 440),
    (2412, 248, 2600, 240, 1900, 250, 3100, 248, 2800, 232, 2100, 248, 2950, 240, 3300, 251, 2500, 244),
)


def fitted(series):
    counts, exposures = np.array(series, float).reshape(-1, 2).T
    times = np.arange(len(counts), dtype=float)
    design, offset = sm.add_constant(times - times.mean()), np.log(exposures)

    def glm(family):
        return sm.GLM(counts, design, family=family, offset=offset).fit(tol=1e-14, tol_criterion="params", maxiter=500)

    def negative_binomial(log_alpha):
        return glm(sm.families.NegativeBinomial(alpha=np.exp(log_alpha)))

    def rise(log_alpha):
        # Before it is fitted, the discrete model takes the logarithm of its dispersion.
        return model.score(np.array([*negative_binomial(log_alpha).params, log_alpha]))[2]

    poisson, model = glm(sm.families.Poisson()), sm.NegativeBinomial(counts, design, offset=offset)
    if rise(-8) < 0:
        return {"slope": poisson.params[1], "standard_error": poisson.bse[1], "alpha": 0.0}
    log_alpha = scipy.optimize.brentq(rise, -8, 5, xtol=1e-15, rtol=1e-14)
    chosen, alpha = negative_binomial(log_alpha), np.exp(log_alpha)
    gain = 2 * (model.loglike(np.array([*chosen.params, log_alpha])) - poisson.llf)
    if scipy.stats.chi2.sf(max(gain, 0), 1) / 2 >= 0.05:
        return {"slope": poisson.params[1], "standard_error": poisson.bse[1], "alpha": 0.0}
    return {"slope": chosen.params[1], "standard_error": chosen.bse[1], "alpha": alpha}


print(f"# statsmodels {statsmodels.__version__}, scipy {scipy.__version__}, numpy {np.__version__}")
print("method,input,quantity,value")
for series in SERIES:
    for quantity, value in fitted(series).items():
        print(f"log_linear,{' '.join(map(str, series))},{quantity},{value:.17g}")
