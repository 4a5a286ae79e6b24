"""The one-stage model of several trials: participants and pseudo-participants together.

    after_ij = a_i + b_i (before_ij - mean_i) + (theta + u_i) treated_ij + e_ij,
    var(u_i) = tau2,   var(e_ij) = s2_i,

trial i with an intercept, a slope of the baseline and a residual variance of its own (stratified),
and an effect of treatment that varies between trials. Where a page prints changes alone there is
no slope, and the change stands in the place of the value after. REML by the engine; degrees of
freedom by Satterthwaite, as Kenward and Roger's reject almost never with few trials
(`docs/engine.md`). Papadimitropoulou et al. 2020, Research Synthesis Methods, doi
10.1002/jrsm.1434. For a normal model means, SDs and correlations of each arm are all that the fit
depends on, so that pseudo-participants who have them give what the participants would.

Of limbs of one person the differences within persons enter, treated less untreated: a_i falls
away, and the baseline difference, whose mean is zero by design, is not centred.

a_i and b_i belong to one trial each. They are turned away before the fit: rows of a trial are
rotated until its intercept and baseline stand in the first rows, which are left out, and treatment
in the next. REML looks at such contrasts only (Patterson & Thompson 1971, Biometrika 58:545), so
nothing changes but the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.fits import Combinations
from howlow.errors import DesignError
from howlow.model import BatchInference, MixedModel, RandomTerm, Residual, fit_batch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Matrix = NDArray[np.float64]
    Flags = NDArray[np.bool_]

#: Rows of a trial beyond its own coefficients that its residual variance needs.
# ASSUME: two; with one, a small trial is now and then fitted as if it had no error.
SPARE = 2
#: A standard deviation between trials below this share of the standard error counts as zero.
BOUNDARY = 1e-3


@dataclass(frozen=True)
class TrialValues:
    """The values of one trial, in a unit that all trials share.

    Attributes
    ----------
    name
        The trial.
    treated
        1 for the first-named arm, 0 for the second, shape (n,); all 1 where limbs are `paired`.
    before
        Of each person, or the difference between the limbs of each, shape (n,); None where a page
        prints changes alone.
    after
        The same, shape (R, n): R responses (simulated trials) to the same baseline; 1 for a real
        trial.
    """

    name: str
    treated: Vector
    before: Vector | None
    after: Matrix
    paired: bool = False

    @property
    def lacks(self) -> str:
        """Why the trial cannot carry a residual variance of its own; empty where it can."""
        arms = (1.0,) if self.paired else (0.0, 1.0)
        fewest = min(int((self.treated == arm).sum()) for arm in arms)
        if fewest < 2 or len(self.treated) < len(self._own().T) + 1 + SPARE:
            return "too few people for a residual variance of its own"
        varies = self.before is None or np.ptp(self.before) > 0
        return "" if varies else "its baseline does not vary"

    def turned(self) -> tuple[float, Matrix]:
        """`treated` of the first row, and `after`, (R, m), without the trial's own coefficients.

        Treatment moves the first column of `after` only; the others are error.
        """
        own = self._own()
        count = own.shape[1]
        rows = np.column_stack([own, self.treated, self.after.T])
        for k in range(count + 1):  # a Householder reflection for each
            mirror = rows[k:, k].copy()
            mirror[0] += np.copysign(np.linalg.norm(mirror), mirror[0])
            mirror /= np.linalg.norm(mirror)
            rows[k:] -= 2 * np.outer(mirror, mirror @ rows[k:])
        return float(rows[count, count]), rows[count:, count + 1 :].T

    def _own(self) -> Matrix:
        """Design of the coefficients that belong to this trial alone, shape (n, 0, 1 or 2)."""
        columns = [] if self.paired else [np.ones_like(self.treated)]
        if self.before is not None:
            columns.append(self.before if self.paired else self.before - self.before.mean())
        return np.array(columns).reshape(len(columns), len(self.treated)).T


@dataclass(frozen=True)
class OneStage:
    """The fitted model, by response.

    `effect` is the mean effect of treatment over trials in the unit of the values, (R, 1); `tau2`
    its variance between trials, (R,); `n` the number of people.
    """

    effect: Combinations
    tau2: Vector
    converged: Flags
    n: int


def fit_one_stage(trials: Sequence[TrialValues]) -> OneStage:
    """Fit the model by REML, to every response.

    Raises
    ------
    DesignError
        If there are fewer than two trials, or one has too few people or a constant baseline.
    ModelError
        If the values leave no variance.
    """
    if len(trials) < 2:
        raise DesignError(f"{len(trials)} trial cannot be pooled")
    for trial in trials:
        if trial.lacks:
            raise DesignError(f"{trial.name}: {trial.lacks}")
    parts = [trial.turned() for trial in trials]
    after = np.concatenate([rows for _, rows in parts], axis=1)
    sizes = np.array([rows.shape[1] for _, rows in parts])
    treated = np.zeros(after.shape[1])
    treated[np.cumsum(sizes) - sizes] = [length for length, _ in parts]
    # Rows of error belong to no effect, so each is a level by itself.
    between = RandomTerm(treated, np.arange(len(treated)), ("treated",), label="trial")
    residual = Residual(by=np.repeat(np.arange(len(trials)), sizes))
    model = MixedModel(after[0], treated[:, None], ["treated"], [between], residual)
    fit = fit_batch(model, after)
    found = BatchInference(fit, "satterthwaite").contrast([[1.0]])
    estimate, se, df = (
        np.asarray(part, dtype=float) for part in (found.estimate, found.se, found.df)
    )
    tau2 = fit.psi[:, -1]
    return OneStage(
        effect=Combinations(estimate, se, df),
        tau2=np.where(np.sqrt(tau2) < BOUNDARY * se[:, 0], 0.0, tau2),
        converged=np.asarray(fit.converged),
        n=sum(len(trial.treated) for trial in trials),
    )
