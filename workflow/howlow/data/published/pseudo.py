"""Pseudo individual data: made-up participants whose sample moments are exactly those printed.

For a normal linear model the fit depends on the data only through means, SDs and correlations, so
nothing is invented but what the paper left out, which is declared (Papadimitropoulou et al. 2020,
Research Synthesis Methods, 10.1002/jrsm.1434). No random numbers are needed: cosines of different
frequency are orthogonal and sum to zero, so they serve as exact standard scores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from howlow.errors import DesignError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Matrix = NDArray[np.float64]


def standard_scores(n: int, columns: int) -> Matrix:
    """Scores of shape (n, columns): sample means 0, SDs 1 (divisor n - 1), correlations 0.

    Raises
    ------
    DesignError
        If n is too small to carry that many columns.
    """
    if n <= columns:
        raise DesignError(f"{n} participants cannot carry {columns} free columns")
    row, frequency = np.meshgrid(np.arange(n) + 0.5, np.arange(1, columns + 1), indexing="ij")
    scores = np.cos(np.pi * row * frequency / n)
    # One more pass of orthogonalisation takes what rounding left (1e-16 n) away.
    scores -= scores.mean(axis=0)
    orthonormal, triangle = np.linalg.qr(scores)
    signed: Matrix = orthonormal * np.sign(np.diag(triangle)) * np.sqrt(n - 1.0)
    return signed


def with_moments(n: int, means: Vector, sds: Vector, correlation: Matrix) -> Matrix:
    """Values of shape (n, columns) with these sample means, SDs and correlations exactly.

    Raises
    ------
    DesignError
        If the correlations are not those of any real numbers, or n is too small.
    """
    try:
        factor = np.linalg.cholesky(correlation)
    except np.linalg.LinAlgError:
        raise DesignError("these correlations cannot hold together") from None
    values: Matrix = np.asarray(means) + standard_scores(n, len(means)) @ factor.T * np.asarray(sds)
    return values


def correlation_from_sds(sd_pre: float, sd_post: float, sd_change: float) -> float:
    """Correlation of before and after that the SD of their difference gives.

    Raises
    ------
    DesignError
        If no correlation between -1 and 1 gives that SD.
    """
    correlation = (sd_pre**2 + sd_post**2 - sd_change**2) / (2 * sd_pre * sd_post)
    if not -1 < correlation < 1:
        raise DesignError(
            f"SDs {sd_pre:g} before, {sd_post:g} after and {sd_change:g} of the change would need "
            f"a correlation of {correlation:.2f}"
        )
    return float(correlation)


def correlation_matrix(before_after: float | None, limbs: float | None) -> Matrix:
    """Correlations of one person's values: before and after, within each limb.

    The order is before and after of the first limb, then of the second; either part is left out
    where None. The correlation of one limb's before with the other's after is their product.
    """
    time = np.eye(1) if before_after is None else np.array([[1, before_after], [before_after, 1]])
    limb = np.eye(1) if limbs is None else np.array([[1, limbs], [limbs, 1]])
    return np.kron(limb, time)


def sd_from_p(difference: float, p: float, n: tuple[int, int]) -> float:
    """SD common to two arms that an exact two-sided P of their difference gives."""
    from scipy.special import stdtrit

    quantile = stdtrit(sum(n) - 2, 1 - p / 2)
    return float(abs(difference) / quantile / np.sqrt(1 / n[0] + 1 / n[1]))
