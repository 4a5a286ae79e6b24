"""Contractions where blocks are large and the residual is one variance: algebra in effect space.

With V = s I + Z G Z' in a block and A = Z'Z, B = Z'D, the identity of Woodbury gives

    T = Z'V^-1 Z = (s I + A G)^-1 A        U = Z'V^-1 D = (s I + A G)^-1 B                    (5)
    D'V^-1 D = (D'D - B'G U) / s           log |V| = n log s + log |I + A G / s|              (6)

so that nothing larger than the number of effects of a block is factored. The derivative with
respect to a covariance of term j is Z E Z' with E constant and sparse: only the sub-blocks of T and
U that belong to the terms are multiplied. Everything that belongs to s follows from the others,
because sum psi_k G_k = V (Euler's relation of homogeneous functions):

    V^-1 G_0 = (I - sum_k>0 psi_k V^-1 G_k) / s                                               (7)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from .arrays import Floats, Integers, symmetric, transpose
from .effect_classes import EffectClass, EffectTerm, effect_classes, plain_products
from .layout import Layout


@dataclass(frozen=True)
class WoodburyBackEnd:
    """The data of a model, summed by random effect."""

    rows: int
    DD: Floats
    classes: tuple[EffectClass, ...]

    def contract(self, psi: Floats) -> WoodburyContractions:
        """Return the contractions at psi, shape (R, K)."""
        return WoodburyContractions(self, psi)

    def take(self, responses: Integers) -> WoodburyBackEnd:
        """Return the back end of a subset of the responses."""
        classes = tuple(replace(part, B=part.B[responses]) for part in self.classes)
        return WoodburyBackEnd(self.rows, self.DD[responses], classes)


class WoodburyContractions:
    """The sums of `contractions.py` in effect space."""

    def __init__(self, back_end: WoodburyBackEnd, psi: Floats) -> None:
        responses, parameters = psi.shape
        groups, p = back_end.DD.shape[1:3]
        self._psi, self._s = psi, psi[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            self.log_det: Floats = back_end.rows * np.log(self._s)
        self.cross: Floats = back_end.DD.copy()
        self.trace_1: Floats = np.zeros((responses, parameters))
        self.trace_2: Floats = np.zeros((responses, parameters, parameters))
        self.cross_1: Floats = np.zeros((responses, groups, parameters, p, p))
        self._steps: list[tuple[EffectClass, Floats, Floats]] = []
        valid = np.isfinite(psi).all(axis=1) & (self._s > 0)
        if not valid.all():
            self._psi = psi = np.where(valid[:, None], psi, np.eye(parameters)[0])
            self._s = psi[:, 0]
        for part in back_end.classes:
            self._add(part)
        self.cross /= self._s[:, None, None, None]
        self.log_det = np.where(valid, self.log_det, np.inf)
        self._complete(back_end.rows)

    def _add(self, part: EffectClass) -> None:
        """Add one class of blocks."""
        responses, (_, groups, m, q, p) = len(self._psi), part.B.shape
        G = (self._psi[:, 1:] @ part.E.reshape(len(part.E), -1)).reshape(responses, 1, 1, q, q)
        s = self._s[:, None, None, None, None]
        system = s * np.eye(q) + part.A @ G
        self.log_det += np.linalg.slogdet(system / s)[1].sum(axis=(1, 2))
        right = np.empty((responses, groups, m, q, q + p))
        right[..., :q], right[..., q:] = part.A, part.B
        solved = np.linalg.solve(system, right)
        T, U = symmetric(solved[..., :q]), solved[..., q:]
        flat = (responses, groups, m * q, p)
        self.cross[:, part.groups] -= transpose(part.B.reshape(flat)) @ (G @ U).reshape(flat)
        for term in part.terms:
            self._add_first(part.groups, term, T, U)
        for row, column in product(part.terms, part.terms):
            t = _sub_block(T, row, column)
            self.trace_2[:, row.parameters, column.parameters] += _pair(row, column, t, t)
        self._steps.append((part, T, U))

    def _add_first(self, groups: Integers, term: EffectTerm, T: Floats, U: Floats) -> None:
        """Add tr(T E_k) and U' E_k U of one term."""
        responses, j, m, _, p = U.shape
        q, k = term.order, term.parameters
        shape = (responses, j * m, term.levels, q, term.levels, q)
        diagonal = np.einsum("rmlalb->rab", T[..., term.columns, term.columns].reshape(shape))
        flat = term.basis.reshape(len(term.basis), q * q)
        self.trace_1[:, k] += diagonal.reshape(responses, -1) @ flat.T
        tall = U[..., term.columns, :].reshape(responses, j, m * term.levels, q * p)
        gram = (transpose(tall) @ tall).reshape(responses, j, q, p, q, p)
        total = flat @ gram.transpose(0, 1, 2, 4, 3, 5).reshape(responses, j, q * q, p * p)
        self.cross_1[:, groups, k] += total.reshape(responses, j, -1, p, p)

    def _complete(self, rows: int) -> None:
        """Fill in the residual variance by Euler's relation."""
        psi, s = self._psi, self._s
        self.trace_1[:, 0] = (rows - (psi * self.trace_1).sum(axis=1)) / s
        rest = self.cross - _along(psi, self.cross_1)
        self.cross_1[:, :, 0] = rest / s[:, None, None, None]
        _fill_pairs(self.trace_2, self.trace_1, psi)

    def weighted_cross_2(self, weight: Floats) -> Floats:
        """Return tr(weight cross_2), made symmetric in k and l, for weight (R, J, P, P)."""
        total = np.zeros_like(self.trace_2)
        for part, T, U in self._steps:
            C = U @ weight[:, part.groups, None] @ transpose(U)
            for row, column in product(part.terms, part.terms):
                pair = _pair(row, column, _sub_block(T, row, column), _sub_block(C, row, column))
                total[:, row.parameters, column.parameters] += pair
        total = symmetric(total)
        _fill_pairs(total, np.einsum("rgij,rgkij->rk", weight, self.cross_1), self._psi)
        return total

    def summed_cross_2(self, weight: Floats) -> Floats:
        """Return sum weight_kl cross_2_kl, shape (R, J, P, P), for symmetric weight (R, K, K)."""
        responses, groups, parameters, p, _ = self.cross_1.shape
        total = np.zeros((responses, groups, parameters, parameters, p, p))
        for part, T, U in self._steps:
            for row, column in product(part.terms, part.terms):
                pairs = _pair_cross(row, column, T, U)
                total[:, part.groups, row.parameters, column.parameters] += pairs
        s = self._s[:, None, None, None]
        for k in range(1, parameters):
            total[:, :, k, 0] = (self.cross_1[:, :, k] - _along(self._psi, total[:, :, k])) / s
            total[:, :, 0, k] = transpose(total[:, :, k, 0])
        total[:, :, 0, 0] = (self.cross_1[:, :, 0] - _along(self._psi, total[:, :, 0])) / s
        return np.asarray(np.einsum("rkl,rgklij->rgij", weight, total))


def _along(psi: Floats, terms: Floats) -> Floats:
    """Return sum_k>0 psi_k terms_k for terms (R, J, K, P, P)."""
    responses, groups, parameters, p, _ = terms.shape
    flat = terms[:, :, 1:].reshape(responses, groups, parameters - 1, p * p)
    return np.asarray(psi[:, None, None, 1:] @ flat).reshape(responses, groups, p, p)


def _fill_pairs(pairs: Floats, single: Floats, psi: Floats) -> None:
    """Fill row and column of the residual variance in pairs (R, K, K), by Euler's relation."""
    s = psi[:, :1]
    inner = (pairs[:, 1:, 1:] @ psi[:, 1:, None])[..., 0]
    pairs[:, 0, 1:] = pairs[:, 1:, 0] = (single[:, 1:] - inner) / s
    pairs[:, 0, 0] = (single[:, 0] - (psi[:, 1:] * pairs[:, 0, 1:]).sum(axis=1)) / s[:, 0]


def _sub_block(matrix: Floats, row: EffectTerm, column: EffectTerm) -> Floats:
    """Return entries [(a, c), (block, level, level)] between two terms of a symmetric matrix."""
    responses, m = len(matrix), matrix.shape[1] * matrix.shape[2]
    part = matrix[..., row.columns, column.columns]
    part = part.reshape(responses, m, row.levels, row.order, column.levels, column.order)
    flat = part.transpose(0, 3, 5, 1, 2, 4)
    return np.asarray(flat.reshape(responses, row.order * column.order, -1))


def _pair(row: EffectTerm, column: EffectTerm, left: Floats, right: Floats) -> Floats:
    """Return tr(E_k left E_l right') over the covariances k, l of two terms."""
    responses, a, c = len(left), row.order, column.order
    gram = (left @ transpose(right)).reshape(responses, a, c, a, c)  # left (b, c), right (a, d)
    gram = gram.transpose(0, 3, 1, 2, 4).reshape(responses, a * a, c * c)
    rows = row.basis.reshape(-1, a * a)
    return np.asarray(rows @ gram @ column.basis.reshape(-1, c * c).T)


def _pair_cross(row: EffectTerm, column: EffectTerm, T: Floats, U: Floats) -> Floats:
    """Return U' E_k T E_l U over the covariances k, l of two terms, by group."""
    responses, groups, m, _, p = U.shape
    size, a, c = (responses, groups, m), row.order, column.order
    t = T[..., row.columns, column.columns].reshape(*size, row.levels, a, column.levels, c)
    t = t.transpose(0, 1, 2, 4, 6, 3, 5)  # (R, J, m, b, c, level, level)
    right = U[..., column.columns, :].reshape(*size, 1, 1, column.levels, c * p)
    tall = (responses, groups, m * row.levels)
    moved = (t @ right).transpose(0, 1, 2, 5, 3, 4, 6).reshape(*tall, a * c * c * p)
    left = U[..., row.columns, :].reshape(*tall, a * p)
    gram = (transpose(left) @ moved).reshape(responses, groups, a, p, a, c, c, p)
    gram = gram.transpose(0, 1, 2, 4, 5, 6, 3, 7).reshape(responses, groups, a * a, c * c, p * p)
    columns = column.basis.reshape(-1, c * c) @ gram
    rows = np.einsum("ka,rgalx->rgklx", row.basis.reshape(-1, a * a), columns)
    return np.asarray(rows).reshape(responses, groups, len(row.basis), len(column.basis), p, p)


def build_woodbury(layout: Layout) -> WoodburyBackEnd:
    """Return the Woodbury back end of a layout with random terms and one residual variance."""
    return WoodburyBackEnd(layout.rows, plain_products(layout), effect_classes(layout))
