"""Cluster-robust covariance CR0 and CR2 with Satterthwaite degrees of freedom.

With working covariance V_c and M = (X'V^-1 X)^-1 (Bell & McCaffrey 2002; Pustejovsky & Tipton
2018):

    Cov(beta) = M [sum_c X_c'V_c^-1 A_c e_c e_c' A_c' V_c^-1 X_c] M                          (12)
    A_c = I (CR0),  A_c = D'[D (V_c - X_c M X_c') D']^(-1/2) D with D'D = V_c (CR2)          (13)
    nu = (tr S)^2 / tr S^2,  S = E[s s'] under V                                             (14)

where s_c is the cluster's contribution to the contrast. Clusters with the same rows of X and the
same V (participants of one arm with the same visits) share A_c, and enter S through their number:
the cost of a batch does not grow with the participants.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats, Integers, symmetric, transpose
from .effects import Contrast, contrast_of
from .errors import ModelError
from .estimates import BatchFit, MixedFit
from .layout import Layout
from .pattern import pattern_matrices, row_signature
from .specification import number_levels

Kind = Literal["CR0", "CR2"]


@dataclass(frozen=True)
class RobustBatch:
    """Cluster-robust covariance (R, q, q) and degrees of freedom (R, q) of q contrasts."""

    cov: Floats
    df: Floats

    @property
    def se(self) -> Floats:
        """Return the standard errors, shape (R, q)."""
        return np.sqrt(np.diagonal(self.cov, axis1=1, axis2=2))


@dataclass(frozen=True)
class _Clusters:
    """Clusters that share X and V: X (n, p), V and weight V^-1 A (R, n, n), residuals (R, m, n)."""

    X: Floats
    V: Floats
    weight: Floats
    residual: Floats


@dataclass(frozen=True)
class _Fits:
    """What is needed of one fit or of many: beta (R, p), M (R, p, p), psi (R, K)."""

    layout: Layout
    beta: Floats
    M: Floats
    psi: Floats


def robust_batch(fits: BatchFit, L: ArrayLike, cluster: Any, kind: Kind = "CR2") -> RobustBatch:
    """Return the cluster-robust precision of contrasts in every response.

    Parameters
    ----------
    fits
        Fits; their V is the working covariance.
    L
        Contrasts, shape (q, p).
    cluster
        The independent unit of each row: participant, or trial in pooled data.
    kind
        ``CR2`` (bias-reduced) or ``CR0``.

    Raises
    ------
    ModelError
        If the model lets rows of different clusters covary.
    """
    return _robust(_Fits(fits.layout, fits.beta, fits.cov, fits.psi), L, cluster, kind)


def robust_contrast(
    fit: MixedFit,
    L: ArrayLike,
    cluster: Any,
    kind: Kind = "CR2",
    level: float = 0.95,
    labels: tuple[str, ...] | None = None,
) -> Contrast:
    """Estimate contrasts with a covariance that is right even if the model's V is not.

    Parameters
    ----------
    fit, L, cluster, kind
        As of `robust_batch`.
    level
        Level of the intervals.

    Raises
    ------
    ModelError
        As `robust_batch`.
    """
    rows = np.atleast_2d(np.asarray(L, dtype=float))
    one = _Fits(fit.layout, fit.beta[None], fit.cov[None], fit.psi[None])
    found = _robust(one, rows, cluster, kind)
    method = f"{kind} (Satterthwaite df)"
    return contrast_of(rows @ fit.beta, found.cov[0], found.df[0], level, labels, method)


def _robust(fits: _Fits, L: ArrayLike, cluster: Any, kind: Kind) -> RobustBatch:
    """Return the robust covariance of contrasts, equation 12, and their df."""
    rows = np.atleast_2d(np.asarray(L, dtype=float))
    groups = _clusters(fits, cluster, kind)
    toward = rows @ fits.M  # shape (R, q, p)
    cov = np.zeros((len(toward), len(rows), len(rows)))
    own, shared = [], []
    for group in groups:
        reach = toward @ group.X.T @ group.weight
        scores = reach @ transpose(group.residual)
        cov += scores @ transpose(scores)
        own.append(((reach @ group.V) * reach).sum(axis=-1))
        shared.append(reach @ group.X)
    counts = np.array([group.residual.shape[1] for group in groups], dtype=float)
    return RobustBatch(cov, _degrees(fits.M, np.array(own), np.array(shared), counts))


def _degrees(M: Floats, own: Floats, shared: Floats, counts: Floats) -> Floats:
    """Return Satterthwaite's df (equation 14) from a'V a (T, R, q), a'X (T, R, q, p), T counts."""
    x = np.moveaxis(shared, 0, 2)  # shape (R, q, T, p)
    a = np.moveaxis(own, 0, 2)
    between = x @ M[:, None] @ transpose(x)
    within = np.diagonal(between, axis1=-2, axis2=-1)
    variance = a - within
    trace = variance @ counts
    pairs = (between**2 @ counts) @ counts[:, None]
    squares = pairs[..., 0] + (variance**2 - within**2) @ counts
    return np.asarray(trace**2 / squares)


def _clusters(fits: _Fits, cluster: Any, kind: Kind) -> list[_Clusters]:
    """Return the clusters of the data, those that share X and V together."""
    layout = fits.layout
    codes = number_levels(cluster)[0][layout.order]
    pairs = np.unique(np.column_stack([layout.block, codes]), axis=0)
    if len(pairs) > len(np.unique(layout.block)):
        raise ModelError("the model lets rows of different clusters covary; use a wider cluster")
    # In units of the data: rows and responses without their weights.
    X = (layout.design @ layout.triangle) / layout.root_weight[:, None]
    fitted = layout.start_beta @ layout.design.T + layout.scale[:, None] * layout.responses
    residual = fitted / layout.root_weight - fits.beta @ X.T
    found = []
    for places in _alike(layout, codes, X):
        rows, first = X[places[0]], places[0]
        V = np.tensordot(fits.psi, _matrices(layout, first), 1)
        weight = np.linalg.inv(V)
        if kind == "CR2":
            weight = weight @ _adjustment(rows, V, fits.M)
        found.append(_Clusters(rows, V, weight, residual[:, places]))
    return found


def _alike(layout: Layout, codes: Integers, X: Floats) -> list[Integers]:
    """Return the sorted places of the rows of clusters that share X and V, shape (m, n) each."""
    order = np.argsort(codes, kind="stable")
    clusters = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    described = np.hstack([X, row_signature(layout)])
    groups: dict[bytes, list[Integers]] = {}
    for places in clusters:
        block = np.unique(layout.block[places], return_inverse=True)[1].astype(float)
        key = np.column_stack([described[places], block]).round(10) + 0.0
        groups.setdefault(key.tobytes(), []).append(places)
    return [np.array(places) for places in groups.values()]


def _matrices(layout: Layout, places: Integers) -> Floats:
    """Return the matrices G_k of some sorted rows in units of the data, shape (K, n, n)."""
    same_block = layout.block[places][:, None] == layout.block[places]
    weights = np.outer(layout.root_weight[places], layout.root_weight[places])
    return np.asarray(pattern_matrices(layout, places) * same_block / weights)


def _adjustment(X: Floats, V: Floats, M: Floats) -> Floats:
    """Return A of clusters with X (n, p) under CR2, shape (R, n, n)."""
    D = transpose(np.linalg.cholesky(V))
    inside = symmetric(D @ (V - X @ M @ X.T) @ transpose(D))
    values, vectors = np.linalg.eigh(inside)
    # A cluster that determines a coefficient alone has a zero eigenvalue: pseudo-inverse.
    kept = values > 1e-10 * values[:, -1:]
    root = np.where(kept, 1 / np.sqrt(np.where(kept, values, 1.0)), 0.0)
    middle = (vectors * root[:, None, :]) @ transpose(vectors)
    return np.asarray(transpose(D) @ middle @ D)
