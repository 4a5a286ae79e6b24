"""V itself, in data units and row order, for what needs whole matrices: CR2, BLUPs, residuals."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .arrays import Floats, Integers
from .estimates import MixedFit
from .pattern import pattern_matrices


def covariance_of_rows(fit: MixedFit, rows: Integers, random_only: bool = False) -> Floats:
    """Return the fitted covariance matrix of some rows of the data, shape (n, n).

    Parameters
    ----------
    fit
        A fit.
    rows
        Row numbers in the model's own order.
    random_only
        Leave the residual out: the covariance that the random effects make.
    """
    layout = fit.layout
    place = np.empty(layout.rows, dtype=np.intp)
    place[layout.order] = np.arange(layout.rows)
    at = place[rows]
    psi = fit.psi.copy()
    if random_only:
        psi[: residual_count(fit)] = 0.0
    V = np.tensordot(psi, pattern_matrices(layout, at), 1)
    same_block = layout.block[at][:, None] == layout.block[at]
    return np.asarray(np.where(same_block, V, 0.0) / np.outer(*(layout.root_weight[at],) * 2))


def residual_count(fit: MixedFit) -> int:
    """Return how many of the covariances belong to the residual."""
    slices = fit.layout.coordinates.slices()
    first = len(slices) - len(fit.model.random)
    return fit.layout.coordinates.covariances if first == len(slices) else slices[first][2].start


def independent_rows(fit: MixedFit) -> Iterator[Integers]:
    """Yield the row numbers of every independent block, ordered by visit within it."""
    layout = fit.layout
    yield from np.split(layout.order, np.flatnonzero(np.diff(layout.block)) + 1)


def solve_rows(fit: MixedFit, values: Floats) -> Floats:
    """Return V^-1 values, shape (rows,) or (rows, c)."""
    solved = np.empty_like(values)
    for rows in independent_rows(fit):
        solved[rows] = np.linalg.solve(covariance_of_rows(fit, rows), values[rows])
    return solved


def marginal_residual(fit: MixedFit) -> Floats:
    """Return y - X beta, shape (rows,)."""
    return np.asarray(np.asarray(fit.model.y) - np.asarray(fit.model.X) @ fit.beta)
