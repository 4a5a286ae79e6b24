"""Least squares of before and after: analysis of covariance, and changes with own variances.

Batched over responses by one orthogonal factorisation each; `ancova_by_statsmodels` gives the same
numbers for one response by another engine, and stands beside every real trial.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.fits import CovariancePart, Fit, Parts

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Matrix, Pairs, Vector


def fit_ancova(pairs: Pairs, at: str, covariates: Matrix | None = None) -> Fit:
    """Analysis of covariance: the mean after in each arm at the mean before over all arms.

    All arms share a slope and a residual variance (Vickers & Altman 2001, BMJ 323:1123).
    `covariates` has shape (m, k).
    """
    design = _ancova_design(pairs, covariates)
    return _least_squares(pairs, at, design, "ancova")


def _ancova_design(pairs: Pairs, covariates: Matrix | None) -> Matrix:
    """Indicators of the arms, then centred covariates, shape (R, m, p)."""
    responses = len(pairs.pre)
    fixed = (pairs.arm[:, None] == np.arange(len(pairs.arms))).astype(float)
    if covariates is not None:
        fixed = np.column_stack([fixed, covariates - covariates.mean(axis=0)])
    before = pairs.pre - pairs.pre.mean(axis=1, keepdims=True)
    shared = np.broadcast_to(fixed, (responses, *fixed.shape))
    return np.concatenate([shared, before[:, :, None]], axis=2)


def _least_squares(pairs: Pairs, at: str, design: Matrix, method: str) -> Fit:
    """Least squares of `post` on a design, shape (R, m, p), whose first columns are the arms."""
    rows, columns = design.shape[1:]
    orthonormal, triangle = np.linalg.qr(design)
    turned = np.swapaxes(orthonormal, 1, 2) @ pairs.post[:, :, None]
    inverse = np.linalg.inv(triangle)
    coefficients = (inverse @ turned)[..., 0]
    residual = pairs.post - (design @ coefficients[..., None])[..., 0]
    variance = (residual**2).sum(axis=1) / (rows - columns)
    covariance = variance[:, None, None] * (inverse @ np.swapaxes(inverse, 1, 2))
    return Fit(
        method=method,
        cells={(arm, at): position for position, arm in enumerate(pairs.arms)},
        coefficients=coefficients,
        precision=Parts((CovariancePart(covariance, float(rows - columns)),)),
        n_participants=len(np.unique(pairs.participant)),
        n_observations=rows,
        converged=np.ones(len(coefficients), dtype=bool),
        variances={"residual": float(variance[0])},
    )


def ancova_by_statsmodels(pairs: Pairs, at: str) -> Fit:
    """The analysis of covariance of one response, by statsmodels."""
    from statsmodels.regression.linear_model import OLS

    result = OLS(pairs.post[0], _ancova_design(pairs, None)[0]).fit()
    part = CovariancePart(np.asarray(result.cov_params())[None], float(result.df_resid))
    return Fit(
        method="ancova",
        cells={(arm, at): position for position, arm in enumerate(pairs.arms)},
        coefficients=np.asarray(result.params)[None],
        precision=Parts((part,)),
        n_participants=len(np.unique(pairs.participant)),
        n_observations=len(pairs.arm),
        variances={"residual": float(result.mse_resid)},
    )


def fit_changes(pairs: Pairs, at: str, level: Vector | float | None, method: str = "change") -> Fit:
    """The mean change in each arm, each with a variance of its own (Welch 1947, Biometrika 34:28).

    Every arm needs two rows. `level` is the baseline mean that changes are added to, if any.
    """
    change, count = pairs.change, len(pairs.arms)
    groups = [change[:, pairs.arm == position] for position in range(count)]
    parts = []
    for position, values in enumerate(groups):
        matrix = np.zeros((len(change), count, count))
        matrix[:, position, position] = values.var(axis=1, ddof=1) / values.shape[1]
        parts.append(CovariancePart(matrix, values.shape[1] - 1.0))
    return Fit(
        method=method,
        cells={(arm, at): position for position, arm in enumerate(pairs.arms)},
        coefficients=np.column_stack([values.mean(axis=1) for values in groups]),
        precision=Parts(tuple(parts)),
        n_participants=len(np.unique(pairs.participant)),
        n_observations=change.shape[1],
        level=level,
        converged=np.ones(len(change), dtype=bool),
        variances={
            f"residual {arm}": float(values[0].var(ddof=1))
            for arm, values in zip(pairs.arms, groups, strict=True)
        },
    )


def fit_changes_alike(pairs: Pairs, at: str, level: Vector | float | None) -> Fit:
    """The mean change in each arm with one variance for all arms (Student's t)."""
    arms = (pairs.arm[:, None] == np.arange(len(pairs.arms))).astype(float)
    design = np.broadcast_to(arms, (len(pairs.post), *arms.shape))
    fit = _least_squares(replace(pairs, post=pairs.change), at, design, "change-one-variance")
    return replace(fit, level=level)


def fit_paired(pairs: Pairs, at: str, level: Vector | float | None) -> Fit:
    """Mean changes of the limbs of people who have one in every arm: the paired t test."""
    change, count = pairs.change, len(pairs.arms)
    people, place = np.unique(pairs.participant, return_inverse=True)
    wide = np.full((len(change), len(people), count), np.nan)
    wide[:, place, pairs.arm] = change
    wide = wide[:, ~np.isnan(wide[0]).any(axis=1)]
    n = wide.shape[1]
    centred = wide - wide.mean(axis=1, keepdims=True)
    covariance = np.swapaxes(centred, 1, 2) @ centred / (n - 1)
    return Fit(
        method="paired",
        cells={(arm, at): position for position, arm in enumerate(pairs.arms)},
        coefficients=wide.mean(axis=1),
        precision=Parts((CovariancePart(covariance / n, n - 1.0),)),
        n_participants=n,
        n_observations=n * count,
        level=level,
        converged=np.ones(len(change), dtype=bool),
        variances={
            "between limbs": float(covariance[0, 0, 1]),
            "correlation between limbs": float(
                covariance[0, 0, 1] / np.sqrt(covariance[0, 0, 0] * covariance[0, 1, 1])
            ),
        },
    )
