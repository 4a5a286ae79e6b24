"""What every model gives back, and what can be asked of it; batched over responses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from howlow.model import BatchInference

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Matrix = NDArray[np.float64]
    Flags = NDArray[np.bool_]

#: The mean of an arm at a visit.
Cell = tuple[str, str]


@dataclass(frozen=True)
class Combination:
    """A linear combination of coefficients with its standard error and degrees of freedom."""

    estimate: float
    se: float
    df: float

    @property
    def p(self) -> float:
        """Two-sided P of the combination being zero, by the t distribution."""
        from scipy.special import stdtr

        return float(2 * stdtr(self.df, -abs(self.estimate) / self.se)) if self.se > 0 else np.nan

    def interval(self, level: float) -> tuple[float, float]:
        """Confidence interval at a level such as 0.95, by the t distribution."""
        from scipy.special import stdtrit

        half = float(stdtrit(self.df, (1 + level) / 2)) * self.se
        return self.estimate - half, self.estimate + half


@dataclass(frozen=True)
class Combinations:
    """Combinations of coefficients in every response; arrays of shape (R, q)."""

    estimate: Matrix
    se: Matrix
    df: Matrix

    def one(self, column: int = 0, response: int = 0) -> Combination:
        """One combination of one response."""
        return Combination(
            float(self.estimate[response, column]),
            float(self.se[response, column]),
            float(self.df[response, column]),
        )

    @property
    def p(self) -> Matrix:
        """Two-sided P of each combination being zero."""
        from scipy.special import stdtr

        with np.errstate(divide="ignore", invalid="ignore"):
            found: Matrix = 2 * stdtr(self.df, -np.abs(self.estimate) / self.se)
        return found

    def interval(self, level: float) -> tuple[Matrix, Matrix]:
        """Confidence intervals at a level such as 0.95."""
        from scipy.special import stdtrit

        half = stdtrit(self.df, (1 + level) / 2) * self.se
        return self.estimate - half, self.estimate + half


class Precision(Protocol):
    """How well combinations of coefficients are known; `weights` have shape (q, p)."""

    def of(self, weights: Matrix) -> tuple[Matrix, Matrix]:
        """Standard errors and degrees of freedom, (R, q) each."""

    def covariance(self, weights: Matrix) -> Matrix:
        """Covariance of the combinations, shape (R, q, q)."""


@dataclass(frozen=True)
class CovariancePart:
    """A covariance of the coefficients, shape (R, p, p), that was estimated with `df` degrees."""

    matrix: Matrix
    df: float


@dataclass(frozen=True)
class Parts:
    """A covariance that is the sum of independently estimated parts.

    One part for an ordinary regression, one for each arm where variances differ. The degrees of
    freedom are Satterthwaite's (1946, Biometrics Bulletin 2:110): exact for one part, and Welch's
    for arms with variances of their own.
    """

    parts: tuple[CovariancePart, ...]

    def of(self, weights: Matrix) -> tuple[Matrix, Matrix]:
        """Standard errors and degrees of freedom."""
        variances = np.stack(
            [((weights @ part.matrix) * weights).sum(axis=-1) for part in self.parts]
        )
        degrees = np.array([part.df for part in self.parts])[:, None, None]
        total = variances.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            df = total**2 / (variances**2 / degrees).sum(axis=0)
        return np.sqrt(total), df

    def covariance(self, weights: Matrix) -> Matrix:
        """Covariance of the combinations."""
        total = np.sum([part.matrix for part in self.parts], axis=0)
        found: Matrix = weights @ total @ weights.T
        return found


@dataclass(frozen=True)
class SmallSample:
    """Standard errors and degrees of freedom by the engine (Kenward & Roger 1997, and others)."""

    inference: BatchInference

    def of(self, weights: Matrix) -> tuple[Matrix, Matrix]:
        """Standard errors and degrees of freedom."""
        found = self.inference.contrast(weights)
        return np.asarray(found.se, dtype=float), np.asarray(found.df, dtype=float)

    def covariance(self, weights: Matrix) -> Matrix:
        """Covariance of the combinations, adjusted for small samples."""
        return np.asarray(self.inference.covariance(weights), dtype=float)


@dataclass(frozen=True)
class Fit:
    """A fitted linear model of the mean of each arm at each visit, whichever engine fitted it.

    Attributes
    ----------
    method
        The short name that stands in the table of estimates.
    cells
        The column of each arm's mean at each visit. Where arms share a baseline mean their baseline
        cells are one column.
    coefficients
        Shape (R, p). `level` is what has to be added to a cell to give the arm's mean: 0 where
        cells are means, the pooled baseline mean where they are changes from it, None where no
        baseline is printed.
    subtract
        The visit whose mean a contrast takes off, where arms may start from different means (a
        comparison of groups that chance did not make); None where the model has done so.
    converged
        Whether each response's fit converged, shape (R,). That and a variance component on its
        boundary at zero are data, not warnings.
    variances, messages
        Variance components by name, and what the engine said; of one response only.
    """

    method: str
    cells: Mapping[Cell, int]
    coefficients: Matrix
    precision: Precision
    n_participants: int
    n_observations: int
    level: Vector | float | None = 0.0
    subtract: str | None = None
    converged: Flags = field(default_factory=lambda: np.ones(1, dtype=bool))
    boundary: bool = False
    variances: Mapping[str, float] = field(default_factory=dict)
    messages: tuple[str, ...] = ()

    def weights(self, cells: Mapping[Cell, float]) -> Vector:
        """The row of weights, shape (p,), of a combination of cell means."""
        row = np.zeros(self.coefficients.shape[1])
        for cell, weight in cells.items():
            row[self.cells[cell]] += weight
        return row

    def contrast(self, first: str, second: str, at: str) -> Vector:
        """The row of weights of `first - second` at a visit, shape (p,)."""
        cells = {(first, at): 1.0, (second, at): -1.0}
        if self.subtract is not None:
            cells |= {(first, self.subtract): -1.0, (second, self.subtract): 1.0}
        return self.weights(cells)

    def combine(self, weights: Matrix) -> Combinations:
        """Combinations with these weights, shape (q, p) or (p,)."""
        rows = np.atleast_2d(weights)
        se, df = self.precision.of(rows)
        return Combinations(self.coefficients @ rows.T, se, df)

    def covariance(self, weights: Matrix) -> Matrix:
        """Covariance of combinations, shape (R, q, q)."""
        return self.precision.covariance(np.atleast_2d(weights))
