"""V itself, in data units and row order, for what needs whole matrices: CR2, BLUPs, residuals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from .arrays import Floats, Integers
from .estimates import MixedFit
from .nested import NestedBackEnd, lower_layout
from .pattern import pattern_matrices


def covariance_of_rows(fit: MixedFit, rows: Integers) -> Floats:
    """Return the fitted covariance matrix of some rows of the data, shape (n, n).

    Parameters
    ----------
    fit
        A fit.
    rows
        Row numbers in the model's own order.
    """
    layout = fit.layout
    at = layout.place[rows]
    V = np.tensordot(fit.psi, pattern_matrices(layout, at), 1)
    same_block = layout.block[at][:, None] == layout.block[at]
    return np.asarray(np.where(same_block, V, 0.0) / np.outer(*(layout.root_weight[at],) * 2))


def independent_rows(fit: MixedFit) -> Iterator[Integers]:
    """Yield the row numbers of every independent block, ordered by visit within it."""
    layout = fit.layout
    yield from np.split(layout.order, np.flatnonzero(np.diff(layout.block)) + 1)


def solve_rows(fit: MixedFit, values: Floats) -> Floats:
    """Return V^-1 values, shape (rows,) or (rows, c); level by level as in `nested.py`."""
    joined = split_levels(fit)
    if joined is not None:
        return _solve_joined(joined, values)
    solved = np.empty_like(values)
    for rows in independent_rows(fit):
        solved[rows] = np.linalg.solve(covariance_of_rows(fit, rows), values[rows])
    return solved


@dataclass(frozen=True)
class Joined:
    """A fit whose back end is nested, as the fit below the upper level and V = B + U Psi U'.

    ``U`` (rows, u) and ``block`` (rows,), the joined block of each row, are in the model's order.
    """

    below: MixedFit
    U: Floats
    block: Integers
    Psi: Floats

    def blocks(self) -> Iterator[Integers]:
        """Yield the row numbers of every joined block."""
        order = np.argsort(self.block, kind="stable")
        yield from np.split(order, np.flatnonzero(np.diff(self.block[order])) + 1)


def split_levels(fit: MixedFit) -> Joined | None:
    """Return the levels of a fit whose back end is nested, or None."""
    back_end, layout = fit.back_end, fit.layout
    if not isinstance(back_end, NestedBackEnd):
        return None
    lower = lower_layout(layout, back_end.terms)
    below = replace(fit, layout=lower, psi=fit.psi[back_end.low], back_end=back_end.lower)
    columns = lower.design[:, layout.design.shape[1] :]
    U, block = np.empty_like(columns), np.empty_like(lower.group)
    U[lower.order] = columns / lower.root_weight[:, None]
    block[lower.order] = lower.group
    return Joined(below, U, block, np.tensordot(fit.psi, back_end.E, 1))


def _solve_joined(joined: Joined, values: Floats) -> Floats:
    """Return V^-1 values by equation 15."""
    tall = values.reshape(len(values), -1)
    both = solve_rows(joined.below, np.hstack([joined.U, tall]))
    u = joined.U.shape[1]
    left, solved = both[:, :u], both[:, u:]
    for rows in joined.blocks():
        system = np.eye(u) + joined.Psi @ joined.U[rows].T @ left[rows]
        effects = np.linalg.solve(system, joined.Psi @ joined.U[rows].T @ solved[rows])
        solved[rows] -= left[rows] @ effects
    return solved.reshape(values.shape)


def marginal_residual(fit: MixedFit) -> Floats:
    """Return y - X beta, shape (rows,)."""
    return np.asarray(np.asarray(fit.model.y) - np.asarray(fit.model.X) @ fit.beta)
