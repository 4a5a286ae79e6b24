"""Random-effects pooling in two stages: REML and Hartung-Knapp-Sidik-Jonkman.

y_i = mu + u_i + e_i with var(e_i) = v_i known and var(u_i) = tau2 estimated by REML (Viechtbauer
2005, J Educ Behav Stat 30:261, equation 8); the interval of mu by Hartung & Knapp (2001, Stat Med
20:3875) and Sidik & Jonkman (2002, Stat Med 21:3153) with k - 1 degrees of freedom.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.fits import Combination
from howlow.errors import DesignError

if TYPE_CHECKING:
    from howlow.analysis.fitting.fits import Vector

#: Fewer trials than this are pooled, but the row says that they are few.
FEW_TRIALS = 5


@dataclass(frozen=True)
class Pool:
    """A pooled effect: mean with its t distribution, between-trial variance, and heterogeneity.

    `cautious` is the mean with a standard error that is never below the one without the
    Hartung-Knapp factor: where trials agree by chance the factor makes intervals too narrow
    (Wiksten et al. 2016, Stat Med 35:2503; metafor's `adhoc`).
    """

    mean: Combination
    cautious: Combination
    tau2: float
    i2: float
    q: float
    k: int
    converged: bool

    def prediction_interval(self, level: float) -> tuple[float, float]:
        """Interval for the effect in a new trial, by t on k - 1 degrees of freedom.

        Higgins et al. 2009, J R Stat Soc A 172:137; from the cautious standard error, so that it is
        never narrower than the interval of the mean that stands beside it.
        """
        spread = float(np.hypot(self.cautious.se, np.sqrt(self.tau2)))
        return Combination(self.mean.estimate, spread, self.mean.df).interval(level)


def pool(effects: Vector, variances: Vector) -> Pool:
    """Pool k effects with known sampling variances, both of shape (k,).

    Raises
    ------
    DesignError
        If there are fewer than two effects, or a variance is not positive.
    """
    k = len(effects)
    if k < 2:
        raise DesignError(f"{k} trial cannot be pooled")
    if not (variances > 0).all():
        raise DesignError("a sampling variance is not positive")
    tau2, converged = _reml(effects, variances)
    weights = 1 / (variances + tau2)
    mean = float(weights @ effects / weights.sum())
    scale = float(weights @ (effects - mean) ** 2) / (k - 1)
    fixed = 1 / variances
    q = float(fixed @ (effects - fixed @ effects / fixed.sum()) ** 2)
    typical = (k - 1) * fixed.sum() / (fixed.sum() ** 2 - (fixed**2).sum())

    def with_factor(factor: float) -> Combination:
        return Combination(mean, float(np.sqrt(factor / weights.sum())), k - 1.0)

    return Pool(
        mean=with_factor(scale),
        cautious=with_factor(max(1.0, scale)),
        tau2=tau2,
        i2=100 * tau2 / (tau2 + typical),
        q=q,
        k=k,
        converged=converged,
    )


def _reml(effects: Vector, variances: Vector) -> tuple[float, bool]:
    """Between-trial variance by Fisher scoring, kept at zero or above; and whether it converged."""
    tau2 = max(0.0, float(effects.var(ddof=1) - variances.mean()))
    for _ in range(500):
        weights = 1 / (variances + tau2)
        mean = weights @ effects / weights.sum()
        squares = weights**2
        gradient = squares @ ((effects - mean) ** 2 - variances) / squares.sum()
        updated = max(0.0, float(gradient + 1 / weights.sum()))
        if abs(updated - tau2) <= 1e-12 * (1e-6 + tau2):
            return updated, True
        tau2 = updated
    return tau2, False
