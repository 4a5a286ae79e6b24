"""The ratio of two combinations of coefficients, with the set of values that the data allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from howlow.analysis.rounding import decimals, plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from howlow.analysis.fitting.fits import Fit, Vector

#: An interval; all but an open interval; a half-line; every number.
Kind = Literal["interval", "outside", "at least", "at most", "everything"]


@dataclass(frozen=True)
class Ratio:
    """A ratio and Fieller's set.

    Attributes
    ----------
    low, high
        Limits of an interval or of the gap (`outside`); infinite where there is none.
    df
        Degrees of freedom of the t quantile.
    """

    estimate: float
    low: float
    high: float
    kind: Kind
    df: float

    @property
    def limits(self) -> tuple[float, float]:
        """The smallest interval that holds the set: infinite on a side without a bound."""
        return (-np.inf, np.inf) if self.kind == "outside" else (self.low, self.high)

    def words(self, denominator: str) -> str:
        """The set for a reader; `denominator` is such as `the gain of three sessions`."""
        places = decimals(self.estimate, self.low, self.high)
        low, high = plain(self.low, places), plain(self.high, places)
        not_shown = f"{denominator} is itself not shown"
        return {
            "interval": f"{low} to {high}",
            "outside": f"everything but {low} to {high}: {not_shown}",
            "at least": f"{low} or more: {not_shown}",
            "at most": f"{high} or less: {not_shown}",
            "everything": f"no bound: {not_shown}",
        }[self.kind]

    def note(self, denominator: str) -> str:
        """What stands beside limits that are not both finite; empty for an interval."""
        return "" if self.kind == "interval" else f"Fieller's set: {self.words(denominator)}"


@dataclass(frozen=True)
class Ratios:
    """Ratios in every response; arrays of shape (R,), read as those of `Ratio`."""

    estimate: Vector
    low: Vector
    high: Vector
    kind: NDArray[np.str_]
    df: Vector

    def one(self, response: int = 0) -> Ratio:
        """The ratio of one response."""
        kind: Any = str(self.kind[response])
        numbers = (self.estimate, self.low, self.high, self.df)
        estimate, low, high, df = (float(values[response]) for values in numbers)
        return Ratio(estimate, low, high, kind, df)

    def holds(self, value: float) -> NDArray[np.bool_]:
        """Whether a value lies in each set, shape (R,)."""
        between = (self.low <= value) & (value <= self.high)
        gap = (value <= self.low) | (value >= self.high)
        return np.asarray(np.where(self.kind == "outside", gap, between))


def ratio(fit: Fit, numerator: Vector, denominator: Vector, level: float) -> Ratios:
    """The ratio of two combinations with Fieller's set (1954, J R Stat Soc B 16:175).

    The set holds every r for which `numerator - r denominator` does not differ from zero. Its
    degrees of freedom are the smallest of three of these combinations: at r = 0, 1 and infinity,
    that is the numerator, the numerator less the denominator, and the denominator. They are fixed
    before the ratio is known, so that a noisy denominator cannot choose them.

    Parameters
    ----------
    fit
        A fit of R responses.
    numerator, denominator
        Weights of the coefficients, shape (p,).
    level
        Confidence level such as 0.95.
    """
    value = fit.combine(np.stack([numerator, numerator - denominator, denominator]))
    covariance = fit.covariance(np.stack([numerator, denominator]))
    return fieller(
        value.estimate[:, 0], value.estimate[:, 2], covariance, value.df.min(axis=1), level
    )


def fieller(
    numerator: Vector,
    denominator: Vector,
    covariance: NDArray[np.float64],
    df: Vector,
    level: float,
) -> Ratios:
    """Fieller's set from two estimates (R,), their covariance (R, 2, 2) and df (R,).

    The set is where a quadratic in r is not above zero: (d² - t² Vdd) r² - 2 (n d - t² Vnd) r +
    n² - t² Vnn (Fieller 1954, J R Stat Soc B 16:175). It is an interval where the denominator
    differs from zero at this level; else all but an interval, or everything.
    """
    from scipy.special import stdtrit

    t2 = stdtrit(df, (1 + level) / 2) ** 2
    square = denominator**2 - t2 * covariance[:, 1, 1]
    middle = numerator * denominator - t2 * covariance[:, 0, 1]
    constant = numerator**2 - t2 * covariance[:, 0, 0]
    inner = middle**2 - square * constant
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = numerator / denominator
        # The root of larger size first: the other by their product, without cancellation.
        far = middle + np.copysign(np.sqrt(inner), middle)
        roots = np.sort(np.stack([far / square, constant / far]), axis=0)
        edge = constant / (2 * middle)
    line = square == 0
    cases = [
        line & (middle > 0),
        line & (middle < 0),
        line | ((square < 0) & (inner <= 0)),
        square < 0,
        square > 0,
    ]
    lows = [edge, -np.inf, -np.inf, roots[0], roots[0]]
    highs = [np.inf, edge, np.inf, roots[1], roots[1]]
    kinds = ["at least", "at most", "everything", "outside", "interval"]
    # A response that was not fitted has no set.
    shape = [np.broadcast_to(limit, estimate.shape) for limit in (*lows, *highs)]
    low = np.select(cases, shape[:5], np.nan)
    high = np.select(cases, shape[5:], np.nan)
    return Ratios(estimate, low, high, np.select(cases, kinds, ""), df)
