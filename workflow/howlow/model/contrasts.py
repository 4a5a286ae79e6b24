"""Contrast coefficients over levels: pairwise, against a reference, consecutive, polynomial.

Each function returns labels and a matrix of coefficients, one row a contrast, one column a level.
Differences are written as what they are: ``b - a``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from .arrays import Floats
from .errors import ModelError


@dataclass(frozen=True)
class Coefficients:
    """Named contrasts over levels, matrix of shape (contrasts, levels)."""

    labels: tuple[str, ...]
    matrix: Floats

    def __post_init__(self) -> None:
        if np.asarray(self.matrix).shape[:1] != (len(self.labels),):
            raise ModelError(
                f"{len(self.labels)} labels for a matrix of shape {np.shape(self.matrix)}"
            )


def _difference(levels: Sequence[str], pairs: Sequence[tuple[int, int]]) -> Coefficients:
    """Return level[i] - level[j] for each pair (i, j)."""
    identity = np.eye(len(levels))
    rows = [identity[i] - identity[j] for i, j in pairs]
    return Coefficients(tuple(f"{levels[i]} - {levels[j]}" for i, j in pairs), np.array(rows))


def pairwise(levels: Sequence[str]) -> Coefficients:
    """Return every later level minus every earlier one."""
    return _difference(levels, [(j, i) for i, j in combinations(range(len(levels)), 2)])


def against_reference(levels: Sequence[str], reference: str) -> Coefficients:
    """Return every level minus the reference."""
    if reference not in levels:
        raise ModelError(f"reference {reference!r} is not among {list(levels)}")
    place = list(levels).index(reference)
    return _difference(levels, [(i, place) for i in range(len(levels)) if i != place])


def consecutive(levels: Sequence[str]) -> Coefficients:
    """Return every level minus the one before."""
    return _difference(levels, [(i + 1, i) for i in range(len(levels) - 1)])


def polynomial(levels: Sequence[str], degree: int | None = None) -> Coefficients:
    """Return orthogonal polynomials over equally spaced levels, in the smallest whole numbers.

    Parameters
    ----------
    levels
        The levels in order.
    degree
        The highest degree; levels - 1 where it is left out.
    """
    n = len(levels)
    top = n - 1 if degree is None else degree
    if not 1 <= top < n:
        raise ModelError(f"{n} levels have polynomials of degree 1 to {n - 1}, not {top}")
    powers = np.vander(np.arange(n) - (n - 1) / 2, top + 1, increasing=True)
    orthogonal, triangle = np.linalg.qr(powers)
    rows = (orthogonal * np.sign(np.diagonal(triangle))).T[1:]
    names = ("linear", "quadratic", "cubic", "quartic")
    labels = tuple(names[k] if k < 4 else f"degree {k + 1}" for k in range(top))
    return Coefficients(labels, np.array([_whole(row) for row in rows]))


def _whole(row: Floats) -> Floats:
    """Return a row scaled to the smallest whole numbers."""
    unit = row / np.abs(row[np.abs(row) > 1e-9]).min()
    for factor in range(1, 1000):
        scaled = unit * factor
        if np.allclose(scaled, np.round(scaled), atol=1e-6):
            return np.asarray(np.round(scaled))
    return np.asarray(unit)


def custom(rows: dict[str, Sequence[float]]) -> Coefficients:
    """Return contrasts given by name and coefficients."""
    return Coefficients(tuple(rows), np.array(list(rows.values()), dtype=float))


def interaction(*factors: Coefficients) -> Coefficients:
    """Return contrasts of contrasts: every combination of one contrast of each factor.

    The first factor varies slowest, as in `marginal_means`.
    """
    labels = tuple(", ".join(names) for names in product(*(f.labels for f in factors)))
    matrix: Floats = np.ones((1, 1))
    for factor in factors:
        matrix = np.kron(matrix, factor.matrix)
    return Coefficients(labels, matrix)
