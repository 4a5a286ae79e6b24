"""Arm means of limbs within participants: a random intercept by statsmodels' MixedLM (REML)."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from howlow.model.fit import CovariancePart, Fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from howlow.model.fit import Positions, Vector

#: A variance below this share of the residual is on the boundary: zero but for rounding.
BOUNDARY = 1e-6


def fit_limbs(
    y: Vector, arm: Positions, participant: NDArray[np.str_], names: tuple[str, ...]
) -> Fit:
    """The mean of y in each arm when limbs share a person: y ~ arm + (1 given participant).

    Arrays have shape (n limbs,). The covariance is (X'V^-1 X)^-1 at the REML estimates, not
    statsmodels' own, which takes the joint observed Hessian; the degrees of freedom are those of
    the stratum within participants (limbs less participants less arms plus one), which is the
    paired t test where every participant gives one limb to each of two arms.
    """
    from statsmodels.regression.mixed_linear_model import MixedLM

    x = (arm[:, None] == np.arange(len(names))).astype(float)
    people, group = np.unique(participant, return_inverse=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # A unit of about 1, and a search without derivatives: with them statsmodels stops at a
        # singular matrix when the variance between participants comes near zero.
        unit = y.std(ddof=len(names))
        result = MixedLM(y / unit, x, groups=group).fit(reml=True, method="powell")
    residual = float(result.scale) * unit**2
    person = float(np.asarray(result.cov_re)[0, 0]) * unit**2
    boundary = person < BOUNDARY * residual
    variance = np.eye(len(y)) * residual + (group[:, None] == group) * person
    weighted = np.linalg.solve(variance, x)
    covariance = np.linalg.inv(x.T @ weighted)
    df = float(len(y) - len(people) - len(names) + 1)
    return Fit(
        method="mixed",
        names=names,
        coefficients=covariance @ (weighted.T @ y),
        parts=(CovariancePart(covariance, df),),
        n_participants=len(people),
        n_observations=len(y),
        converged=bool(result.converged),
        boundary=boundary,
        variances={"participant": 0.0 if boundary else person, "residual": residual},
        messages=tuple(dict.fromkeys(str(warning.message) for warning in caught)),
    )
