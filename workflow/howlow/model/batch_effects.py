"""Tests of contrasts in many refits of one design, for simulation and planning."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from .arrays import Floats
from .degrees_of_freedom import single_df
from .effects import DegreesOfFreedom, f_statistics, inner_rows, uncertainty
from .estimates import BatchFit
from .likelihood import evaluate
from .small_sample import Adjustment, CovarianceUncertainty, Information


@dataclass(frozen=True)
class BatchContrast:
    """Contrasts of every response, arrays of shape (R, q)."""

    estimate: Floats
    se: Floats
    df: Floats
    t: Floats
    p: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class BatchJointTest:
    """F tests of every response, arrays of shape (R,)."""

    F: Floats
    df_numerator: int
    df_denominator: Floats
    p: Floats


@dataclass
class BatchInference:
    """Many refits of one design with one method of inference; parameters as in `Inference`."""

    batch: BatchFit
    df: DegreesOfFreedom = "kenward-roger"
    information: Information = "expected"
    adjustment: Adjustment = "linear"
    _known: CovarianceUncertainty = field(init=False, repr=False)

    def __post_init__(self) -> None:
        batch = self.batch
        theta = batch.optimum.theta
        at = batch.likelihood
        if at is None:
            psi = batch.layout.coordinates.evaluate(theta)
            at = evaluate(batch.back_end, psi, batch.reml)
        self._known = uncertainty(
            batch.layout, theta, at, self.df, self.information, self.adjustment
        )

    def contrast(self, L: ArrayLike, level: float = 0.95) -> BatchContrast:
        """Estimate the rows of L, shape (q, p), in every response."""
        rows, inner = inner_rows(self.batch.layout, L)
        estimate = self.batch.beta @ rows.T
        variance = ((inner @ self._known.adjusted) * inner).sum(axis=-1)
        df = single_df(self._known, inner)
        if self.df == "infinite":
            df = np.full_like(df, np.inf)
        # Student's t with very many df is the normal to all digits.
        finite = np.minimum(df, 1e12)
        with np.errstate(divide="ignore", invalid="ignore"):
            se = self.batch.layout.scale[:, None] * np.sqrt(variance)
            t = estimate / se
        p = 2 * special.stdtr(finite, -np.abs(t))
        reach = special.stdtrit(finite, 0.5 + level / 2) * se
        return BatchContrast(estimate, se, df, t, p, estimate - reach, estimate + reach)

    def covariance(self, L: ArrayLike) -> Floats:
        """Return the covariance of the rows of L in every response, shape (R, q, q)."""
        _, inner = inner_rows(self.batch.layout, L)
        scale = self.batch.layout.scale[:, None, None]
        return np.asarray(scale**2 * (inner @ self._known.adjusted @ inner.T))

    def joint_test(self, L: ArrayLike) -> BatchJointTest:
        """Test that all rows of L beta, shape (q, p), are zero, in every response."""
        rows, inner = inner_rows(self.batch.layout, L)
        effects = self.batch.beta @ rows.T / self.batch.layout.scale[:, None]
        F, df = f_statistics(self._known, inner, effects, self.df)
        q = len(rows)
        p = special.fdtrc(q, np.minimum(df, 1e12), np.maximum(F, 0.0))
        return BatchJointTest(F, q, df, p)
