"""From arm means to differences in units, log ratios of means, and standardised differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import gammaln

from howlow.analysis.designs import ArmFit
from howlow.analysis.fits import Combination, combine
from howlow.analysis.units import AnalysisUnit


def difference(found: ArmFit, first: str, second: str) -> Combination:
    """Difference between two arms in the outcome's unit."""
    return combine(found.fit, {first: 1.0, second: -1.0})


def log_ratio(found: ArmFit, first: str, second: str) -> Combination | None:
    """Log ratio of two arms' means at the visit, by the delta method; None without a baseline.

    The baseline is common to the arms and cancels to first order; it is taken as known.
    """
    means = _means(found)
    if means is None or means[first] <= 0 or means[second] <= 0:
        return None
    gradient = {first: 1 / means[first], second: -1 / means[second]}
    return combine(found.fit, gradient, float(np.log(means[first] / means[second])))


def change(unit: AnalysisUnit, changes: ArmFit, arm: str) -> Combination:
    """Mean change of one arm over time, in the outcome's unit."""
    return combine(changes.fit, {arm: 1.0})


def log_change(unit: AnalysisUnit, changes: ArmFit, arm: str) -> Combination | None:
    """Log ratio of an arm's mean after to its mean before.

    With levels the variance is the delta method's on both means and their covariance; where only a
    mean of percentages is printed it is SD / (100 + pct) / sqrt(n).
    """
    if not unit.has_levels:
        if changes.level is None:
            return None
        mean = changes.level + float(changes.fit.coefficients[changes.fit.names.index(arm)])
        if mean <= 0:
            return None
        return combine(changes.fit, {arm: 1 / mean}, float(np.log(mean / changes.level)))
    mine = unit.frame[unit.frame["arm"] == arm]
    pre, post = mine["pre"].to_numpy(dtype=float), mine["post"].to_numpy(dtype=float)
    means = np.array([pre.mean(), post.mean()])
    if (means <= 0).any():
        return None
    gradient = np.array([-1.0, 1.0]) / means
    variance = gradient @ np.cov(np.stack([pre, post]), ddof=1) @ gradient / len(pre)
    return Combination(float(np.log(means[1] / means[0])), float(np.sqrt(variance)), len(pre) - 1.0)


def standardised(unit: AnalysisUnit, raw: Combination, arms: tuple[str, str]) -> Combination | None:
    """Difference on the pooled baseline SD with Hedges' J (Morris 2008, d_ppc2).

    The variance adds that of the SD to that of the difference; None where no baseline is at hand.
    """
    if not unit.has_levels:
        return None
    groups = [unit.frame.loc[unit.frame["arm"] == arm, "pre"].to_numpy(dtype=float) for arm in arms]
    degrees = float(sum(len(values) - 1 for values in groups))
    pooled = sum(((values - values.mean()) ** 2).sum() for values in groups) / degrees
    if pooled <= 0:
        return None
    small = float(np.exp(gammaln(degrees / 2) - gammaln((degrees - 1) / 2))) / np.sqrt(degrees / 2)
    d = small * raw.estimate / np.sqrt(pooled)
    se = np.sqrt((small * raw.se) ** 2 / pooled + d**2 / (2 * degrees))
    return replace(raw, estimate=float(d), se=float(se))


def _means(found: ArmFit) -> dict[str, float] | None:
    """Arm means at the visit."""
    if found.level is None:
        return None
    return {
        name: float(value) + found.level
        for name, value in zip(found.fit.names, found.fit.coefficients, strict=True)
    }
