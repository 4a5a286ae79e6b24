"""Ordinary least squares by statsmodels: ANCOVA, and arm means with variances of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fits import CovariancePart, Fit, Parts

if TYPE_CHECKING:
    from howlow.analysis.fits import Matrix, Positions, Vector


def fit_ols(y: Vector, x: Matrix, names: tuple[str, ...], method: str = "ols") -> Fit:
    """Least squares of y, shape (n,), on x, shape (n, p), with one residual variance."""
    from statsmodels.regression.linear_model import OLS

    result = OLS(y, x).fit()
    return Fit(
        method=method,
        names=names,
        coefficients=np.asarray(result.params),
        precision=Parts((CovariancePart(np.asarray(result.cov_params()), float(result.df_resid)),)),
        n_participants=len(y),
        n_observations=len(y),
        variances={"residual": float(result.mse_resid)},
    )


def fit_ancova(post: Vector, pre: Vector, arm: Positions, names: tuple[str, ...]) -> Fit:
    """Analysis of covariance: the mean of `post` in each arm at the mean of `pre` over all arms.

    `arm` holds each participant's position in `names`; all arms share a slope and a residual
    variance (Vickers & Altman 2001, BMJ 323:1123).
    """
    indicator = (arm[:, None] == np.arange(len(names))).astype(float)
    design = np.column_stack([indicator, pre - pre.mean()])
    return fit_ols(post, design, (*names, "baseline"), "ancova")


def fit_by_arm(y: Vector, arm: Positions, names: tuple[str, ...], method: str = "change") -> Fit:
    """The mean of y in each arm, each with a variance of its own (Welch 1947, Biometrika 34:28).

    `arm` holds each row's position in `names`; every arm needs two rows.
    """
    groups = [y[arm == position] for position in range(len(names))]
    parts = []
    for position, values in enumerate(groups):
        matrix = np.zeros((len(names), len(names)))
        matrix[position, position] = values.var(ddof=1) / len(values)
        parts.append(CovariancePart(matrix, len(values) - 1.0))
    return Fit(
        method=method,
        names=names,
        coefficients=np.array([values.mean() for values in groups]),
        precision=Parts(tuple(parts)),
        n_participants=len(y),
        n_observations=len(y),
        variances={
            f"residual {name}": float(values.var(ddof=1))
            for name, values in zip(names, groups, strict=True)
        },
    )
