"""A pool of one effect a trial with each trial left out in turn, all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from howlow.synthesis.meta.model import Vector

_MOST_STEPS = 200
#: Trials left out together: a matrix of this many rows and a column a trial is held in memory.
_CHUNK = 500
_GRID = np.concatenate([[0.0], np.geomspace(1e-9, 1.0, 25)])


@dataclass(frozen=True)
class LeftOut:
    """The pool without each trial: mean, its cautious standard error and tau2, (k,) each, and df.

    The standard error is never smaller than without the Hartung-Knapp factor.
    """

    estimate: Vector
    se: Vector
    tau2: Vector
    df: int


def leave_one_out(effects: Vector, variances: Vector) -> LeftOut:
    """Pool k effects with known variances, both (k,) with k > 2, without each in turn.

    REML with the factor of Hartung & Knapp (2001, Stat Med 20:3875); the model is that of
    `howlow.synthesis.meta.model` with one effect a trial.
    """
    k = len(effects)
    centre = float(np.median(effects))
    grid, best = _start(effects - centre, variances)
    parts = [
        _refine(effects - centre, variances, rows, grid, best[rows])
        for rows in np.array_split(np.arange(k), -(-k // _CHUNK))
    ]
    estimate, se, tau2 = (np.concatenate(part) for part in zip(*parts, strict=True))
    return LeftOut(estimate + centre, se, tau2, k - 2)


def _start(effects: Vector, variances: Vector) -> tuple[Vector, NDArray[np.intp]]:
    """A grid of tau2, and for each trial left out where on it the likelihood is highest.

    What is left is the sum over all trials less the one left out, so all are had at once.
    """
    largest = float(((effects - effects.mean()) ** 2).sum())
    grid = largest * _GRID
    total = variances + grid[:, None]
    weights = 1 / total

    def rest(terms: Vector) -> Vector:
        """Sums without each trial, (grid, k)."""
        return np.asarray(terms.sum(axis=1, keepdims=True) - terms, dtype=float)

    weight, first = rest(weights), rest(weights * effects)
    squares = rest(weights * effects**2) - first**2 / weight
    height = -(rest(np.log(total)) + np.log(weight) + squares)
    return grid, height.argmax(axis=0)


def _refine(
    effects: Vector, variances: Vector, rows: NDArray[np.intp], grid: Vector, best: NDArray[np.intp]
) -> tuple[Vector, Vector, Vector]:
    """Mean, cautious standard error and tau2 without each of these trials, by Fisher scoring."""
    kept = np.ones((len(rows), len(effects)))
    kept[np.arange(len(rows)), rows] = 0.0
    low, tau2 = grid[np.maximum(best - 1, 0)], grid[best]
    high, floor = grid[np.minimum(best + 1, len(grid) - 1)], 1e-13 * grid[-1]
    for _ in range(_MOST_STEPS):
        weights = kept / (variances + tau2[:, None])
        squares = weights**2
        total, second = weights.sum(axis=1), squares.sum(axis=1)
        mean = weights @ effects / total
        residual = (effects - mean[:, None]) ** 2
        score = (squares * residual).sum(axis=1) - total + second / total
        third = (squares * weights).sum(axis=1)
        information = second - 2 * third / total + (second / total) ** 2
        low = np.where(score > 0, tau2, low)
        high = np.where(score > 0, high, tau2)
        updated = tau2 + score / information
        inside = (low < updated) & (updated < high)
        updated = np.where(inside, updated, 0.5 * (low + high))
        updated = np.where((best == 0) & (tau2 == 0) & (score <= 0), 0.0, updated)
        step = np.abs(updated - tau2)
        tau2 = updated
        if (step <= np.maximum(floor, 1e-11 * tau2)).all():
            break
    factor = (weights * residual).sum(axis=1) / (len(effects) - 2)
    return mean, np.sqrt(np.maximum(1.0, factor) / total), tau2
