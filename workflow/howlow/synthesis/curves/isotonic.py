"""Steps that never go down: generalised least squares with coefficients at zero or above."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize_scalar, nnls

from howlow.synthesis.meta.model import Block
from howlow.synthesis.meta.stacks import Stack, stack

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
    return _monotone(stack(blocks), tau2)


def _monotone(stacks: Sequence[Stack], tau2: float) -> tuple[Vector, float]:
    """The same of stacked blocks."""
    rows, log_det = [], 0.0
    for one in stacks:
        root = np.linalg.cholesky(one.covariance + tau2 * one.pattern)
        both = np.concatenate([one.design, one.effects[:, :, None]], axis=2)
        rows.append(np.linalg.solve(root, both).reshape(-1, both.shape[2]))
        log_det += 2 * float(np.log(np.diagonal(root, axis1=1, axis2=2)).sum())
    whitened = np.concatenate(rows)
    coefficients, rest = nnls(whitened[:, :-1], whitened[:, -1])
    constant = len(whitened) * np.log(2 * np.pi)
    return coefficients, float(-0.5 * (constant + log_det + rest**2))


def fit_monotone(blocks: Sequence[Block]) -> tuple[float, bool]:
    """The largest log likelihood over the variance between trials, and whether it was found."""
    stacks = stack(blocks)
    effects = np.concatenate([block.effects for block in blocks])
    # No spread between trials is larger than that of the effects themselves about zero.
    most = 2 * float(np.sqrt(np.mean(effects**2))) + 1e-6
    found = minimize_scalar(
        lambda tau: -_monotone(stacks, tau**2)[1],
        bounds=(0.0, most),
        method="bounded",
        options={"xatol": 1e-7},
    )
    return max(float(-found.fun), _monotone(stacks, 0.0)[1]), bool(found.success)
