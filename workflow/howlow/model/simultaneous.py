"""The distributions behind simultaneous inference: multivariate t and studentized range.

The multivariate t probability is a randomised-lattice sum over sequentially conditioned normals
(Genz & Bretz 2002), with fixed shifts so that the same call gives the same digits. The studentized
range is its double integral by Gauss-Legendre quadrature.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy import special

from .arrays import Floats

POINTS = 16381
PRIMES = np.array(
    [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89,
     97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181]
)  # fmt: skip


def multivariate_t_inside(limit: float, correlation: Floats, df: float) -> float:
    """Return P(all |T_i| <= limit) for T with this correlation matrix (k, k) and df.

    The error is about 1e-4 for up to ten contrasts; k at most 41.
    """
    if not np.isfinite(limit):
        return 1.0
    k = len(correlation)
    if k == 1:
        return 1 - 2 * float(special.stdtr(df, -limit) if np.isfinite(df) else special.ndtr(-limit))
    factor = _pivoted_root(correlation)
    inside = [
        _conditioned(limit * scale, factor, points).mean() for points, scale in _lattices(k, df)
    ]
    return float(np.mean(inside))


@lru_cache(maxsize=4)
def _lattices(k: int, df: float) -> list[tuple[Floats, Floats]]:
    """Return four shifted lattices of points (POINTS, k) with draws of chi / sqrt(df)."""
    steps = np.arange(1, POINTS + 1)[:, None] * np.sqrt(PRIMES[: k + 1])
    found: list[tuple[Floats, Floats]] = []
    for shift in np.sqrt(PRIMES[:4]):
        points = np.abs(2 * ((steps + shift * np.arange(1, k + 2)) % 1) - 1)
        points = np.clip(points, 1e-12, 1 - 1e-12)
        scale = np.ones(POINTS)
        if np.isfinite(df):
            scale = np.sqrt(2 * special.gammaincinv(df / 2, points[:, k]) / df)
        found.append((points[:, :k], scale))
    return found


def _conditioned(limit: Floats, factor: Floats, points: Floats) -> Floats:
    """Return products of conditional probabilities of |Z_i| <= limit, one a point."""
    rank = factor.shape[1]
    normal = np.zeros((len(limit), rank))
    chance = np.ones(len(limit))
    for i, row in enumerate(factor):
        used = min(i, rank)
        mean = normal[:, :used] @ row[:used]
        if i >= rank or row[i] < 1e-7:
            # The earlier normals determine this one.
            chance = chance * (np.abs(mean) <= limit)
            continue
        low = special.ndtr((-limit - mean) / row[i])
        width = special.ndtr((limit - mean) / row[i]) - low
        chance = chance * width
        inside = np.clip(low + points[:, i] * width, 1e-300, 1 - 1e-16)
        normal[:, i] = special.ndtri(inside)
    return chance


def _pivoted_root(correlation: Floats) -> Floats:
    """Return a lower-triangular root with rows reordered so that dependent ones come last."""
    left, order = correlation.copy(), list(range(len(correlation)))
    k = len(correlation)
    factor = np.zeros((k, k))
    for i in range(k):
        best = i + int(np.argmax(np.diagonal(left)[i:]))
        for matrix in (left, factor):
            matrix[[i, best]] = matrix[[best, i]]
        left[:, [i, best]] = left[:, [best, i]]
        order[i], order[best] = order[best], order[i]
        if left[i, i] < 1e-10:
            return factor[:, :i]
        factor[i, i] = np.sqrt(left[i, i])
        factor[i + 1 :, i] = left[i + 1 :, i] / factor[i, i]
        left[i + 1 :, i + 1 :] -= np.outer(factor[i + 1 :, i], factor[i + 1 :, i])
    return factor


def studentized_range_cdf(q: float, means: int, df: float) -> float:
    """Return P(Q <= q) for the studentized range of ``means`` means with df."""
    if q <= 0:
        return 0.0
    nodes, weights = np.polynomial.legendre.leggauss(120)
    z = 8.5 * nodes
    density = 8.5 * weights * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    if np.isinf(df):
        return float(_range_given_scale(q * np.ones(1), means, z, density)[0])
    scale, mass = _root_chi_squared_rule(df, nodes, weights)
    return float(mass @ _range_given_scale(q * scale, means, z, density))


def _range_given_scale(q: Floats, means: int, z: Floats, density: Floats) -> Floats:
    """Return P(range of normals <= q) for each q by the quadrature points z."""
    inner = special.ndtr(z) - special.ndtr(z - q[:, None])
    return np.asarray(means * inner ** (means - 1) @ density)


def _root_chi_squared_rule(df: float, nodes: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return nodes and weights for s = sqrt(chi squared / df)."""
    ends = np.sqrt(2 * special.gammaincinv(df / 2, [1e-13, 1 - 1e-13]) / df)
    half = (ends[1] - ends[0]) / 2
    s = ends[0] + half * (nodes + 1)
    log_density = (
        np.log(2) + df / 2 * np.log(df / 2) - special.gammaln(df / 2)
        + (df - 1) * np.log(s) - df * s * s / 2
    )  # fmt: skip
    return s, half * weights * np.exp(log_density)


def studentized_range_quantile(level: float, means: int, df: float) -> float:
    """Return q with P(Q <= q) = level."""
    return _bisect(lambda q: studentized_range_cdf(q, means, df), level, 1e-10)


def _bisect(probability: Callable[[float], float], level: float, tolerance: float) -> float:
    """Return where an increasing function of a positive number reaches a level."""
    low, high = 0.0, 4.0
    while probability(high) < level:
        low, high = high, 2 * high
    while high - low > tolerance * high:
        middle = (low + high) / 2
        low, high = (middle, high) if probability(middle) < level else (low, middle)
    return (low + high) / 2
