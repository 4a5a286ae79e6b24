"""Predictions, best linear unbiased predictors, scaled residuals and simulation from a fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats
from .estimates import MixedFit
from .marginal_covariance import (
    covariance_of_rows,
    independent_rows,
    marginal_residual,
    solve_rows,
)


@dataclass(frozen=True)
class RandomEffects:
    """Predicted random effects of one term: level names and values, shape (levels, q)."""

    term: str
    levels: tuple[str, ...]
    names: tuple[str, ...]
    values: Floats


def predict_population(fit: MixedFit, rows: ArrayLike) -> Floats:
    """Return X beta for new design rows, shape (n, p) to (n,)."""
    return np.asarray(np.asarray(rows, dtype=float) @ fit.beta)


def predict_rows(fit: MixedFit) -> Floats:
    """Return X beta + Z u for the rows of the data, u being the BLUPs, shape (rows,)."""
    weighted = solve_rows(fit, marginal_residual(fit))
    predicted = np.asarray(fit.model.X) @ fit.beta
    if fit.model.random:
        for rows in independent_rows(fit):
            predicted[rows] += covariance_of_rows(fit, rows, random_only=True) @ weighted[rows]
    return np.asarray(predicted)


def random_effects(fit: MixedFit) -> tuple[RandomEffects, ...]:
    """Return the BLUPs u = Psi Z'V^-1 (y - X beta) of every random term (Henderson 1975)."""
    weighted = solve_rows(fit, marginal_residual(fit))
    matrices = fit.matrices()[-len(fit.model.random) :] if fit.model.random else []
    found = []
    for term, (_, _, covariance) in zip(fit.model.random, matrices, strict=True):
        sums = np.zeros((len(term.levels), len(term.names)))
        np.add.at(sums, term.codes, term.columns * weighted[:, None])
        found.append(RandomEffects(term.label, tuple(term.levels), term.names, sums @ covariance))
    return tuple(found)


def scaled_residuals(fit: MixedFit) -> Floats:
    """Return L^-1 (y - X beta) with V = L L' by block, in visit order: uncorrelated, variance one.

    Source: Fitzmaurice, Laird & Ware (2011), section 10.2.
    """
    residual, scaled = marginal_residual(fit), np.empty(fit.layout.rows)
    for rows in independent_rows(fit):
        factor = np.linalg.cholesky(covariance_of_rows(fit, rows))
        scaled[rows] = np.linalg.solve(factor, residual[rows])
    return scaled


def simulate(fit: MixedFit, number: int, rng: np.random.Generator) -> Floats:
    """Return responses drawn from the fitted model, shape (number, rows)."""
    noise = rng.normal(size=(number, fit.layout.rows))
    drawn = np.empty_like(noise)
    mean = np.asarray(fit.model.X) @ fit.beta
    for rows in independent_rows(fit):
        values, vectors = np.linalg.eigh(covariance_of_rows(fit, rows))
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        drawn[:, rows] = mean[rows] + noise[:, rows] @ root.T
    return drawn
