"""Cluster-robust covariance CR0 and CR2 with Satterthwaite degrees of freedom.

With working covariance V_c and M = (X'V^-1 X)^-1 (Bell & McCaffrey 2002; Pustejovsky & Tipton
2018):

    Cov(beta) = M [sum_c X_c'V_c^-1 A_c e_c e_c' A_c' V_c^-1 X_c] M                          (12)
    A_c = I (CR0),  A_c = D'[D (V_c - X_c M X_c') D']^(-1/2) D with D'D = V_c (CR2)          (13)
    nu = (tr S)^2 / tr S^2,  S = E[s s'] under V                                             (14)

where s_c is the cluster's contribution to the contrast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats, Integers, symmetric
from .effects import Contrast, contrast_of
from .errors import ModelError
from .estimates import MixedFit
from .marginal_covariance import covariance_of_rows, marginal_residual
from .specification import number_levels


@dataclass(frozen=True)
class _Cluster:
    """Design, covariance and weight X'V^-1 A of one cluster."""

    X: Floats
    V: Floats
    weight: Floats


def robust_contrast(
    fit: MixedFit,
    L: ArrayLike,
    cluster: Any,
    kind: Literal["CR0", "CR2"] = "CR2",
    level: float = 0.95,
    labels: tuple[str, ...] | None = None,
) -> Contrast:
    """Estimate contrasts with a covariance that is right even if the model's V is not.

    Parameters
    ----------
    fit
        A fit; its V is the working covariance.
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
    rows = np.atleast_2d(np.asarray(L, dtype=float))
    clusters, M = _clusters(fit, cluster, kind)
    residual = marginal_residual(fit)
    codes, _ = number_levels(cluster)
    scores = np.array(
        [part.weight @ residual[codes == number] for number, part in enumerate(clusters)]
    )
    cov = rows @ M @ scores.T @ scores @ M @ rows.T
    df = np.array([_degrees(clusters, M, row) for row in rows])
    return contrast_of(rows @ fit.beta, cov, df, level, labels, f"{kind} (Satterthwaite df)")


def _clusters(fit: MixedFit, cluster: Any, kind: str) -> tuple[list[_Cluster], Floats]:
    """Return the pieces of every cluster, and M."""
    codes, names = number_levels(cluster)
    block = np.empty(len(codes), dtype=np.intp)
    block[fit.layout.order] = fit.layout.block
    pairs = np.unique(np.column_stack([block, codes]), axis=0)
    if len(pairs) > len(np.unique(block)):
        raise ModelError("the model lets rows of different clusters covary; use a wider cluster")
    X, M = np.asarray(fit.model.X), fit.cov
    found = []
    for number in range(len(names)):
        rows = np.flatnonzero(codes == number)
        V = covariance_of_rows(fit, rows)
        weight = np.linalg.solve(V, X[rows]).T
        if kind == "CR2":
            weight = weight @ _adjustment(X[rows], V, M)
        found.append(_Cluster(X[rows], V, weight))
    return found, M


def _adjustment(X: Floats, V: Floats, M: Floats) -> Floats:
    """Return A of a cluster under CR2."""
    D = np.linalg.cholesky(V).T
    inside = symmetric(D @ (V - X @ M @ X.T) @ D.T)
    values, vectors = np.linalg.eigh(inside)
    # A cluster that determines a coefficient alone has a zero eigenvalue: pseudo-inverse.
    kept = values > 1e-10 * values.max()
    root = (vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T
    return np.asarray(D.T @ root @ D)


def _degrees(clusters: list[_Cluster], M: Floats, row: Floats) -> float:
    """Return Satterthwaite's df of one contrast (equation 14)."""
    own = [part.weight.T @ (M @ row) for part in clusters]
    shared = np.array([part.X.T @ vector for part, vector in zip(clusters, own, strict=True)])
    expected = -shared @ M @ shared.T
    index: Integers = np.arange(len(clusters))
    expected[index, index] += [a @ part.V @ a for a, part in zip(own, clusters, strict=True)]
    return float(np.trace(expected) ** 2 / np.sum(expected * expected))
