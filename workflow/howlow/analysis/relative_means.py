"""Each arm's mean after training as a log ratio to the start, with the covariance between arms.

What networks of arms and dose-response curves are built on: a difference of two of these is the log
ratio of the contrast, and the covariance of contrasts that share an arm is computed, never typed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.scales import relative

if TYPE_CHECKING:
    from howlow.analysis.fitting.fits import Fit
    from howlow.analysis.units import Unit

#: One row for each ordered pair of arms of a fit. `estimate` is the log ratio of `arm`'s mean at
#: the visit to the pooled baseline mean, `covariance` that of the estimates of `arm` and `other`
#: (the variance where they are one), `n` the participants or limbs of `arm` at the visit. Only
#: differences between arms are known this well: the baseline is taken as known.
RELATIVE_COLUMNS = (
    "study",
    "construct",
    "outcome",
    "at",
    "reading",
    "method",
    "arm",
    "other",
    "estimate",
    "covariance",
    "n",
    "assumed",
)


def relative_rows(unit: Unit, fit: Fit, at: str) -> Iterator[dict[str, object]]:
    """The rows of one fit at a visit; none where no ratio can be made."""
    outcome = unit.trial.outcomes[unit.outcome]
    arms = tuple(arm for arm in unit.cohort.arms if (arm, at) in fit.cells)
    found = relative(fit, arms, at, unit.baseline) if outcome.ratio_scale else None
    if found is None or unit.baseline is None or unit.baseline <= 0:
        return
    logs, gradients = found
    covariance = fit.covariance(gradients)[0]
    if not np.isfinite(covariance).all():
        return
    there = unit.cohort.arm[unit.cohort.visit == unit.cohort.visits.index(at)]
    for i, arm in enumerate(arms):
        for j, other in enumerate(arms):
            yield {
                "study": unit.trial.id,
                "construct": outcome.construct,
                "outcome": unit.outcome,
                "at": at,
                "reading": unit.variant,
                "method": fit.method,
                "arm": arm,
                "other": other,
                "estimate": float(logs[i] - np.log(unit.baseline)),
                "covariance": float(covariance[i, j]),
                "n": int((there == unit.cohort.arms.index(arm)).sum()),
                "assumed": unit.assumed,
            }
