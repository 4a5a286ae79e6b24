"""What every model gives back, and what can be asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Matrix = NDArray[np.float64]
    Positions = NDArray[np.int_]


@dataclass(frozen=True)
class CovariancePart:
    """A covariance of the coefficients, shape (p, p), that was estimated with `df` degrees."""

    matrix: Matrix
    df: float


@dataclass(frozen=True)
class Fit:
    """A fitted linear model.

    `coefficients` has shape (p,) with `names`; their covariance is the sum of independently
    estimated `parts` (one part for an ordinary regression, one for each arm where variances
    differ). Whether it converged, and whether a variance component lies on its boundary at zero,
    are data, not warnings. `variances` holds the variance components by name.
    """

    method: str
    names: tuple[str, ...]
    coefficients: Vector
    parts: tuple[CovariancePart, ...]
    n_participants: int
    n_observations: int
    converged: bool = True
    boundary: bool = False
    variances: dict[str, float] = field(default_factory=dict)
    messages: tuple[str, ...] = ()


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


def combine(fit: Fit, weights: dict[str, float], estimate: float | None = None) -> Combination:
    """The combination of coefficients with these weights; coefficients not named weigh nothing.

    The degrees of freedom are Satterthwaite's (1946, Biometrics Bulletin 2:110): exact for one
    part, and Welch's for arms with variances of their own. `estimate` replaces the linear
    combination where the weights are the gradient of a function (delta method).
    """
    vector = np.array([weights.get(name, 0.0) for name in fit.names])
    variances = np.array([vector @ part.matrix @ vector for part in fit.parts])
    degrees = np.array([part.df for part in fit.parts])
    total = float(variances.sum())
    used = variances > 0
    df = total**2 / float((variances[used] ** 2 / degrees[used]).sum()) if used.any() else np.nan
    value = float(vector @ fit.coefficients) if estimate is None else estimate
    return Combination(value, float(np.sqrt(total)), float(df))
