"""Array types and the few matrix operations that every module of the engine uses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]


def transpose(matrix: Floats) -> Floats:
    """Return the transpose of the last two axes."""
    return np.swapaxes(matrix, -1, -2)


def symmetric(matrix: Floats) -> Floats:
    """Return the symmetric part of square matrices on the last two axes."""
    return (matrix + transpose(matrix)) / 2


def inverse_positive(matrix: Floats, tolerance: float = 1e-8) -> Floats:
    """Return the pseudo-inverse of symmetric matrices over their positive eigenvalues.

    Rows and columns are scaled to a unit diagonal first, so that parameters on unlike scales are
    judged alike; directions at or below ``tolerance`` times the largest eigenvalue carry no
    information and are dropped.
    """
    scale = np.sqrt(np.maximum(np.abs(np.diagonal(matrix, axis1=-2, axis2=-1)), 1e-300))
    values, vectors = np.linalg.eigh(matrix / scale[..., :, None] / scale[..., None, :])
    kept = values > tolerance * values[..., -1:]
    reciprocal = np.where(kept, 1 / np.where(kept, values, 1.0), 0.0)
    inverse = (vectors * reciprocal[..., None, :]) @ transpose(vectors)
    return np.asarray(inverse / scale[..., :, None] / scale[..., None, :])
