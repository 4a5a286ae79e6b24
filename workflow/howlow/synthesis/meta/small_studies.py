"""Whether small trials show other effects than large ones: funnel plot asymmetry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, stdtr

if TYPE_CHECKING:
    from howlow.synthesis.meta.model import Vector

#: Tests are worth little with fewer trials (Sterne et al. 2011, BMJ 343:d4002).
FEWEST = 10
#: Above this the distribution of Kendall's tau is taken as normal, as where effects are tied.
_EXACT_UP_TO = 50


@dataclass(frozen=True)
class Asymmetry:
    """A test of asymmetry: its name, the statistic, its degrees of freedom (if any), and P."""

    test: str
    statistic: float
    df: float
    p: float


def regression_test(
    effects: Vector, variances: Vector, predictor: Vector | None = None
) -> Asymmetry:
    """Egger's test: weighted regression of effects on their standard errors, t of the slope.

    Shapes (k,); the dispersion is multiplicative, with k - 2 degrees of freedom (Egger et al. 1997,
    BMJ 315:629; Sterne & Egger 2005). Another `predictor` may take the standard errors' place.
    """
    slope_of = np.sqrt(variances) if predictor is None else predictor
    design = np.column_stack([np.ones(len(effects)), slope_of])
    root = 1 / np.sqrt(variances)
    inverse = np.linalg.inv(design.T @ (design * (root**2)[:, None]))
    coefficients = inverse @ (design.T @ (effects * root**2))
    df = len(effects) - 2
    dispersion = float((((effects - design @ coefficients) * root) ** 2).sum()) / df
    t = float(coefficients[1] / np.sqrt(dispersion * inverse[1, 1]))
    return Asymmetry("Egger's regression", t, float(df), float(2 * stdtr(df, -abs(t))))


def rank_test(effects: Vector, variances: Vector) -> Asymmetry:
    """Rank correlation of standardised effects with their variances, Kendall's tau.

    Shapes (k,); Begg & Mazumdar (1994, Biometrics 50:1088). P is exact up to 50 trials without
    ties, else by the normal distribution with the variance for ties.
    """
    weights = 1 / variances
    mean = weights @ effects / weights.sum()
    standardised = (effects - mean) / np.sqrt(variances - 1 / weights.sum())
    k = len(effects)
    upper = np.triu_indices(k, 1)
    signs = [np.sign(column[upper[0]] - column[upper[1]]) for column in (standardised, variances)]
    score = float((signs[0] * signs[1]).sum())
    pairs = len(upper[0])
    tied = [pairs - float(np.abs(sign).sum()) for sign in signs]
    scale = float(np.sqrt((pairs - tied[0]) * (pairs - tied[1])))
    if k <= _EXACT_UP_TO and not any(tied):
        p = _exact_p(score, k)
    else:
        groups = [
            np.unique(column, return_counts=True)[1].astype(float)
            for column in (standardised, variances)
        ]
        p = float(2 * ndtr(-abs(score) / np.sqrt(_variance(k, *groups))))
    return Asymmetry("Begg's rank correlation", score / scale if scale else np.nan, np.nan, p)


def _exact_p(score: float, k: int) -> float:
    """Two-sided P of Kendall's score among all orders of k, by counting inversions."""
    counts = np.ones(1)
    for length in range(2, k + 1):
        counts = np.convolve(counts, np.full(length, 1.0 / length))
    concordant = round((score + k * (k - 1) / 2) / 2)
    least = min(concordant, len(counts) - 1 - concordant)
    return min(1.0, 2 * float(counts[: least + 1].sum()))


def _variance(k: int, first: Vector, second: Vector) -> float:
    """Variance of Kendall's score with tied groups of these sizes (Kendall 1970, chapter 5)."""

    def total(sizes: Vector, shift: int) -> float:
        return float((sizes * (sizes - 1) * (2 * sizes + 5 if shift == 5 else 1)).sum())

    whole = np.array([float(k)])
    main = (total(whole, 5) - total(first, 5) - total(second, 5)) / 18
    triples = [float((sizes * (sizes - 1) * (sizes - 2)).sum()) for sizes in (first, second)]
    thirds = triples[0] * triples[1] / (9 * k * (k - 1) * (k - 2))
    doubles = total(first, 1) * total(second, 1) / (2 * k * (k - 1))
    return main + thirds + doubles
