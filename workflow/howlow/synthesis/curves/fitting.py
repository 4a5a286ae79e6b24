"""Curves fitted to contrasts over trials, compared, and the line of each with its precision.

Two-stage dose-response meta-analysis of mean differences: contrasts of one trial with their
covariance, a common curve, heterogeneity of contrasts that share an arm (Crippa & Orsini 2016, BMC
Med Res Methodol 16:91; Emax: Mawdsley et al. 2016, CPT Pharmacometrics Syst Pharmacol 5:393).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.fits import Combination
from howlow.config.settings import SessionClasses
from howlow.errors import DesignError
from howlow.synthesis.curves.doses import Basis, Contrasts
from howlow.synthesis.curves.isotonic import fit_monotone, monotone
from howlow.synthesis.curves.shapes import Name, Shape, class_of, knots_of
from howlow.synthesis.meta.model import MetaFit, Method, fit_meta

if TYPE_CHECKING:
    from howlow.synthesis.meta.model import Block, Vector

#: ED50 is sought from a twentieth of the smallest dose to five times the largest.
_ED50_RANGE = (0.05, 5.0)
_ED50_TRIES = 17


@dataclass(frozen=True)
class Fitted:
    """A shape fitted by maximum likelihood.

    Attributes
    ----------
    parameters
        Coefficients that are estimated, the variance between trials among them. Steps count all,
        those at zero too.
    effects
        Contrasts that it was fitted to.
    ed50_range
        Profile-likelihood limits of ED50; infinite or zero where the doses tried do not bound it.
    """

    shape: Shape
    parameters: int
    effects: int
    log_likelihood: float
    converged: bool
    ed50_range: tuple[float, float] | None = None

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return 2 * (self.parameters - self.log_likelihood)

    @property
    def aicc(self) -> float:
        """The same for small samples (Hurvich & Tsai 1989, Biometrika 76:297); infinite if none."""
        left = self.effects - self.parameters - 1
        extra = 2 * self.parameters * (self.parameters + 1)
        return self.aic + extra / left if left > 0 else np.inf


def fit_shapes(
    contrasts: Sequence[Contrasts],
    names: Sequence[Name],
    *,
    level: float = 0.95,
    classes: SessionClasses | None = None,
) -> list[Fitted]:
    """Fit each shape that the doses can tell; those that they cannot are not in the list."""
    doses = np.concatenate([found.doses for found in contrasts])
    doses = doses[~np.isnan(doses)]
    found: list[Fitted] = []
    for name in names:
        try:
            if name == "emax":
                found.append(_fit_emax(contrasts, doses, level))
            elif name == "steps":
                found.append(_fit_steps(contrasts, _steps(doses, classes)))
            elif name != "spline":
                found.append(_fitted(contrasts, Shape(name)))
            elif knots := knots_of(doses):
                found.append(_fitted(contrasts, Shape(name, knots=knots)))
        except DesignError:
            continue
    return found


def _steps(doses: Vector, classes: SessionClasses | None) -> Shape:
    """Steps between the session classes that were observed."""
    starts: dict[int, float] = {}
    for dose in sorted(doses):
        starts.setdefault(class_of(dose, classes), float(dose))
    levels = tuple(starts)[1:]
    return Shape("steps", levels=levels, starts=tuple(starts.values()), classes=classes)


def weights(fitted: Sequence[Fitted]) -> Vector:
    """Akaike weights by AICc (Burnham & Anderson 2002, Model Selection, section 2.9)."""
    scores = np.array([one.aicc for one in fitted])
    if not np.isfinite(scores).any():
        return np.zeros(len(scores))
    relative = np.exp(-0.5 * (scores - scores.min()))
    return np.asarray(relative / relative.sum())


@dataclass(frozen=True)
class Line:
    """The curve of a shape, by REML with the Hartung-Knapp factor (never below one).

    The standard error of steps is that of steps that are free to fall, so that it is the same
    above and below; that of an Emax curve comes by the delta method, from the model linearised in
    its ED50.
    """

    shape: Shape
    coefficients: Vector
    fit: MetaFit
    reference: float

    def at(self, dose: float) -> Combination:
        """The gain at a dose over the reference."""
        estimate = float(self._row(self.shape.along, dose) @ self.coefficients)
        spread = self.fit.combine(self._row(_widened(self.shape), dose))
        return Combination(estimate, spread.se, spread.df)

    def _row(self, basis: Basis, dose: float) -> Vector:
        """The columns at a dose less those at the reference, or after an intercept."""
        row = basis(np.array([dose]))[0]
        if np.isnan(self.reference):
            return np.concatenate([[1.0], row])
        return np.asarray(row - basis(np.array([self.reference]))[0])


def line(contrasts: Sequence[Contrasts], fitted: Fitted, reference: float) -> Line:
    """The line of a fitted shape against a reference dose (NaN: against no training itself)."""
    shape = fitted.shape
    blocks = _blocks(contrasts, shape.basis)
    fit = fit_meta(blocks, "reml")
    coefficients = fit.coefficients
    if shape.name == "steps":
        coefficients = monotone(blocks, fit.tau2)[0]
    if shape.name == "emax":
        fit = fit_meta(_blocks(contrasts, _widened(shape)), "reml")
    return Line(shape, coefficients, fit, reference)


def _widened(shape: Shape) -> Basis:
    """The basis of a shape; of an Emax curve with its slope in ED50 beside it.

    The size of that column does not matter to the spread of what is predicted.
    """
    if shape.name != "emax":
        return shape.along
    return lambda doses: np.column_stack([shape.basis(doses), shape.slope(doses)])


def _blocks(contrasts: Sequence[Contrasts], basis: Basis) -> list[Block]:
    """The contrasts of all trials with the columns of a basis."""
    return [found.block(basis) for found in contrasts]


def _fitted(
    contrasts: Sequence[Contrasts], shape: Shape, *, more: int = 0, method: Method = "ml"
) -> Fitted:
    """A shape that is linear in its parameters, `more` of them estimated elsewhere."""
    fit = fit_meta(_blocks(contrasts, shape.basis), method)
    width = len(fit.coefficients)
    return Fitted(shape, width + 1 + more, fit.df + width, fit.log_likelihood, fit.converged)


def _fit_steps(contrasts: Sequence[Contrasts], shape: Shape) -> Fitted:
    """Steps none of which may be below zero."""
    free = _fitted(contrasts, shape)
    log_likelihood, converged = fit_monotone(_blocks(contrasts, shape.basis))
    return replace(free, log_likelihood=log_likelihood, converged=converged)


def _fit_emax(contrasts: Sequence[Contrasts], doses: Vector, level: float) -> Fitted:
    """An Emax curve: the likelihood profiled over ED50 on a grid, refined about its best."""
    from scipy.optimize import minimize_scalar

    trained = doses[doses > 0]
    low, high = _ED50_RANGE[0] * trained.min(), _ED50_RANGE[1] * trained.max()
    grid = np.linspace(np.log(low), np.log(high), _ED50_TRIES)

    def profile(log_ed50: float) -> float:
        try:
            shape = Shape("emax", ed50=float(np.exp(log_ed50)))
            return _fitted(contrasts, shape).log_likelihood
        except DesignError:
            return -np.inf

    tried = np.array([profile(point) for point in grid])
    best = int(tried.argmax())
    if not np.isfinite(tried[best]):
        raise DesignError("the doses cannot tell an Emax curve")
    if 0 < best < len(grid) - 1:
        around = (grid[best - 1], grid[best + 1])
        peak = minimize_scalar(lambda x: -profile(x), bounds=around, method="bounded").x
    else:
        peak = grid[best]
    found = _fitted(contrasts, Shape("emax", ed50=float(np.exp(peak))), more=1)
    # Refused here where the doses cannot tell height and ED50 apart.
    fit_meta(_blocks(contrasts, _widened(found.shape)), "common")
    limits = _profile_limits(grid, tried, found.log_likelihood, level)
    return replace(found, ed50_range=limits)


def _profile_limits(grid: Vector, tried: Vector, top: float, level: float) -> tuple[float, float]:
    """Where the profile falls below its top by half a chi-square quantile, on the tried doses."""
    from scipy.special import chdtri

    enough = np.flatnonzero(tried >= top - 0.5 * chdtri(1, 1 - level))
    if not len(enough):
        return float("nan"), float("nan")
    first, last = int(enough[0]), int(enough[-1])
    low = 0.0 if first == 0 else float(np.exp(grid[first - 1]))
    high = np.inf if last == len(grid) - 1 else float(np.exp(grid[last + 1]))
    return low, high
