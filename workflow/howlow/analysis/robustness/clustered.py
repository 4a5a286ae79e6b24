"""Standard errors clustered on participants, and least squares of changes that can use them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.fits import Fit
from howlow.model import BatchFit, MixedModel, fit_batch, robust_batch

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Matrix, Pairs, Positions


@dataclass(frozen=True)
class ClusterRobust:
    """Precision of a mixed model's coefficients that is right even if its covariance is not.

    CR2 with Satterthwaite's degrees of freedom (Pustejovsky & Tipton 2018, J Bus Econ Stat 36:672);
    `cluster` is the independent unit of each row.
    """

    batch: BatchFit
    cluster: Positions

    def of(self, weights: Matrix) -> tuple[Matrix, Matrix]:
        """Standard errors and degrees of freedom."""
        found = robust_batch(self.batch, weights, self.cluster)
        return np.asarray(found.se, dtype=np.float64), np.asarray(found.df, dtype=np.float64)

    def covariance(self, weights: Matrix) -> Matrix:
        """Covariance of the combinations."""
        found = robust_batch(self.batch, weights, self.cluster)
        return np.asarray(found.cov, dtype=np.float64)


def fit_clustered_changes(pairs: Pairs, at: str) -> Fit:
    """Mean changes of limbs by least squares, with CR2 standard errors clustered on participants.

    Raises
    ------
    ModelError
        If an arm's changes are all alike.
    """
    arms = (pairs.arm[:, None] == np.arange(len(pairs.arms))).astype(float)
    batch = fit_batch(MixedModel(pairs.change[0], arms, pairs.arms), pairs.change)
    return Fit(
        method="change-cr2",
        cells={(arm, at): position for position, arm in enumerate(pairs.arms)},
        coefficients=np.asarray(batch.beta, dtype=np.float64),
        precision=ClusterRobust(batch, pairs.participant),
        n_participants=len(np.unique(pairs.participant)),
        n_observations=len(pairs.arm),
        level=None,
        converged=np.asarray(batch.converged),
    )
