"""Damped Newton maximisation with exact derivatives, for many responses of one design at once.

Each pass evaluates one candidate a response: the full step where the last one was accepted, a
shorter one along the same direction otherwise. Negative curvature is turned round (absolute
eigenvalues), so that the direction always ascends. A response is done when half the Newton
decrement, the gain still to be expected, falls below the tolerance; the last step is then taken,
which leaves an error of the order of the square of that tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Booleans, Floats, Integers, symmetric
from .contractions import BackEnd
from .coordinates import CovarianceMap
from .likelihood import evaluate

TOLERANCE = 1e-9
STUCK_TOLERANCE = 1e-5


@dataclass(frozen=True)
class Optimum:
    """Where the maximisation ended, for each response."""

    theta: Floats
    converged: Booleans
    iterations: Integers


@dataclass
class _Point:
    """Log-likelihood, step and expected gain at theta."""

    value: Floats
    step: Floats
    gain: Floats

    def put(self, places: Booleans, other: _Point) -> None:
        """Take over another point at these responses."""
        self.value[places] = other.value[places]
        self.step[places] = other.step[places]
        self.gain[places] = other.gain[places]

    def take(self, places: Booleans) -> _Point:
        """Return the point of these responses."""
        return _Point(self.value[places], self.step[places], self.gain[places])


def theta_derivatives(
    coordinates: CovarianceMap, theta: Floats, gradient: Floats, hessian: Floats
) -> tuple[Floats, Floats]:
    """Return gradient (R, d) and negative Hessian (R, d, d) in theta from those in psi."""
    first, second = coordinates.derivatives(theta)
    slope = (gradient[:, None] @ first)[:, 0]
    bend = (gradient[:, None] @ second.reshape(*gradient.shape, -1)).reshape(
        len(theta), theta.shape[1], theta.shape[1]
    )
    curvature = np.swapaxes(first, 1, 2) @ hessian @ first + bend
    return slope, -symmetric(curvature)


def maximise(
    back_end: BackEnd, coordinates: CovarianceMap, start: Floats, reml: bool, passes: int = 200
) -> Optimum:
    """Return the maximum of the likelihood of each response from theta = start, shape (R, d)."""
    theta = start.copy()
    responses = len(theta)
    converged = np.zeros(responses, dtype=bool)
    iterations = np.zeros(responses, dtype=np.intp)
    if theta.shape[1] == 0:
        return Optimum(theta, ~converged, iterations)
    active = np.arange(responses)
    data = back_end
    here, point = theta.copy(), _look(data, coordinates, theta, reml)
    damping = np.ones(responses)
    for _ in range(passes):
        candidate = here + damping[:, None] * point.step
        ahead = _look(data, coordinates, candidate, reml)
        close = point.gain < TOLERANCE
        wanted = np.where(close, -1e-10 * np.abs(point.value), 1e-4 * damping * point.gain)
        better = ahead.value >= point.value + wanted
        iterations[active] += 1
        here = np.where(better[:, None], candidate, here)
        point.put(better, ahead)
        damping = np.where(better, 1.0, 0.3 * damping)
        stuck = damping < 1e-9
        finished = close | stuck
        if not finished.any():
            continue
        theta[active[finished]] = here[finished]
        converged[active[finished]] = (close | (point.gain < STUCK_TOLERANCE))[finished]
        left = ~finished
        if not left.any():
            return Optimum(theta, converged, iterations)
        active, here, damping = active[left], here[left], damping[left]
        point = point.take(left)
        data = back_end.take(active)
    theta[active] = here
    return Optimum(theta, converged, iterations)


def _look(data: BackEnd, coordinates: CovarianceMap, theta: Floats, reml: bool) -> _Point:
    """Return log-likelihood, Newton step and expected gain at theta."""
    with np.errstate(over="ignore", invalid="ignore"):
        psi = coordinates.evaluate(theta)
        here = evaluate(data, psi, reml)
        slope, curvature = theta_derivatives(coordinates, theta, here.gradient, here.hessian)
    good = np.isfinite(here.value) & np.isfinite(curvature).all(axis=(1, 2))
    if not good.all():
        slope = np.where(good[:, None], slope, 0.0)
        curvature = np.where(good[:, None, None], curvature, np.eye(theta.shape[1]))
    step = _ascent(slope, curvature)
    limit = np.abs(step) / coordinates.step_limit(theta)
    step = step / np.maximum(limit.max(axis=1, keepdims=True), 1.0)
    return _Point(np.where(good, here.value, -np.inf), step, (slope * step).sum(axis=1))


def _ascent(slope: Floats, curvature: Floats) -> Floats:
    """Return the Newton step with the eigenvalues of the scaled curvature made positive."""
    diagonal = np.abs(np.diagonal(curvature, axis1=1, axis2=2))
    floor = 1e-12 * diagonal.max(axis=1, keepdims=True) + 1e-300
    scale = 1 / np.sqrt(np.maximum(diagonal, floor))
    values, vectors = np.linalg.eigh(curvature * scale[:, :, None] * scale[:, None, :])
    along = (np.swapaxes(vectors, 1, 2) @ (scale * slope)[..., None])[..., 0]
    along = along / np.maximum(np.abs(values), 1e-8)
    return np.asarray(scale * (vectors @ along[..., None])[..., 0])
