"""Intervals for standard deviations: profile likelihood and parametric bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .arrays import Floats
from .components import part_matrices
from .coordinates import Coordinates
from .distributions import chi_squared_quantile
from .errors import ModelError
from .estimates import MixedFit, fit_batch, fit_mixed
from .likelihood import evaluate
from .newton import maximise
from .prediction import simulate
from .specification import MixedModel


@dataclass(frozen=True)
class ComponentInterval:
    """An interval for the standard deviation of one row of one term."""

    term: str
    row: str
    estimate: float
    low: float
    high: float
    level: float
    method: str


@dataclass(frozen=True)
class _Held:
    """Coordinates of which one is held at a value."""

    inner: Coordinates
    place: int
    value: float

    def _whole(self, theta: Floats) -> Floats:
        """Return all coordinates."""
        return np.insert(theta, self.place, self.value, axis=1)

    def evaluate(self, theta: Floats) -> Floats:
        """Return psi."""
        return self.inner.evaluate(self._whole(theta))

    def derivatives(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return derivatives in the coordinates that are free."""
        first, second = self.inner.derivatives(self._whole(theta))
        second = np.delete(np.delete(second, self.place, axis=-1), self.place, axis=-2)
        return np.delete(first, self.place, axis=-1), second

    def step_limit(self, theta: Floats) -> Floats:
        """Return the step limits of the coordinates that are free."""
        return np.delete(self.inner.step_limit(self._whole(theta)), self.place, axis=1)


def profile_interval(fit: MixedFit, term: str, row: str, level: float = 0.95) -> ComponentInterval:
    """Return the profile-likelihood interval of a standard deviation.

    The values that a likelihood-ratio test at 1 - level does not reject; the lower limit is zero
    where zero is not rejected. lme4 profiles the full likelihood: pass a fit with ``reml=False``
    for its intervals.

    Parameters
    ----------
    fit
        A fit.
    term, row
        Names as in ``fit.components``.

    Raises
    ------
    ModelError
        If the model has no such standard deviation as a coordinate.
    """
    moved = fit_mixed(_row_first(fit.model, term, row), fit.reml)
    place = _coordinate(moved, term, row)
    top = float(moved.likelihood.value[0])
    critical = chi_squared_quantile(level, 1)
    best, scale = abs(float(moved.theta[place])), moved.scale

    def excess(value: float) -> float:
        """Return by how much the deviance at a value exceeds the critical one."""
        return 2 * (top - _held_maximum(moved, place, value)) - critical

    step = max(0.25 * best, 0.05)
    high = best + step
    while excess(high) < 0:
        high, step = high + step, 2 * step
    upper = _root(excess, max(best, high - step), high)
    lower = 0.0
    if best > 1e-6 and excess(1e-8 * best) > 0:
        lower = _root(excess, best, 1e-8 * best)
    return ComponentInterval(
        term, row, best * scale, lower * scale, upper * scale, level, "profile"
    )


def _held_maximum(fit: MixedFit, place: int, value: float) -> float:
    """Return the largest likelihood with one coordinate held at a value."""
    held = _Held(fit.layout.coordinates, place, value)
    start = np.delete(fit.theta, place)[None]
    # Zero is stationary: lift boundary coordinates off it, so that they can move.
    lifted = 0.05 * max(abs(float(fit.theta[place])), 0.1)
    start = np.where(np.abs(start) < 1e-3, lifted, start)
    found = maximise(fit.back_end, held, start, fit.reml)
    return float(evaluate(fit.back_end, held.evaluate(found.theta), fit.reml).value[0])


def bootstrap_intervals(
    fit: MixedFit, number: int, rng: np.random.Generator, level: float = 0.95
) -> tuple[ComponentInterval, ...]:
    """Return percentile intervals of all standard deviations from the parametric bootstrap.

    Parameters
    ----------
    fit
        A fit.
    number
        How many responses to simulate and refit.
    rng
        The source of random numbers.
    """
    batch = fit_batch(fit.model, simulate(fit, number, rng), fit.reml)
    names = [(name, label) for name, labels, _ in fit.matrices() for label in labels]
    own = _deviations(fit, fit.psi)
    drawn = np.array([_deviations(fit, psi) for psi in batch.psi[batch.converged]])
    low, high = np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return tuple(
        ComponentInterval(term, row, own[k], float(low[k]), float(high[k]), level, "bootstrap")
        for k, (term, row) in enumerate(names)
    )


def _deviations(fit: MixedFit, psi: Floats) -> list[float]:
    """Return all standard deviations at psi."""
    matrices = part_matrices(fit.layout, psi)
    return [float(np.sqrt(max(v, 0.0))) for _, _, m in matrices for v in np.diagonal(m)]


def _row_first(model: MixedModel, term: str, row: str) -> MixedModel:
    """Return the model with a row first in its term, where its deviation is a coordinate."""
    random = []
    for one in model.random:
        if one.label == term and row in one.names:
            first = one.names.index(row)
            order = [first, *(k for k in range(len(one.names)) if k != first)]
            names = tuple(one.names[k] for k in order)
            one = replace(one, Z=one.columns[:, order], names=names)
        random.append(one)
    residual = model.residual
    if residual.kind == "unstructured" and term.startswith(residual.label):
        levels = residual.visit_levels
        visits = list(np.unique(np.asarray(residual.visit)).tolist() if levels is None else levels)
        visits.sort(key=lambda visit: str(visit) != row)
        residual = replace(residual, visit_levels=visits)
    return replace(model, random=random, residual=residual)


def _coordinate(fit: MixedFit, term: str, row: str) -> int:
    """Return the coordinate that is the standard deviation of a row of a term."""
    for (name, labels, _), (part, t, _) in zip(
        fit.matrices(), fit.layout.coordinates.slices(), strict=True
    ):
        if name == term and row in labels and part.linear and part.size:
            return int(t.start) + (labels.index(row) if part.diagonal else 0)
    raise ModelError(f"no free standard deviation {row!r} in a term {term!r}")


def _root(
    function: Callable[[float], float], inside: float, outside: float, passes: int = 60
) -> float:
    """Return where a function changes sign, by the Illinois variant of the secant."""
    a, b = inside, outside
    fa, fb = function(a), function(b)
    for _ in range(60):
        if abs(b - a) < 1e-9 * max(abs(a), abs(b), 1e-6) or fa == fb:
            break
        c = b - fb * (b - a) / (fb - fa)
        fc = function(c)
        if abs(fc) < 1e-9:
            return c
        if fc * fb < 0:
            a, fa = b, fb
        else:
            fa /= 2
        b, fb = c, fc
    return b
