"""Whether single values stand out from a fit, or lie lopsidedly about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.robustness import thresholds
from howlow.analysis.robustness.checks import Check
from howlow.model import MixedFit, scaled_residuals

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Cohort, Flags, Vector

#: Fewest values of which a skewness is taken.
SKEWNESS_NEEDS = 8


def residual_checks(fit: MixedFit, cohort: Cohort) -> list[Check]:
    """The checks of the scaled residuals; none where the fitted covariance is singular.

    Scaled residuals are uncorrelated with variance one if the model holds (Fitzmaurice, Laird &
    Ware 2011, Applied Longitudinal Analysis, section 10.2).
    """
    try:
        scaled = np.asarray(scaled_residuals(fit), dtype=np.float64)
    except np.linalg.LinAlgError:
        return []
    return [*_largest(scaled, cohort), *_skewness(scaled, cohort)]


def _largest(scaled: Vector, cohort: Cohort) -> Iterator[Check]:
    """The largest scaled residual of each arm at each visit."""
    people, means = len(cohort.people), len(cohort.arms)
    threshold = thresholds.largest_residual(len(scaled), people, means)
    for visit, arm, here in _cells(cohort):
        value = float(np.abs(scaled[here]).max())
        flag = value > threshold
        then = (
            f"one in twenty sound trials has one beyond {threshold:.2g} anywhere. Look for a slip "
            "of the pen or of the device; if the value is real, the interval leans on it."
            if flag
            else "no value stands out."
        )
        words = f"The value furthest from its prediction is {value:.2g} SD away; {then}"
        yield Check("largest residual", visit, arm, value, threshold, flag, words)


def _skewness(scaled: Vector, cohort: Cohort) -> Iterator[Check]:
    """The skewness of the scaled residuals of each arm at each visit."""
    cells = [cell for cell in _cells(cohort) if cell[2].sum() >= SKEWNESS_NEEDS]
    for visit, arm, here in cells:
        away = scaled[here] - scaled[here].mean()
        value = float((away**3).mean() / (away**2).mean() ** 1.5)
        threshold = thresholds.largest_skewness(len(away), len(cells))
        flag = abs(value) > threshold
        then = (
            "lopsided beyond chance. Means and intervals of so few people may mislead; see whether "
            "the log of the values says the same."
            if flag
            else "as even as chance makes them."
        )
        words = f"Residuals of {{arm}} have a skewness of {value:.2g}: {then}"
        yield Check("skewness of residuals", visit, arm, value, threshold, flag, words)


def _cells(cohort: Cohort) -> Iterator[tuple[str, str, Flags]]:
    """Each visit and arm with the rows there."""
    for visit, at in enumerate(cohort.visits):
        for number, arm in enumerate(cohort.arms):
            here = (cohort.visit == visit) & (cohort.arm == number)
            if here.any():
                yield at, arm, here
