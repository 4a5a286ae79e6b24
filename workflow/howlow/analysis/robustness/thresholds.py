"""How far a diagnostic of a sound trial reaches: thresholds that keep their rate of false alarms.

Every threshold is for the largest of a family of values at once (all residuals of a trial, all its
cells, all its visits), by Bonferroni, so that at most `FALSE_ALARM` of sound trials are flagged for
one kind of check. Of 300 simulated normal trials each of 10, 14, 20 and 30 people in two arms, with
two to four visits and a tenth of the values missing, were flagged: for the largest residual at most
1.7 %, skewness 4.7 %, leaving one out 5.0 %, unequal variances 5.3 %, fitted covariance 0.3 %.
tests/analysis/test_diagnostics.py repeats a part of this.
"""

from __future__ import annotations

import numpy as np
from scipy.special import chdtri, fdtri, ndtri, stdtrit

#: Share of sound trials in which a kind of check may be flagged.
FALSE_ALARM = 0.05


def largest_residual(values: int, people: int, means: int) -> float:
    """Largest absolute scaled residual of a sound trial.

    Residuals that are divided by a standard deviation which they helped to estimate cannot be
    arbitrarily large (Stefansky 1972, Technometrics 14:469); `values` residuals, of `people` with
    `means` means estimated.
    """
    degrees = people - means
    t = float(stdtrit(max(degrees - 1, 1), 1 - FALSE_ALARM / (2 * values)))
    return float(t * np.sqrt(degrees / (degrees - 1 + t**2)))


def largest_skewness(values: int, cells: int) -> float:
    """Largest absolute skewness among cells with so many values each.

    By the transformation to normality of D'Agostino (1970, Biometrika 57:679), solved for the
    skewness; it wants eight values.
    """
    n, z = float(values), float(ndtri(1 - FALSE_ALARM / (2 * cells)))
    kurtosis = (
        3 * (n * n + 27 * n - 70) * (n + 1) * (n + 3)
        / ((n - 2) * (n + 5) * (n + 7) * (n + 9))
    )  # fmt: skip
    w2 = -1 + np.sqrt(2 * (kurtosis - 1))
    alpha, delta = np.sqrt(2 / (w2 - 1)), 1 / np.sqrt(np.log(np.sqrt(w2)))
    y = alpha * np.sinh(z / delta)
    return float(y / np.sqrt((n + 1) * (n + 3) / (6 * (n - 2))))


def largest_variance_ratio(degrees: int, variances: int) -> float:
    """How many times one of several variances may differ from what it should be, either way."""
    tail = FALSE_ALARM / (2 * variances)
    high, low = float(chdtri(degrees, tail)), float(chdtri(degrees, 1 - tail))
    return max(high / degrees, degrees / low)


def sd_ratio(first: int, second: int) -> float:
    """Ratio, larger over smaller, of the SDs of two arms with so many people: Fisher's F."""
    upper = 1 - FALSE_ALARM / 2
    ratios = fdtri(first - 1, second - 1, upper), fdtri(second - 1, first - 1, upper)
    return float(np.sqrt(max(ratios)))


def paired_sd_ratio(pairs: int, correlation: float) -> float:
    """Ratio, larger over smaller, of the SDs of paired values (Pitman 1939, Biometrika 31:9)."""
    degrees = pairs - 2
    t = float(stdtrit(degrees, 1 - FALSE_ALARM / 2))
    reach = 2 * t * np.sqrt((1 - correlation**2) / degrees)
    return float((reach + np.sqrt(reach**2 + 4)) / 2)
