"""Arm means of limbs within participants, by the mixed-model engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fits import Fit
from howlow.model import Inference, MixedModel, RandomTerm, Residual, fit_mixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from howlow.analysis.fits import Positions, Vector


#: Fewest people with a limb in every arm for an unstructured covariance.
FEWEST_COMPLETE = 5


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
    """The mean of y in each arm when limbs share a person, by restricted maximum likelihood.

    Arrays have shape (n limbs,). The limbs of a person have an unstructured covariance over arms
    where enough people gave a limb to every arm, else a random intercept: a rule on numbers, fixed
    before fitting. Inference is Kenward-Roger's; where every participant gives one limb to each of
    two arms it is the paired t test.
    """
    x = (arm[:, None] == np.arange(len(names))).astype(float)
    people, limbs = np.unique(participant, return_counts=True)
    if (limbs == len(names)).sum() >= FEWEST_COMPLETE:
        residual = Residual("unstructured", visit=arm, subject=participant)
        model = MixedModel(y, x, names, residual=residual)
    else:
        term = RandomTerm(np.ones(len(y)), participant, label="participant")
        model = MixedModel(y, x, names, random=(term,))
    found = fit_mixed(model)
    return Fit(
        method="mixed",
        names=names,
        coefficients=np.asarray(found.beta, dtype=np.float64),
        precision=KenwardRoger(Inference(found, "kenward-roger")),
        n_participants=len(people),
        n_observations=len(y),
        converged=found.converged,
        boundary=found.boundary,
        variances={
            f"{part.term} {part.row} x {part.column}": part.estimate for part in found.components
        },
        messages=found.messages,
    )
