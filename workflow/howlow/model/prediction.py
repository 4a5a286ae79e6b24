"""Predictions, best linear unbiased predictors, scaled residuals and simulation from a fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats
from .estimates import MixedFit
from .marginal_covariance import (
    Joined,
    covariance_of_rows,
    independent_rows,
    marginal_residual,
    solve_rows,
    split_levels,
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
    predicted = np.asarray(fit.model.X) @ fit.beta
    if fit.model.random:
        for term, effects in zip(fit.model.random, random_effects(fit), strict=True):
            predicted = predicted + (term.columns * effects.values[term.codes]).sum(axis=1)
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

    Large blocks that an upper level joins are taken participant by participant.
    Source: Fitzmaurice, Laird & Ware (2011), section 10.2.
    """
    residual, scaled = marginal_residual(fit), np.empty(fit.layout.rows)
    joined = split_levels(fit)
    if joined is not None:
        return _scaled_in_turn(joined, residual)
    for rows in independent_rows(fit):
        factor = np.linalg.cholesky(covariance_of_rows(fit, rows))
        scaled[rows] = np.linalg.solve(factor, residual[rows])
    return scaled


def _scaled_in_turn(joined: Joined, residual: Floats) -> Floats:
    """Return scaled residuals, given mean and covariance of the upper effects so far (Kalman)."""
    scaled, block = np.empty_like(residual), -1
    for rows in independent_rows(joined.below):
        if joined.block[rows[0]] != block:
            block, mean, spread = joined.block[rows[0]], np.zeros(len(joined.Psi)), joined.Psi
        U = joined.U[rows]
        V = covariance_of_rows(joined.below, rows) + U @ spread @ U.T
        factor = np.linalg.cholesky(V)
        scaled[rows] = np.linalg.solve(factor, residual[rows] - U @ mean)
        gain = np.linalg.solve(factor, U @ spread)
        mean, spread = mean + gain.T @ scaled[rows], spread - gain.T @ gain
    return scaled


def simulate(fit: MixedFit, number: int, rng: np.random.Generator) -> Floats:
    """Return responses drawn from the fitted model, shape (number, rows)."""
    joined = split_levels(fit)
    below = fit if joined is None else joined.below
    noise = rng.normal(size=(number, fit.layout.rows))
    drawn = np.empty_like(noise)
    mean = np.asarray(fit.model.X) @ fit.beta
    for rows in independent_rows(below):
        root = _root(covariance_of_rows(below, rows))
        drawn[:, rows] = mean[rows] + noise[:, rows] @ root.T
    if joined is not None:
        root = _root(joined.Psi)
        for rows in joined.blocks():
            effects = rng.normal(size=(number, len(root))) @ root.T
            drawn[:, rows] += effects @ joined.U[rows].T
    return drawn


def _root(covariance: Floats) -> Floats:
    """Return A with A A' = covariance, which may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
