"""Estimates, intervals and tests of contrasts L beta: single rows and joint F tests.

`Inference` serves one fit, `BatchInference` many refits of one design; the equations stand in
`small_sample.py` and `degrees_of_freedom.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats
from .degrees_of_freedom import joint_fai_cornelius, joint_kenward_roger, single_df
from .distributions import f_upper, t_quantile, t_two_sided
from .errors import ModelError
from .estimates import MixedFit
from .layout import Layout
from .likelihood import Likelihood
from .small_sample import (
    Adjustment,
    CovarianceUncertainty,
    Information,
    kenward_roger,
    satterthwaite,
)

DegreesOfFreedom = Literal["kenward-roger", "satterthwaite", "infinite"]


@dataclass(frozen=True)
class Contrast:
    """Estimates of q contrasts, each an array of shape (q,), and their covariance (q, q).

    ``low`` and ``high`` bound the interval at ``level``; ``p`` is two-sided.
    """

    labels: tuple[str, ...]
    estimate: Floats
    se: Floats
    df: Floats
    t: Floats
    p: Floats
    low: Floats
    high: Floats
    cov: Floats
    level: float
    method: str

    def __len__(self) -> int:
        return len(self.estimate)


@dataclass(frozen=True)
class JointTest:
    """An F test of L beta = 0 with its degrees of freedom."""

    F: float
    df_numerator: int
    df_denominator: float
    p: float
    method: str


def contrast_of(
    estimate: Floats,
    cov: Floats,
    df: Floats,
    level: float,
    labels: tuple[str, ...] | None,
    method: str,
) -> Contrast:
    """Return t tests and intervals from estimates (q,), their covariance (q, q) and df (q,)."""
    # A row of zeros has no test; nor has a fit that did not converge, whose adjusted variance may
    # be negative.
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.sqrt(np.diagonal(cov))
        t = estimate / se
    reach = se * np.array([t_quantile(0.5 + level / 2, value) for value in df])
    p = np.array([t_two_sided(*pair) for pair in zip(t, df, strict=True)])
    names = labels or tuple(f"contrast {number + 1}" for number in range(len(estimate)))
    low, high = estimate - reach, estimate + reach
    return Contrast(names, estimate, se, df, t, p, low, high, cov, level, method)


def uncertainty(
    layout: Layout,
    theta: Floats,
    at: Likelihood,
    df: DegreesOfFreedom,
    information: Information,
    adjustment: Adjustment,
) -> CovarianceUncertainty:
    """Return what a method of small-sample inference needs, for theta of shape (R, d)."""
    if df == "kenward-roger":
        return kenward_roger(layout.coordinates, theta, at, information, adjustment)
    if df in ("satterthwaite", "infinite"):
        return satterthwaite(layout.coordinates, theta, at)
    raise ModelError(f"{df!r} is not kenward-roger, satterthwaite or infinite")


def inner_rows(layout: Layout, L: ArrayLike) -> tuple[Floats, Floats]:
    """Return contrasts in the columns of the data and in the orthonormal design, (q, p) each."""
    rows = np.atleast_2d(np.asarray(L, dtype=float))
    columns = layout.design.shape[1]
    if rows.shape[1] != columns:
        raise ModelError(f"contrasts have {rows.shape[1]} columns; the model has {columns}")
    return rows, rows @ np.linalg.inv(layout.triangle)


def f_statistics(
    known: CovarianceUncertainty, inner: Floats, effects: Floats, df: DegreesOfFreedom
) -> tuple[Floats, Floats]:
    """Return F and denominator df of a joint test, each of shape (R,).

    Raises
    ------
    ModelError
        If the rows depend on one another.
    """
    q = len(inner)
    if np.linalg.matrix_rank(inner, tol=1e-10 * np.abs(inner).max()) < q:
        raise ModelError("the rows of a joint test must be linearly independent")
    F: Floats
    degrees: Floats
    if q == 1:
        variance = (inner @ known.adjusted @ inner.T)[:, 0, 0]
        F, degrees = effects[:, 0] ** 2 / variance, single_df(known, inner)[:, 0]
    elif df == "kenward-roger":
        F, degrees = joint_kenward_roger(known, inner, effects)
    else:
        F, degrees = joint_fai_cornelius(known, inner, effects)
    return F, np.full_like(F, np.inf) if df == "infinite" else degrees


@dataclass
class Inference:
    """One fit with one method of small-sample inference, computed once and used for many tests.

    Parameters
    ----------
    fit
        The fit.
    df
        ``kenward-roger``, ``satterthwaite`` or ``infinite`` (z and chi squared).
    information, adjustment
        See `small_sample.kenward_roger`.
    """

    fit: MixedFit
    df: DegreesOfFreedom = "kenward-roger"
    information: Information = "expected"
    adjustment: Adjustment = "linear"
    _known: CovarianceUncertainty = field(init=False, repr=False)

    def __post_init__(self) -> None:
        fit = self.fit
        self._known = uncertainty(
            fit.layout, fit.theta[None], fit.likelihood, self.df, self.information, self.adjustment
        )

    @property
    def method(self) -> str:
        """Return the method in words, with the information and adjustment that it used."""
        if self.df == "kenward-roger":
            return f"Kenward-Roger ({self.adjustment}, {self.information} information)"
        return "Satterthwaite (observed information)" if self.df == "satterthwaite" else "normal"

    @property
    def adjusted_covariance(self) -> Floats:
        """Return the covariance of the fixed effects that the tests use, shape (p, p)."""
        return self.contrast(np.eye(len(self.fit.beta))).cov

    def contrast(
        self, L: ArrayLike, level: float = 0.95, labels: tuple[str, ...] | None = None
    ) -> Contrast:
        """Estimate the rows of L, shape (q, p), one by one."""
        rows, inner = inner_rows(self.fit.layout, L)
        cov = self.fit.scale**2 * (inner @ self._known.adjusted[0] @ inner.T)
        estimate = rows @ self.fit.beta
        df = np.full(len(rows), np.inf)
        if self.df != "infinite":
            df = single_df(self._known, inner)[0]
        return contrast_of(estimate, cov, df, level, labels, self.method)

    def joint_test(self, L: ArrayLike) -> JointTest:
        """Test that all rows of L beta, shape (q, p), are zero, by an F test."""
        rows, inner = inner_rows(self.fit.layout, L)
        effects = (rows @ self.fit.beta / self.fit.scale)[None]
        F, df = (float(value[0]) for value in f_statistics(self._known, inner, effects, self.df))
        return JointTest(F, len(rows), df, f_upper(F, len(rows), df), self.method)


def contrast(
    fit: MixedFit,
    L: ArrayLike,
    df: DegreesOfFreedom = "kenward-roger",
    level: float = 0.95,
    labels: tuple[str, ...] | None = None,
) -> Contrast:
    """Estimate contrasts L beta, L of shape (q, p), with degrees of freedom by the named method."""
    return Inference(fit, df).contrast(L, level, labels)


def joint_test(fit: MixedFit, L: ArrayLike, df: DegreesOfFreedom = "kenward-roger") -> JointTest:
    """Test L beta = 0, L of shape (q, p), by an F test with the named method."""
    return Inference(fit, df).joint_test(L)
