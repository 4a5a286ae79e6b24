"""Simultaneous t limits and p values of many responses at once.

Differences to one reference share the reference's error, so their correlations are those of one
common factor, rho_ij = l_i l_j (Dunnett 1955, J Am Stat Assoc 50:1096). The multivariate t
probability is then a double integral: over the factor, given which the contrasts are independent,
and over the common standard deviation. Families of another kind go to the lattice sum.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy import special

from .arrays import Floats
from .simultaneous import multivariate_t_inside

#: Correlations this near to those of one factor count as such: at the 5 % point the probability
#: moves by at most 0.015 times the gap for a pair (Plackett 1954, Biometrika 41:351), here 1.5e-4.
NEAR = 0.01
#: Beyond this loading the integrand is a step that the quadrature would miss.
STEEPEST = 0.995
_NODES_OF_SCALE = 16
_SWEEPS = 100
#: Numbers in the largest array of the quadrature.
_AT_ONCE = 2_000_000


def simultaneous_t(
    t: Floats, correlation: Floats, df: Floats, level: float
) -> tuple[Floats, Floats]:
    """Return the two-sided critical value, shape (R,), and adjusted p values, shape (R, k).

    The probabilities are good to 2e-5, and to about 2e-4 where the family is none of
    differences to one reference. A response whose numbers are not finite gets NaN.

    Parameters
    ----------
    t
        The t statistics, shape (R, k).
    correlation
        Correlations of the k estimates, shape (R, k, k).
    df
        Degrees of freedom of the family, shape (R,).
    level
        Simultaneous level such as 0.95.
    """
    responses, k = t.shape
    critical, p = np.full(responses, np.nan), np.full((responses, k), np.nan)
    sound = np.isfinite(t).all(axis=1) & np.isfinite(correlation).all(axis=(1, 2)) & (df > 0)
    finite = np.minimum(df, 1e7)
    alone = 2 * special.stdtr(finite[:, None], -np.abs(t))
    if k == 1:
        critical[sound] = special.stdtrit(finite[sound], (1 + level) / 2)
        return critical, np.where(sound[:, None], alone, np.nan)
    loadings = np.zeros((responses, k))
    near = np.zeros(responses, dtype=bool)
    if sound.any():
        loadings[sound], gap = one_factor(correlation[sound])
        steep = np.abs(loadings[sound]).max(axis=1) > STEEPEST
        near[sound] = (gap < NEAR) & ~steep
    if near.any():
        chosen, degrees = loadings[near], finite[near]
        p[near] = 1 - one_factor_inside(np.abs(t[near]), chosen, degrees)
        critical[near] = _quantile(
            lambda limit: one_factor_inside(limit[:, None], chosen, degrees)[:, 0],
            level, k, degrees, 1e-6,
        )  # fmt: skip
    for other in np.flatnonzero(sound & ~near):
        inside = partial(_lattice_inside, correlation[other], float(finite[other]))
        p[other] = 1 - inside(np.abs(t[other]))
        critical[other] = _quantile(inside, level, k, finite[[other]], 1e-4)[0]
    # Whatever the correlation, p lies between that of one contrast and Bonferroni's.
    return critical, np.clip(p, alone, np.minimum(k * alone, 1.0))


def one_factor(correlation: Floats) -> tuple[Floats, Floats]:
    """Return the loadings, shape (R, k), nearest to correlations, and the largest gap, (R,).

    Least squares on the correlations off the diagonal, one loading after the other (Harman & Jones
    1966, Psychometrika 31:351). Two correlations need no sign, as limits are two-sided.
    """
    responses, k, _ = correlation.shape
    if k == 2:
        one = np.sqrt(np.minimum(np.abs(correlation[:, 0, 1]), 1.0))
        return np.repeat(one[:, None], 2, axis=1), np.zeros(responses)
    off = np.array(correlation)
    off[:, range(k), range(k)] = 0.0
    roots, vectors = np.linalg.eigh(correlation)
    loadings = vectors[:, :, -1] * np.sqrt(np.maximum(roots[:, -1:], 0))
    for _ in range(_SWEEPS):
        before = loadings.copy()
        for i in range(k):
            rest = (loadings**2).sum(axis=1) - loadings[:, i] ** 2
            found = (off[:, i] * loadings).sum(axis=1) / np.maximum(rest, 1e-12)
            loadings[:, i] = np.clip(found, -1.0, 1.0)
        if np.abs(loadings - before).max() < 1e-7:
            break
    fitted = loadings[:, :, None] * loadings[:, None, :]
    fitted[:, range(k), range(k)] = 0.0
    return loadings, np.abs(off - fitted).max(axis=(1, 2))


def one_factor_inside(limits: Floats, loadings: Floats, df: Floats) -> Floats:
    """Return P(all |T_i| <= limit) for limits of shape (R, n), loadings (R, k) and df (R,)."""
    # The steeper the integrand, the more nodes; each number keeps the error below 2e-5.
    steepest = np.abs(loadings).max()
    nodes = 16 if steepest < 0.8 else 24 if steepest < 0.95 else 64
    step = max(1, _AT_ONCE // (limits.shape[1] * _NODES_OF_SCALE * nodes))
    parts = [slice(start, start + step) for start in range(0, len(limits), step)]
    return np.concatenate(
        [_inside(limits[part], loadings[part], df[part], nodes) for part in parts]
    )


def _inside(limits: Floats, loadings: Floats, df: Floats, nodes: int) -> Floats:
    """Return the double integral for a part of the responses."""
    scale, mass = _scale_rule(df)
    # Both signs of the factor give the same product, so half of its line is enough.
    factor, density = np.polynomial.legendre.leggauss(nodes)
    factor = 6.5 * (factor + 1) / 2
    density = density * np.exp(-factor * factor / 2)
    density /= density.sum()
    apart = np.sqrt(1 - loadings**2)
    chance = np.ones(1)
    for i in range(loadings.shape[1]):
        reach = limits[:, :, None] * (scale / apart[:, i, None])[:, None, :]
        shift = (loadings[:, i] / apart[:, i])[:, None] * factor
        upper, lower = reach[..., None] - shift[:, None, None, :], -reach[..., None]
        chance = chance * (special.ndtr(upper) - special.ndtr(lower - shift[:, None, None, :]))
    return np.asarray(((chance @ density) * mass[:, None, :]).sum(axis=-1))


def _lattice_inside(correlation: Floats, df: float, limits: Floats) -> Floats:
    """Return P(all |T_i| <= limit) for each limit, by the lattice sum."""
    return np.array([multivariate_t_inside(float(limit), correlation, df) for limit in limits])


def _scale_rule(df: Floats) -> tuple[Floats, Floats]:
    """Return nodes and weights, shape (R, nodes), for s = sqrt(chi squared / df)."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES_OF_SCALE)
    low = np.sqrt(2 * special.gammaincinv(df / 2, 1e-8) / df)
    high = np.sqrt(2 * special.gammainccinv(df / 2, 1e-8) / df)
    s = low[:, None] + (high - low)[:, None] / 2 * (nodes + 1)
    # The constant of the density cancels, as the weights are made to sum to one.
    log_density = (df - 1)[:, None] * np.log(s) - df[:, None] * (s * s - 1) / 2
    mass = weights * np.exp(log_density - log_density.max(axis=1, keepdims=True))
    return s, mass / mass.sum(axis=1, keepdims=True)


def _quantile(
    inside: Callable[[Floats], Floats], level: float, k: int, df: Floats, tolerance: float
) -> Floats:
    """Return where P(all inside) reaches a level, by regula falsi (Illinois) on the log tail."""

    def above(limit: Floats) -> Floats:
        return np.asarray(np.log(np.maximum(1 - inside(limit), 1e-300) / (1 - level)))

    # One contrast's limit is too low and Bonferroni's too high, whatever the correlation.
    low = np.asarray(special.stdtrit(df, (1 + level) / 2))
    high = np.asarray(special.stdtrit(df, 1 - (1 - level) / (2 * k)))
    at_low, at_high = above(low), above(high)
    found = high
    for _ in range(20):
        span = at_high - at_low
        # Contrasts that are one and the same have no span: the lower limit is theirs.
        share = np.divide(-at_low, span, out=np.zeros_like(span), where=span != 0)
        found = low + np.clip(share, 0, 1) * (high - low)
        value = above(found)
        if np.abs(value).max() < tolerance:
            break
        crossed = np.sign(value) != np.sign(at_high)
        low, at_low = np.where(crossed, high, low), np.where(crossed, at_high, at_low / 2)
        high, at_high = found, value
    return found
