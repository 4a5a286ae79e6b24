"""What every model gives back, and what can be asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Matrix = NDArray[np.float64]
    Positions = NDArray[np.int_]


class Precision(Protocol):
    """How well combinations of coefficients are known."""

    def of(self, weights: Vector) -> tuple[float, float]:
        """Standard error and degrees of freedom of the combination with these weights (p,)."""


@dataclass(frozen=True)
class CovariancePart:
    """A covariance of the coefficients, shape (p, p), that was estimated with `df` degrees."""

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

    def of(self, weights: Vector) -> tuple[float, float]:
        """Standard error and degrees of freedom of a combination."""
        variances = np.array([weights @ part.matrix @ weights for part in self.parts])
        degrees = np.array([part.df for part in self.parts])
        used = variances > 0
        if not used.any():
            return 0.0, np.nan
        total = float(variances.sum())
        df = total**2 / float((variances[used] ** 2 / degrees[used]).sum())
        return float(np.sqrt(total)), df


@dataclass(frozen=True)
class Fit:
    """A fitted linear model, whichever engine fitted it.

    `coefficients` has shape (p,) with `names`. Whether it converged, and whether a variance
    component lies on its boundary at zero, are data, not warnings. `variances` holds the variance
    components by name.
    """

    method: str
    names: tuple[str, ...]
    coefficients: Vector
    precision: Precision
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

    `estimate` replaces the linear combination where the weights are the gradient of a function
    (delta method).
    """
    vector = np.array([weights.get(name, 0.0) for name in fit.names])
    se, df = fit.precision.of(vector)
    value = float(vector @ fit.coefficients) if estimate is None else estimate
    return Combination(value, se, df)
