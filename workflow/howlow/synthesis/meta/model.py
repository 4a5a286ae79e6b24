"""The random-effects model of effects with known sampling covariance, one or several a trial.

    y_i = X_i b + u_i + e_i,   var(e_i) = S_i known,   var(u_i) = tau2 P_i with P_i known.

A pool is X_i = P_i = 1. Several contrasts of one trial share a reference arm, and with it part of
their heterogeneity: P_i has 1 on its diagonal and 1/2 beside it (Higgins & Whitehead 1996, Stat Med
15:2733; Lu & Ades 2004, Stat Med 23:3105). tau2 is estimated by REML or ML (Viechtbauer 2005, J
Educ Behav Stat 30:261); standard errors by Hartung & Knapp (2001, Stat Med 20:3875) and Sidik &
Jonkman (2002, Stat Med 21:3153), in several dimensions by Jackson & Riley (2014, Stat Med
33:3059).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from howlow.analysis.fitting.fits import Combination
from howlow.errors import DesignError
from howlow.synthesis.meta.stacks import Moments, Stack, moments, stack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Matrix = NDArray[np.float64]

Method = Literal["reml", "ml", "common"]
_MOST_STEPS = 200
#: Values of tau2 looked at first, as shares of the largest that is possible: the likelihood may
#: have several maxima, of which the highest is wanted.
_GRID = np.concatenate([[0.0], np.geomspace(1e-9, 1.0, 25)])


@dataclass(frozen=True)
class Block:
    """The effects of one trial.

    Attributes
    ----------
    name
        The trial.
    effects
        Shape (m,).
    covariance
        Their known sampling covariance, shape (m, m).
    design
        Shape (m, p).
    pattern
        Between-trial covariance in units of tau2, shape (m, m).
    """

    name: str
    effects: Vector
    covariance: Matrix
    design: Matrix
    pattern: Matrix


@dataclass(frozen=True)
class MetaFit:
    """A fitted random-effects model.

    Attributes
    ----------
    coefficients, covariance
        Generalised least squares at the estimated tau2: (p,) and (p, p), before the Hartung-Knapp
        factor.
    tau2
        Between-trial variance; 0 for method `common`.
    factor
        The weighted residual sum of squares over `df`: what the covariance is multiplied by.
    df
        Effects less coefficients.
    q
        Cochran's Q: the same sum at tau2 = 0.
    log_likelihood
        Restricted for `reml`, else full; with all constants, as metafor gives it.
    """

    coefficients: Vector
    covariance: Matrix
    tau2: float
    factor: float
    df: int
    q: float
    log_likelihood: float
    trials: int
    converged: bool

    def combine(self, weights: Vector, *, cautious: bool = True) -> Combination:
        """A combination of the coefficients, weights of shape (p,), with its t distribution.

        `cautious` never lets the Hartung-Knapp factor fall below one: where trials agree by chance
        it makes intervals too narrow (Wiksten et al. 2016, Stat Med 35:2503; metafor's `adhoc`).
        """
        factor = max(1.0, self.factor) if cautious else self.factor
        variance = factor * float(weights @ self.covariance @ weights)
        return Combination(
            float(weights @ self.coefficients), float(np.sqrt(variance)), float(self.df)
        )

    def adjusted(self, *, cautious: bool = True) -> Matrix:
        """Covariance of the coefficients with the Hartung-Knapp factor, shape (p, p)."""
        return (max(1.0, self.factor) if cautious else self.factor) * self.covariance


def several_arms(contrasts: int) -> Matrix:
    """The pattern of `contrasts` contrasts of one trial that share a reference arm."""
    return 0.5 * (np.eye(contrasts) + np.ones((contrasts, contrasts)))


def fit_meta(blocks: Sequence[Block], method: Method = "reml") -> MetaFit:
    """Fit the model; `common` keeps tau2 at zero.

    Raises
    ------
    DesignError
        If there are no more effects than coefficients, the design is of deficient rank, or a
        sampling covariance is not positive definite.
    """
    effects = np.concatenate([block.effects for block in blocks])
    design = np.concatenate([block.design for block in blocks])
    df = len(effects) - design.shape[1]
    if df < 1:
        raise DesignError(f"{len(effects)} effects for {design.shape[1]} coefficients")
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise DesignError("the trials cannot tell the coefficients apart")
    stacks = stack(blocks)
    tau2, converged = 0.0, True
    if method != "common":
        left = effects - design @ np.linalg.lstsq(design, effects, rcond=None)[0]
        tau2, converged = _between(stacks, _largest(stacks, float(left @ left)), method)
    found, fixed = moments(stacks, np.array([tau2])), moments(stacks, np.zeros(1))
    covariance: Matrix = np.asarray(np.linalg.inv(found.cross[0]), dtype=float)
    return MetaFit(
        coefficients=covariance @ found.moment[0],
        covariance=covariance,
        tau2=tau2,
        factor=float(found.rest[0]) / df,
        df=df,
        q=float(fixed.rest[0]),
        log_likelihood=float(_log_likelihood(found, len(effects), method)[0])
        + (0.5 * float(np.linalg.slogdet(design.T @ design)[1]) if method == "reml" else 0.0),
        trials=len(blocks),
        converged=converged,
    )


def _log_likelihood(found: Moments, effects: int, method: Method) -> Vector:
    """Log likelihood at the generalised least squares estimate, but for what does not vary."""
    value = found.log_det + found.rest
    if method == "reml":
        value = value + np.linalg.slogdet(found.cross)[1]
        effects -= found.cross.shape[1]
    return np.asarray(-0.5 * (effects * np.log(2 * np.pi) + value), dtype=float)


def _largest(stacks: Sequence[Stack], squares: float) -> float:
    """A bound on tau2: above it both likelihoods only fall.

    In the coordinates in which sampling covariance and pattern are diagonal, each error contrast z
    with sampling variance l adds z^2 / (l + tau2)^2 - 1 / (l + tau2) to the score: that is negative
    above z^2, and no z^2 exceeds the residual sum of squares over the pattern's least eigenvalue.
    """
    least = min(float(np.linalg.eigvalsh(one.pattern).min()) for one in stacks)
    return squares / max(least, 1e-3)


def _between(stacks: Sequence[Stack], largest: float, method: Method) -> tuple[float, bool]:
    """The variance between trials: the best of a grid, then Fisher scoring between its neighbours.

    A step that would leave the bracket halves it instead.
    """
    if largest <= 0:
        return 0.0, True
    grid = largest * _GRID
    count = sum(one.effects.size for one in stacks)
    best = int(np.argmax(_log_likelihood(moments(stacks, grid), count, method)))
    if best == 0 and _score(stacks, 0.0, method)[0] <= 0:
        return 0.0, True
    low, tau2, high = grid[max(best - 1, 0)], grid[best], grid[min(best + 1, len(grid) - 1)]
    for _ in range(_MOST_STEPS):
        score, information = _score(stacks, float(tau2), method)
        low, high = (tau2, high) if score > 0 else (low, tau2)
        updated = tau2 + score / information
        if not low < updated < high:
            updated = 0.5 * (low + high)
        if abs(updated - tau2) <= 1e-13 * largest or abs(updated - tau2) <= 1e-11 * tau2:
            return float(updated), True
        tau2 = updated
    return float(tau2), False


def _score(stacks: Sequence[Stack], tau2: float, method: Method) -> tuple[float, float]:
    """First derivative of twice the log likelihood in tau2, and its expected information."""
    at = np.array([tau2])
    found = moments(stacks, at)
    inverse = np.linalg.inv(found.cross[0])
    coefficients = inverse @ found.moment[0]
    score = information = 0.0
    spread, curve = np.zeros_like(inverse), np.zeros_like(inverse)
    for one in stacks:
        weight = one.weight(at)[0][0]
        residual = weight @ (one.effects - one.design @ coefficients)[:, :, None]
        weighted = weight @ one.pattern
        solved = weight @ one.design
        turned = one.pattern @ solved
        score += float((residual * (one.pattern @ residual)).sum())
        score -= float(np.trace(weighted, axis1=1, axis2=2).sum())
        information += float((weighted * weighted.transpose(0, 2, 1)).sum())
        spread += (solved.transpose(0, 2, 1) @ turned).sum(axis=0)
        curve += (turned.transpose(0, 2, 1) @ weight @ turned).sum(axis=0)
    if method == "reml":
        projected = inverse @ spread
        score += float(np.trace(projected))
        information += float(np.trace(projected @ projected) - 2 * np.trace(inverse @ curve))
    return score, information
