"""Comparison of models by likelihood: ratio tests and information criteria."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .distributions import chi_squared_upper
from .errors import ModelError
from .estimates import MixedFit


@dataclass(frozen=True)
class LikelihoodRatio:
    """A likelihood-ratio test; ``p_boundary`` halves p where one variance is tested against zero.

    Under the null a single variance on its boundary makes the statistic an equal mixture of zero
    and chi squared with one degree of freedom (Self & Liang 1987, case 5).
    """

    statistic: float
    df: int
    p: float
    p_boundary: float


@dataclass(frozen=True)
class Criteria:
    """Information criteria; smaller is better."""

    aic: float
    aic_corrected: float
    bic: float
    parameters: int


def likelihood_ratio(small: MixedFit, large: MixedFit) -> LikelihoodRatio:
    """Test a model against a larger one that contains it.

    Parameters
    ----------
    small, large
        Nested fits to the same responses, both by ML, or both by REML with the same design.

    Raises
    ------
    ModelError
        If the fits are to different rows, by different methods, or by REML with unlike designs.
    """
    if small.method != large.method or not np.array_equal(small.model.y, large.model.y):
        raise ModelError("a likelihood ratio compares fits of one method to the same responses")
    same_mean = np.array_equal(small.model.X, large.model.X)
    if small.reml and not same_mean:
        raise ModelError("REML likelihoods of different fixed effects do not compare; fit by ML")
    df = large.parameters - small.parameters
    if df <= 0:
        raise ModelError(f"the larger model has {df} more parameters than the smaller one")
    statistic = max(2 * (large.loglik - small.loglik), 0.0)
    p = chi_squared_upper(statistic, df)
    halved = p / 2 if df == 1 and same_mean and statistic > 0 else p
    return LikelihoodRatio(statistic, df, p, halved)


def criteria(fit: MixedFit) -> Criteria:
    """Return AIC, AICc and BIC of a fit by maximum likelihood.

    Raises
    ------
    ModelError
        If the fit is by REML.
    """
    if fit.reml:
        raise ModelError("information criteria are for fits by maximum likelihood (reml=False)")
    k, n = fit.parameters, fit.layout.rows
    aic = 2 * k - 2 * fit.loglik
    corrected = aic + 2 * k * (k + 1) / (n - k - 1) if n > k + 1 else float("inf")
    return Criteria(aic, corrected, k * float(np.log(n)) - 2 * fit.loglik, k)
