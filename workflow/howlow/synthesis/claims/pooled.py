"""The numbers of several trials together: one function, whatever is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from howlow.analysis.fitting.fits import Combination
from howlow.synthesis.meta.model import Block, fit_meta
from howlow.synthesis.pooling import pool

_ONE = np.ones((1, 1))


@dataclass(frozen=True)
class Together:
    """The mean over trials with its t distribution; of one trial, its own.

    The Hartung-Knapp factor is never below one, so that trials which agree by chance do not make a
    verdict. `prediction` is the interval for a new trial (None of one trial, and of a difference
    between ages).
    """

    value: Combination
    trials: int
    method: str
    prediction: Combination | None = None
    converged: bool = True


def together(values: Sequence[Combination]) -> Together:
    """The random-effects mean of at least one number."""
    if len(values) == 1:
        return Together(values[0], 1, "one trial")
    found = pool(
        np.array([value.estimate for value in values]), np.array([value.se**2 for value in values])
    )
    method = _method(found.fit.factor)
    return Together(found.cautious, found.k, method, found.prediction, found.converged)


def older_less_young(values: Sequence[Combination], older: Sequence[bool]) -> Together | None:
    """The difference between trials in older and in young people; None without both.

    A regression on age with one variance between trials; of one trial each, their difference.
    """
    if all(older) or not any(older):
        return None
    if len(values) == 2:
        return Together(_difference(values, older), 2, "difference of two trials")
    design = np.column_stack([np.ones(len(values)), np.asarray(older, dtype=float)])
    fit = fit_meta([_block(value, row[None, :]) for value, row in zip(values, design, strict=True)])
    found = fit.combine(np.array([0.0, 1.0]))
    return Together(found, len(values), f"{_method(fit.factor)}-by-age", None, fit.converged)


def _block(value: Combination, design: np.ndarray) -> Block:
    """One trial as the model takes it."""
    return Block("", np.array([value.estimate]), np.array([[value.se**2]]), design, _ONE)


def _method(factor: float) -> str:
    """The name of the interval."""
    return "reml-hksj" if factor >= 1 else "reml-hksj-adhoc"


def _difference(values: Sequence[Combination], older: Sequence[bool]) -> Combination:
    """The older trial less the young one, with Satterthwaite's degrees of freedom."""
    signs = [1.0 if old else -1.0 for old in older]
    variances = [value.se**2 for value in values]
    parts = sum(v**2 / value.df for v, value in zip(variances, values, strict=True))
    total = sum(variances)
    df = total**2 / parts if parts > 0 else float("inf")
    estimate = sum(sign * value.estimate for sign, value in zip(signs, values, strict=True))
    return Combination(estimate, total**0.5, df)
