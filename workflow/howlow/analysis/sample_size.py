"""How many participants would settle a question: the power of equivalence and of a difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isinf, lgamma, log, sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import nctdtr, ndtr, ndtri, stdtrit

from howlow.analysis.verdicts import DIFFERENT, INCONCLUSIVE, NO_ASSAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from howlow.analysis.estimates import Estimate

    Vector = NDArray[np.float64]

#: More participants than this (an arm, or altogether for limbs) are out of any trial's reach.
LARGEST = 5000
_EITHER = "to show equivalence, or a difference of the margin"
_OBSERVED = "if the difference is the one observed"
_CONTROL = "an arm without training would settle it, not more participants"
#: Fewest participants that are tried.
_SMALLEST = 2
#: How many standard deviations of the estimated standard error are integrated over, either side.
_REACH = 9.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)


@dataclass(frozen=True)
class Observed:
    """How precisely a trial measured a difference.

    Attributes
    ----------
    se, df
        Standard error of the difference, in the unit of the margin, and its degrees of freedom
        (infinite where the standard deviation is known).
    n
        Participants an arm: of two unequal arms the harmonic mean, as the standard error goes with
        it; altogether where limbs are compared within people.
    """

    se: float
    df: float
    n: float

    def with_n(self, n: float) -> tuple[float, float]:
        """Standard error and degrees of freedom of the same trial with `n` participants."""
        # ASSUME: a trial's squared standard error goes with 1 / n, its degrees of freedom with n.
        return self.se * sqrt(self.n / n), max(self.df * n / self.n, 1.0)


@dataclass(frozen=True)
class Settling:
    """What would settle a verdict: a number of participants, None where none would; in words."""

    n: int | None
    words: str


def n_to_settle(
    observed: Observed, margin: float, verdict: str, estimate: float, power: float, alpha: float
) -> Settling:
    """The number of participants with which an unsettled verdict would be settled.

    Settled means that the arms are equivalent, or differ by more than nothing, whichever is true.

    - *inconclusive*: the larger of the number that shows equivalence if the arms are truly alike
      and the number that shows a difference if it is truly as large as the margin. What was
      observed has no part in it beyond its standard error (Hoenig & Heisey 2001, Am Stat 55:19).
      Where as many were measured already, the true difference seems to lie between nothing and the
      margin; then it is taken to be the one observed, and the smaller of the two numbers counts.
    - *different (size unsettled)*: the observed difference is taken to be true, and its interval
      has to come to lie beyond the margin, or inside it.
    - *cannot tell from no training*: no number; an arm without training would.

    Parameters
    ----------
    observed
        The precision of the trial that left it unsettled.
    margin, estimate
        In one unit; the margin is positive.
    verdict
        A word of `howlow.analysis.verdicts`; of a settled one nothing comes back but empty words.
    power
        The chance wanted, such as 0.9.
    alpha
        As in config.yaml: equivalence by two one-sided tests at alpha, a difference at two-sided
        alpha.
    """
    if verdict == NO_ASSAY:
        return Settling(None, _CONTROL)
    if verdict == INCONCLUSIVE:
        alike = n_for_equivalence(observed, margin, power, alpha)
        apart = n_for_difference(observed, margin, power, alpha)
        needed = None if alike is None or apart is None else max(alike, apart)
        if needed is None or needed > observed.n:
            return _said(needed, _EITHER)
        alike = n_for_equivalence(observed, margin, power, alpha, abs(estimate))
        apart = n_for_difference(observed, abs(estimate), power, alpha)
        numbers = [number for number in (alike, apart) if number is not None]
        return _said(min(numbers, default=None), _OBSERVED)
    if verdict == DIFFERENT:
        size = abs(estimate)
        if size > margin:
            needed = n_for_difference(observed, size - margin, power, alpha)
        else:
            needed = n_for_equivalence(observed, margin, power, alpha, size)
        return _said(needed, f"to settle its size, {_OBSERVED}")
    return Settling(None, "")


def outdated(row: Estimate) -> Estimate:
    """A row whose verdict became another one, without the number that would settle the first."""
    said = (_EITHER, _OBSERVED, _CONTROL)
    notes = [part for part in row.note.split("; ") if not part.endswith(said)]
    return replace(row, n_to_settle=None, note="; ".join(notes))


def _said(n: int | None, what: str) -> Settling:
    """A number, or that there is none within reach, with what it is for."""
    return Settling(n, what if n is not None else f"more than {LARGEST:,} participants {what}")


def n_for_equivalence(
    observed: Observed, margin: float, power: float, alpha: float, difference: float = 0.0
) -> int | None:
    """Participants that show equivalence with that power; None above `LARGEST`."""
    if abs(difference) >= margin:
        return None
    return _smallest(
        lambda n: power_of_equivalence(margin, *observed.with_n(n), alpha, difference) >= power
    )


def n_for_difference(
    observed: Observed, difference: float, power: float, alpha: float
) -> int | None:
    """Participants that show a difference of that size with that power; None above `LARGEST`."""
    return _smallest(lambda n: power_of_difference(difference, *observed.with_n(n), alpha) >= power)


def _smallest(suffices: Callable[[int], bool]) -> int | None:
    """The smallest number that suffices, by bisection; None where the largest does not."""
    low, high = _SMALLEST, LARGEST
    if not suffices(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle + 1, high)
    return low


def power_of_difference(difference: float, se: float, df: float, alpha: float) -> float:
    """Chance that the 1 - alpha interval excludes zero on the side of the true difference.

    By the noncentral t distribution.
    """
    noncentrality = abs(difference) / se
    if isinf(df):
        return float(ndtr(noncentrality + ndtri(alpha / 2)))
    return 1.0 - float(nctdtr(df, noncentrality, stdtrit(df, 1 - alpha / 2)))


def power_of_equivalence(
    margin: float, se: float, df: float, alpha: float, difference: float = 0.0
) -> float:
    """Chance that both one-sided tests at alpha reject, given the true difference.

    Both tests share one estimated standard error, s times the true one; given s they are normal,
    and s is integrated out (Phillips 1990, J Pharmacokinet Biopharm 18:137).
    """
    if isinf(df):
        return max(0.0, float(_both_reject(np.ones(1), margin, se, -ndtri(alpha), difference)[0]))
    quantile = float(stdtrit(df, 1 - alpha))
    spread = _REACH / sqrt(2 * df)
    # Beyond margin / (quantile se) no estimate passes both tests.
    low, high = max(0.0, 1 - spread), min(1 + spread, margin / (quantile * se))
    if high <= low:
        return 0.0
    s = low + (high - low) / 2 * (_NODES + 1)
    density = np.exp((df - 1) * np.log(s) - df * s**2 / 2 + _log_constant(df))
    chance = _both_reject(s, margin, se, quantile, difference)
    return float((high - low) / 2 * (_WEIGHTS * density * chance).sum())


def _both_reject(s: Vector, margin: float, se: float, quantile: float, difference: float) -> Vector:
    """Chance that both tests reject where the estimated standard error is s times the true one."""
    below, above = (margin - difference) / se, (-margin - difference) / se
    return np.asarray(ndtr(below - quantile * s) - ndtr(above + quantile * s))


def _log_constant(df: float) -> float:
    """Logarithm of the constant of the density of s, a root mean square with `df` degrees."""
    return log(2) + df / 2 * log(df / 2) - lgamma(df / 2)
