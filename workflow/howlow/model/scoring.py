"""A start for Newton's method: two rounds of Fisher scoring in psi, then back into the cone.

In psi the restricted likelihood of balanced data is solved by one scoring step from anywhere
(psi + I^-1 dl/dpsi is the MINQUE of Rao 1971), and that of other data nearly so. What comes out may
be no covariance matrix; its eigenvalues are raised to a small positive floor, because zero is a
stationary point of every likelihood in Cholesky coordinates and Newton must not start there.
"""

from __future__ import annotations

import numpy as np

from .arrays import Floats
from .contractions import BackEnd
from .coordinates import Coordinates
from .covariance import Quadratic
from .likelihood import Likelihood, evaluate

ROUNDS = 2


def score_start(back_end: BackEnd, coordinates: Coordinates, theta: Floats, reml: bool) -> Floats:
    """Return better starting coordinates, shape (R, d), where scoring finds them."""
    scales = [start_scale(part, theta[0, t]) for part, t, _ in coordinates.slices()]
    best = evaluate(back_end, coordinates.evaluate(theta), reml)
    for _ in range(ROUNDS if theta.shape[1] else 0):
        candidate = _score(coordinates, theta, best, scales)
        found = evaluate(back_end, coordinates.evaluate(candidate), reml)
        better = found.value > best.value
        if better.all():
            theta, best = candidate, found
        elif better.any():
            theta = np.where(better[:, None], candidate, theta)
            best = evaluate(back_end, coordinates.evaluate(theta), reml)
        else:
            break
    return theta


def start_scale(part: object, theta: Floats) -> Floats:
    """Return the standard deviations of the first start of a quadratic part."""
    if not isinstance(part, Quadratic):
        return theta
    if part.diagonal:
        return np.abs(theta)
    return theta[np.cumsum(np.arange(1, part.order + 1)) - 1]


def _score(coordinates: Coordinates, theta: Floats, at: Likelihood, scales: list[Floats]) -> Floats:
    """Return the coordinates after one scoring step."""
    first, _ = coordinates.natural_derivatives(theta)
    turned = np.swapaxes(first, 1, 2)
    information = turned @ at.expected_information() @ first
    slope = turned @ at.gradient[..., None]
    try:
        step = np.linalg.solve(information, slope)[..., 0]
    except np.linalg.LinAlgError:
        return theta
    psi, candidate = coordinates.evaluate(theta), theta.copy()
    for (part, t, p), scale in zip(coordinates.slices(), scales, strict=True):
        if isinstance(part, Quadratic):
            candidate[:, t] = part.nearest(psi[:, p] + step[:, t], scale)
        else:
            candidate[:, t] += np.clip(step[:, t], -1.0, 1.0)
    finite = np.isfinite(candidate).all(axis=1, keepdims=True)
    return np.where(finite, candidate, theta)
