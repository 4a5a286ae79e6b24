"""Steps that never go down: generalised least squares with coefficients at zero or above."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import minimize_scalar, nnls

from howlow.synthesis.meta.model import Block

if TYPE_CHECKING:
    from howlow.synthesis.meta.model import Vector


def monotone(blocks: Sequence[Block], tau2: float) -> tuple[Vector, float]:
    """Coefficients at zero or above and the log likelihood, at a variance between trials.

    Non-negative least squares (Lawson & Hanson 1974, Solving Least Squares Problems, chapter 23)
    on effects and design whitened by their covariance; with equal variances and a column for each
    step it is isotonic regression (Barlow et al. 1972, Statistical Inference under Order
    Restrictions).

    Returns
    -------
    Coefficients of shape (p,), and the log likelihood with all constants.
    """
    designs, effects, log_det = [], [], 0.0
    for block in blocks:
        root = np.linalg.cholesky(block.covariance + tau2 * block.pattern)
        designs.append(solve_triangular(root, block.design, lower=True))
        effects.append(solve_triangular(root, block.effects, lower=True))
        log_det += 2 * float(np.log(np.diag(root)).sum())
    stacked = np.concatenate(effects)
    coefficients, rest = nnls(np.concatenate(designs), stacked)
    constant = len(stacked) * np.log(2 * np.pi)
    return coefficients, float(-0.5 * (constant + log_det + rest**2))


def fit_monotone(blocks: Sequence[Block]) -> tuple[float, bool]:
    """The largest log likelihood over the variance between trials, and whether it was found."""
    effects = np.concatenate([block.effects for block in blocks])
    # No spread between trials is larger than that of the effects themselves about zero.
    most = 2 * float(np.sqrt(np.mean(effects**2))) + 1e-6
    found = minimize_scalar(
        lambda tau: -monotone(blocks, tau**2)[1],
        bounds=(0.0, most),
        method="bounded",
        options={"xatol": 1e-7},
    )
    return max(float(-found.fun), monotone(blocks, 0.0)[1]), bool(found.success)
