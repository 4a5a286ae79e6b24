"""The models that each design gets: which fit is the main one, and what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from howlow.analysis.fits import CovariancePart, Fit, Parts
from howlow.analysis.limbs import fit_limbs
from howlow.analysis.regression import fit_ancova, fit_by_arm
from howlow.analysis.units import AnalysisUnit
from howlow.errors import DesignError


@dataclass(frozen=True)
class ArmFit:
    """A fit whose coefficients are named by arm, and what they are measured from.

    `level` is what has to be added to a coefficient to get the arm's mean at the visit (0 for
    ANCOVA, whose coefficients are such means; the baseline mean for changes; None where the paper
    prints no baseline). `baseline` is the pooled baseline mean, taken as known.
    """

    fit: Fit
    level: float | None
    baseline: float | None
    main: bool
    note: str = ""


def fit_design(unit: AnalysisUnit, *, cross_checks: bool) -> list[ArmFit]:
    """The main fit of a unit first, then the cross-checks.

    Raises
    ------
    DesignError
        If an arm has fewer than two participants, or the design is not analysed yet.
    """
    counts = unit.frame.groupby("arm")["participant"].nunique()
    if (counts < 2).any():
        raise DesignError(f"{counts.idxmin()} has one participant; at least two are needed")
    if unit.trial.design == "crossover":
        raise DesignError("crossover trials are read but not analysed yet")
    if unit.trial.limb_pairs and len(unit.arms) > 1:
        return _limbs(unit, cross_checks=cross_checks)
    return _people(unit, cross_checks=cross_checks)


def baseline_mean(unit: AnalysisUnit) -> float | None:
    """Mean before, over all arms; 100 where changes are printed in per cent of it."""
    if unit.has_levels:
        return float(unit.values("pre").mean())
    is_percent = unit.trial.outcomes[unit.outcome].unit == "%"
    return 100.0 if is_percent and unit.trial.outcomes[unit.outcome].ratio_scale else None


def _people(unit: AnalysisUnit, *, cross_checks: bool) -> list[ArmFit]:
    """Arms that are different people: ANCOVA with levels, else changes with own variances."""
    baseline = baseline_mean(unit)
    change = fit_by_arm(unit.values("change"), unit.positions(), unit.arms)
    changes = ArmFit(change, baseline, baseline, main=True)
    if not unit.has_levels or len(unit.arms) == 1:
        return [changes]
    ancova = fit_ancova(unit.values("post"), unit.values("pre"), unit.positions(), unit.arms)
    fits = [ArmFit(ancova, 0.0, baseline, main=True)]
    if cross_checks:
        fits.append(ArmFit(change, baseline, baseline, main=False))
    return fits


def _limbs(unit: AnalysisUnit, *, cross_checks: bool) -> list[ArmFit]:
    """Limbs within people: a mixed model of the change; paired and unpaired beside it."""
    baseline = baseline_mean(unit)
    people = unit.frame["participant"].to_numpy(dtype=str)
    y, arm = unit.values("change"), unit.positions()
    mixed = fit_limbs(y, arm, people, unit.arms)
    fits = [ArmFit(mixed, baseline, baseline, main=True)]
    if cross_checks and len(unit.arms) == 2:
        fits.append(_paired(unit, baseline))
        unpaired = fit_by_arm(y, arm, unit.arms, "unpaired")
        wrong = "what counting limbs as people would wrongly say"
        fits.append(ArmFit(unpaired, baseline, baseline, main=False, note=wrong))
    return fits


def _paired(unit: AnalysisUnit, baseline: float | None) -> ArmFit:
    """Arm means and their covariance from people with both limbs: the paired t test."""
    wide = unit.frame.pivot(index="participant", columns="arm", values="change").dropna()
    pairs = wide[list(unit.arms)].to_numpy(dtype=float)
    covariance = np.cov(pairs.T, ddof=1)
    correlation = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    fit = Fit(
        method="paired",
        names=unit.arms,
        coefficients=pairs.mean(axis=0),
        precision=Parts((CovariancePart(covariance / len(pairs), len(pairs) - 1.0),)),
        n_participants=len(pairs),
        n_observations=pairs.size,
        variances={"between limbs": float(covariance[0, 1])},
    )
    note = f"correlation of change between limbs {correlation:.3f}"
    return ArmFit(fit, baseline, baseline, main=False, note=note)
