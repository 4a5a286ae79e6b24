"""How much trials differ: I2, Cochran's Q, and the interval of the variance between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, chdtri

from howlow.synthesis.meta.model import Block, MetaFit
from howlow.synthesis.meta.stacks import Stack, moments, stack

#: Points of each grid and number of grids, each within one step of the last: 32^12 covers doubles.
_POINTS, _ROUNDS = 33, 12


@dataclass(frozen=True)
class Heterogeneity:
    """Heterogeneity between trials.

    Attributes
    ----------
    i2
        Share of the variance of an effect that lies between trials, per cent.
    q, df, p
        Cochran's Q, its degrees of freedom, and P of equal effects (chi-squared).
    tau2_low, tau2_high
        Interval of tau2.
    """

    i2: float
    q: float
    df: int
    p: float
    tau2_low: float
    tau2_high: float


def heterogeneity(blocks: Sequence[Block], fit: MetaFit, level: float = 0.95) -> Heterogeneity:
    """Heterogeneity between the trials of a fit.

    I2 by Higgins & Thompson (2002, Stat Med 21:1539), its typical variance with the full design as
    in Viechtbauer (2010, J Stat Softw 36(3)); the interval of tau2 by the Q-profile method
    (Viechtbauer 2007, Stat Med 26:37): values of tau2 at which the weighted residual sum of squares
    is a likely draw of chi-squared.
    """
    stacks = stack(blocks)
    tails = 0.5 * (1 - level), 0.5 * (1 + level)
    low, high = (_profile(stacks, float(chdtri(fit.df, tail))) for tail in tails)
    typical = fit.df / _trace(stacks)
    return Heterogeneity(
        i2=100 * fit.tau2 / (fit.tau2 + typical),
        q=fit.q,
        df=fit.df,
        p=float(chdtrc(fit.df, fit.q)),
        tau2_low=low,
        tau2_high=high,
    )


def _trace(stacks: Sequence[Stack]) -> float:
    """Trace of W - WX (X'WX)^-1 X'W without variance between trials."""
    at = np.zeros(1)
    inverse = np.linalg.inv(moments(stacks, at).cross[0])
    total = 0.0
    for one in stacks:
        weight = one.weight(at)[0][0]
        solved = (weight @ one.design).reshape(-1, one.design.shape[2])
        total += float(np.trace(weight, axis1=1, axis2=2).sum())
        total -= float(np.trace(inverse @ (solved.T @ solved)))
    return total


def _profile(stacks: Sequence[Stack], target: float) -> float:
    """The tau2 at which the residual sum of squares, which falls with it, is the target; or 0."""
    if moments(stacks, np.zeros(1)).rest[0] <= target:
        return 0.0
    low, high = 0.0, max(float(one.covariance.max()) for one in stacks)
    while moments(stacks, np.array([high])).rest[0] > target:
        low, high = high, 4 * high
    for _ in range(_ROUNDS):
        grid = np.linspace(low, high, _POINTS)
        above = int((moments(stacks, grid).rest > target).sum())
        low, high = grid[max(above - 1, 0)], grid[min(above, _POINTS - 1)]
        if high - low <= 1e-12 * high:
            break
    return float(0.5 * (low + high))
