"""From arm means to differences in units, log ratios of means, and standardised differences."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from howlow.analysis.fitting.fits import Combination, Fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from howlow.analysis.fitting.cohort import Matrix, Pairs, Vector


def difference(fit: Fit, first: str, second: str, at: str) -> Combination:
    """Difference between two arms at a visit in the outcome's unit."""
    return fit.combine(fit.contrast(first, second, at)).one()


def relative(
    fit: Fit, arms: Sequence[str], at: str, baseline: float | None
) -> tuple[Vector, Matrix] | None:
    """Log of each arm's mean at the visit, and its weights: shapes (arms,) and (arms, p).

    The baseline is common to the arms and cancels in differences; it is taken as known. Where arms
    start from means of their own, each is moved to the pooled baseline mean by its change. None
    without a baseline, or where a mean is not positive.
    """
    if fit.level is None or baseline is None:
        return None
    level = baseline if fit.subtract is not None else float(np.mean(fit.level))
    rows = np.array([_mean(fit, arm, at) for arm in arms])
    means = rows @ fit.coefficients[0] + level
    if (means <= 0).any():
        return None
    return np.log(means), rows / means[:, None]


def log_ratio(
    fit: Fit, first: str, second: str, at: str, baseline: float | None
) -> Combination | None:
    """Log ratio of two arms' means at the visit, by the delta method; None without a baseline."""
    found = relative(fit, (first, second), at, baseline)
    if found is None:
        return None
    logs, gradients = found
    value = fit.combine(gradients[0] - gradients[1]).one()
    return replace(value, estimate=float(logs[0] - logs[1]))


def _mean(fit: Fit, arm: str, at: str) -> Vector:
    """Weights of an arm's mean at a visit, or of its change where arms start apart."""
    cells = {(arm, at): 1.0}
    if fit.subtract is not None:
        cells[arm, fit.subtract] = -1.0
    return fit.weights(cells)


def log_change(
    pairs: Pairs, changes: Fit, arm: str, at: str, baseline: float | None
) -> Combination | None:
    """Log ratio of an arm's mean after to its mean before.

    With levels the variance is the delta method's on both means and their covariance; where only a
    mean of percentages is printed it is SD / (100 + pct) / sqrt(n).
    """
    mine = pairs.of_arms((arm,))
    pre, post = mine.pre[0], mine.post[0]
    if np.isnan(pre).any():
        if baseline is None:
            return None
        row = changes.weights({(arm, at): 1.0})
        mean = baseline + float(changes.coefficients[0] @ row)
        if mean <= 0:
            return None
        return replace(changes.combine(row / mean).one(), estimate=float(np.log(mean / baseline)))
    means = np.array([pre.mean(), post.mean()])
    if (means <= 0).any():
        return None
    gradient = np.array([-1.0, 1.0]) / means
    variance = gradient @ np.cov(np.stack([pre, post]), ddof=1) @ gradient / len(pre)
    return Combination(float(np.log(means[1] / means[0])), float(np.sqrt(variance)), len(pre) - 1.0)


def standardised(raw: Combination, baselines: tuple[Vector, Vector]) -> Combination | None:
    """Difference on the pooled baseline SD with Hedges' J (Morris 2008, d_ppc2).

    `baselines` are the values before of the two arms. The variance adds that of the SD to that of
    the difference; None where no baseline is at hand.
    """
    degrees = float(sum(len(values) - 1 for values in baselines))
    if degrees < 2 or any(np.isnan(values).any() for values in baselines):
        return None
    pooled = sum(float(((values - values.mean()) ** 2).sum()) for values in baselines) / degrees
    if pooled <= 0:
        return None
    small = float(np.exp(gammaln(degrees / 2) - gammaln((degrees - 1) / 2))) / np.sqrt(degrees / 2)
    d = small * raw.estimate / np.sqrt(pooled)
    se = np.sqrt((small * raw.se) ** 2 / pooled + d**2 / (2 * degrees))
    return replace(raw, estimate=float(d), se=float(se))
