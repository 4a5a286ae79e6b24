"""Arm means of limbs within participants: a random intercept, by the mixed-model engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fits import Fit
from howlow.model import Inference, MixedModel, RandomTerm, fit_mixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from howlow.analysis.fits import Positions, Vector


@dataclass(frozen=True)
class KenwardRoger:
    """Standard errors and degrees of freedom of a mixed model (Kenward & Roger 1997)."""

    inference: Inference

    def of(self, weights: Vector) -> tuple[float, float]:
        """Standard error and degrees of freedom of a combination."""
        found = self.inference.contrast(weights[None, :])
        return float(found.se[0]), float(found.df[0])


def fit_limbs(
    y: Vector, arm: Positions, participant: NDArray[np.str_], names: tuple[str, ...]
) -> Fit:
    """The mean of y in each arm when limbs share a person: y ~ arm + (1 given participant).

    Arrays have shape (n limbs,). Restricted maximum likelihood with Kenward-Roger inference; where
    every participant gives one limb to each of two arms it is the paired t test.
    """
    x = (arm[:, None] == np.arange(len(names))).astype(float)
    term = RandomTerm(np.ones(len(y)), participant, label="participant")
    found = fit_mixed(MixedModel(y, x, names, random=(term,)))
    return Fit(
        method="mixed",
        names=names,
        coefficients=np.asarray(found.beta, dtype=np.float64),
        precision=KenwardRoger(Inference(found, "kenward-roger")),
        n_participants=len(np.unique(participant)),
        n_observations=len(y),
        converged=found.converged,
        boundary=found.boundary,
        variances={part.term: part.estimate for part in found.components},
        messages=found.messages,
    )
