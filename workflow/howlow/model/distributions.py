"""Tail probabilities and quantiles of t, F and normal, from scipy.special."""

from __future__ import annotations

import numpy as np
from scipy import special


def t_two_sided(statistic: float, df: float) -> float:
    """Return P(|T| >= |statistic|) for Student's t; infinite df give the normal."""
    if np.isnan(statistic) or np.isnan(df):
        return float("nan")
    if np.isinf(df):
        return float(2 * special.ndtr(-abs(statistic)))
    return float(2 * special.stdtr(df, -abs(statistic)))


def t_quantile(probability: float, df: float) -> float:
    """Return the quantile of Student's t; infinite df give the normal."""
    if np.isinf(df):
        return float(special.ndtri(probability))
    return float(special.stdtrit(df, probability))


def f_upper(statistic: float, numerator: float, denominator: float) -> float:
    """Return P(F >= statistic); infinite denominator df give chi squared."""
    if np.isnan(statistic) or np.isnan(denominator):
        return float("nan")
    if np.isinf(denominator):
        return float(special.gammaincc(numerator / 2, numerator * statistic / 2))
    return float(special.fdtrc(numerator, denominator, max(statistic, 0.0)))


def chi_squared_upper(statistic: float, df: float) -> float:
    """Return P(chi squared >= statistic)."""
    return float(special.gammaincc(df / 2, max(statistic, 0.0) / 2))


def chi_squared_quantile(probability: float, df: float) -> float:
    """Return the quantile of chi squared."""
    return float(2 * special.gammaincinv(df / 2, probability))
