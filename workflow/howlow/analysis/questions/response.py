"""How much people differ in their response, beyond what differs anyway: never who responded.

A change in one person is mostly measurement error and chance. What a trial can tell is whether
changes vary more with training than without it (Atkinson & Batterham 2015, Exp Physiol 100:577),
or more than two measurements of the same person do when nothing was done between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.estimates import Estimate
from howlow.analysis.means import people
from howlow.analysis.questions.measurement_error import TypicalError, declared_error
from howlow.analysis.subjects import identity, simulated
from howlow.config.trial import sides

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Flags, Pairs, Vector
    from howlow.analysis.units import Unit
    from howlow.config.settings import Config

#: Fewest people an arm needs for a spread of changes that says anything.
FEWEST = 3


@dataclass(frozen=True)
class Spread:
    """A variance in every response, shape (R,), and its degrees of freedom."""

    variance: Vector
    df: float


@dataclass(frozen=True)
class SignedSd:
    """The signed root of a difference of variances with its limits; arrays of shape (R,)."""

    estimate: Vector
    low: Vector
    high: Vector


def response_sd(
    first: Spread, second: Spread, level: float, correlation: Vector | float = 0.0
) -> SignedSd:
    """The signed root of `first - second`, two variances, with a confidence interval.

    Below zero where the second variance is the larger one. The limits of the difference are
    recovered from those of each variance by the chi-squared distribution (Zou & Donner 2008, Stat
    Med 27:1693): with variances a, b and their limits (la, ua), (lb, ub)

        low = a - b - sqrt((a - la)^2 + (ub - b)^2 - 2 c (a - la)(ub - b))
        high = a - b + sqrt((ua - a)^2 + (b - lb)^2 - 2 c (ua - a)(b - lb))

    where c is the correlation of the two variances. Simulated with 8 to 50 people an arm it covers
    95 to 96 %; the normal interval from 2 a^2 / df + 2 b^2 / df (Hopkins 2015, Sportscience 19:1)
    covers 87 to 100 %, as variances are skewed.

    Parameters
    ----------
    first, second
        Variances of changes; with infinite degrees of freedom a variance counts as known.
    level
        Confidence level such as 0.95.
    correlation
        Of the two variances: the squared correlation of the changes, where both come from the same
        people (limbs); else 0.
    """
    below, above = _reaches(first, level)
    below_second, above_second = _reaches(second, level)
    difference = first.variance - second.variance
    down = below**2 + above_second**2 - 2 * correlation * below * above_second
    up = above**2 + below_second**2 - 2 * correlation * above * below_second
    # Rounding can take a reach of nothing below zero.
    low = difference - np.sqrt(np.maximum(down, 0.0))
    high = difference + np.sqrt(np.maximum(up, 0.0))
    return SignedSd(*(np.sign(v) * np.sqrt(np.abs(v)) for v in (difference, low, high)))


def _reaches(spread: Spread, level: float) -> tuple[Vector, Vector]:
    """How far the limits of a variance lie below and above it."""
    from scipy.special import chdtri

    if np.isinf(spread.df):
        nothing = np.zeros_like(spread.variance)
        return nothing, nothing
    tail = (1 - level) / 2
    low = spread.df / chdtri(spread.df, tail)
    high = spread.df / chdtri(spread.df, 1 - tail)
    return spread.variance * (1 - low), spread.variance * (high - 1)


def response_rows(
    unit: Unit, at: str, config: Config, error: TypicalError | None = None
) -> Iterator[Estimate]:
    """The SD of individual response at a visit: against the untrained arm, and against error.

    Where no arm goes without training, the arms of each declared contrast are set against each
    other. `error` is that of repeated baselines; without it the outcome's declared `mdc` counts, as
    if it were known without error. Complete cases; no P value; nobody is counted as a responder.
    Of a printed trial there are rows only where it prints SDs of change and has an arm without
    training; of a crossover there are none.
    """
    trial, level = unit.trial, 1 - config.alpha
    printed = trial.kind != "participants"
    assumes = "correlation before-after" in unit.assumed
    if unit.variant or unit.cohort.period is not None or (printed and assumes):
        return
    pairs = unit.pairs(at)
    enough = [arm for arm in pairs.arms if (pairs.arm == pairs.arms.index(arm)).sum() >= FEWEST]
    untrained = [arm for arm in enough if trial.arms[arm].sessions_per_week == 0]
    if untrained:
        compared = [(arm, untrained[0]) for arm in enough if arm not in untrained]
        what = "SD of individual response, beyond that of changes without training"
    else:
        declared = [sides(contrast.contrast) for contrast in trial.contrasts]
        compared = [pair for pair in declared if set(pair) <= set(enough) and not printed]
        what = "difference in the SD of change: signed root of the difference in variance"
    for first, second in compared:
        found = between_arms(pairs, first, second, level)
        mine = np.isin(pairs.arm, [pairs.arms.index(arm) for arm in (first, second)])
        yield _row(unit, at, config, found, f"sd_response({first} - {second})", what, mine)
    mdc = trial.outcomes[unit.outcome].mdc
    error = error or (declared_error(mdc) if mdc is not None else None)
    if error is None or printed:
        return
    what = f"SD of change beyond measurement error ({error.source})"
    for arm in enough:
        noise = Spread(np.full(1, 2 * error.value**2), error.df)
        found = response_sd(_spread(pairs, arm), noise, level)
        mine = pairs.arm == pairs.arms.index(arm)
        yield _row(unit, at, config, found, f"sd_response({arm})", what, mine)


def between_arms(pairs: Pairs, first: str, second: str, level: float) -> SignedSd:
    """`response_sd` of the changes of two arms, in every response.

    Two limbs of the same people share their variances to the squared correlation of their changes.
    """
    spreads = (_spread(pairs, first), _spread(pairs, second))
    changes, owners = zip(*(_changes(pairs, arm) for arm in (first, second)), strict=True)
    _, mine, theirs = np.intersect1d(owners[0], owners[1], return_indices=True)
    correlation: Vector | float = 0.0
    if len(mine) >= FEWEST:
        one, other = changes[0][mine], changes[1][theirs]
        one, other = one - one.mean(axis=0), other - other.mean(axis=0)
        both = (one * other).sum(axis=0) ** 2
        correlation = both / ((one**2).sum(axis=0) * (other**2).sum(axis=0))
    return response_sd(*spreads, level, correlation)


def _changes(pairs: Pairs, arm: str) -> tuple[Vector, Vector]:
    """Changes of an arm, shape (m, R), and the participants they are of, shape (m,)."""
    mine = pairs.arm == pairs.arms.index(arm)
    return pairs.change[:, mine].T, pairs.participant[mine]


def _spread(pairs: Pairs, arm: str) -> Spread:
    """The variance of an arm's changes."""
    changes, _ = _changes(pairs, arm)
    return Spread(changes.var(axis=0, ddof=1), len(changes) - 1.0)


def _row(
    unit: Unit, at: str, config: Config, found: SignedSd, contrast: str, what: str, kept: Flags
) -> Estimate:
    """The row of a signed SD of the limbs that are `kept`."""
    estimate, low, high = (float(v[0]) for v in (found.estimate, found.low, found.high))
    pairs = unit.pairs(at)
    return Estimate(
        **identity(unit.trial, unit.outcome),
        estimand=f"{what}, complete cases",
        tier="secondary",
        contrast=contrast,
        at=f"{at} - {unit.start}",
        scale="raw",
        estimate=estimate,
        ci_low=low,
        ci_high=high,
        ci_level=1 - config.alpha,
        unit=unit.trial.outcomes[unit.outcome].unit,
        method="variances of change",
        n_participants=people(unit, pairs, kept),
        n_observations=int(kept.sum()),
        assumed=unit.assumed,
        note=simulated(unit.trial),
    )
