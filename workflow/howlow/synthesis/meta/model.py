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

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Matrix = NDArray[np.float64]

Method = Literal["reml", "ml", "common"]
_MOST_STEPS = 200


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
        Restricted for `reml`, else full; with all constants.
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
    for block in blocks:
        if not np.linalg.eigvalsh(block.covariance)[0] > 0:
            raise DesignError(f"{block.name}: a sampling covariance is not positive definite")
    tau2, converged = (0.0, True) if method == "common" else _between(blocks, method)
    cross, moment, square, log_det = _moments(blocks, tau2)
    covariance: Matrix = np.asarray(np.linalg.inv(cross), dtype=float)
    coefficients = covariance @ moment
    rest = float(square - moment @ coefficients)
    _, fixed_moment, fixed_square, _ = fixed = _moments(blocks, 0.0)
    q = float(fixed_square - fixed_moment @ np.linalg.solve(fixed[0], fixed_moment))
    return MetaFit(
        coefficients=coefficients,
        covariance=covariance,
        tau2=tau2,
        factor=rest / df,
        df=df,
        q=q,
        log_likelihood=_log_likelihood(rest, log_det, cross, len(effects), method),
        trials=len(blocks),
        converged=converged,
    )


def _moments(blocks: Sequence[Block], tau2: float) -> tuple[Matrix, Vector, float, float]:
    """X'WX, X'Wy, y'Wy and the log determinant of the covariance of all effects."""
    width = blocks[0].design.shape[1]
    cross, moment = np.zeros((width, width)), np.zeros(width)
    square = log_det = 0.0
    for block in blocks:
        total = block.covariance + tau2 * block.pattern
        solved = np.linalg.solve(total, np.column_stack([block.design, block.effects]))
        cross += block.design.T @ solved[:, :-1]
        moment += block.design.T @ solved[:, -1]
        square += float(block.effects @ solved[:, -1])
        log_det += float(np.linalg.slogdet(total)[1])
    return cross, moment, square, log_det


def _log_likelihood(
    rest: float, log_det: float, cross: Matrix, effects: int, method: Method
) -> float:
    """Log likelihood at the generalised least squares estimate."""
    if method != "reml":
        return float(-0.5 * (effects * np.log(2 * np.pi) + log_det + rest))
    left = effects - len(cross)
    return float(-0.5 * (left * np.log(2 * np.pi) + log_det + np.linalg.slogdet(cross)[1] + rest))


def _between(blocks: Sequence[Block], method: Method) -> tuple[float, bool]:
    """The variance between trials by Fisher scoring, kept at zero or above."""
    tau2 = 0.0
    for _ in range(_MOST_STEPS):
        score, information = _score(blocks, tau2, method)
        updated = max(0.0, tau2 + score / information)
        if abs(updated - tau2) <= 1e-12 * (1e-6 + tau2):
            return updated, True
        tau2 = updated
    return tau2, False


def _score(blocks: Sequence[Block], tau2: float, method: Method) -> tuple[float, float]:
    """First derivative of twice the log likelihood in tau2, and its expected information."""
    cross, moment, _, _ = _moments(blocks, tau2)
    inverse = np.linalg.inv(cross)
    coefficients = inverse @ moment
    score = information = 0.0
    spread, curve = np.zeros_like(cross), np.zeros_like(cross)
    for block in blocks:
        weight = np.linalg.inv(block.covariance + tau2 * block.pattern)
        residual = weight @ (block.effects - block.design @ coefficients)
        score += float(residual @ block.pattern @ residual)
        weighted = weight @ block.pattern
        score -= float(np.trace(weighted))
        information += float(np.trace(weighted @ weighted))
        solved = weight @ block.design
        spread += solved.T @ block.pattern @ solved
        curve += solved.T @ block.pattern @ weighted @ block.design
    if method == "reml":
        projected = inverse @ spread
        score += float(np.trace(projected))
        information += float(np.trace(projected @ projected) - 2 * np.trace(inverse @ curve))
    return score, information
