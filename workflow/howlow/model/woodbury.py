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

from dataclasses import dataclass
from itertools import product

import numpy as np

from .arrays import Floats, Integers, symmetric, transpose
from .blocks import sizes_and_starts
from .covariance import basis
from .layout import Layout


@dataclass(frozen=True)
class EffectTerm:
    """Place of a random term among the q effects of a block.

    ``columns`` are the effects (levels, order); ``basis`` (k, order, order) its covariances;
    ``parameters`` their places in psi.
    """

    columns: slice
    levels: int
    order: int
    basis: Floats
    parameters: slice


@dataclass(frozen=True)
class EffectClass:
    """Blocks with equal numbers of levels: A (1, m, q, q), B (R, m, q, P), basis (K - 1, q, q)."""

    A: Floats
    B: Floats
    E: Floats
    terms: tuple[EffectTerm, ...]


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
        classes = tuple(EffectClass(c.A, c.B[responses], c.E, c.terms) for c in self.classes)
        return WoodburyBackEnd(self.rows, self.DD[responses], classes)


class WoodburyContractions:
    """The sums of `contractions.py` in effect space."""

    def __init__(self, back_end: WoodburyBackEnd, psi: Floats) -> None:
        responses, parameters = psi.shape
        p = back_end.DD.shape[-1]
        self._psi, self._s = psi, psi[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            self.log_det: Floats = back_end.rows * np.log(self._s)
        self.cross: Floats = back_end.DD.copy()
        self.trace_1: Floats = np.zeros((responses, parameters))
        self.trace_2: Floats = np.zeros((responses, parameters, parameters))
        self.cross_1: Floats = np.zeros((responses, parameters, p, p))
        self._steps: list[tuple[tuple[EffectTerm, ...], Floats, Floats]] = []
        valid = np.isfinite(psi).all(axis=1) & (self._s > 0)
        if not valid.all():
            self._psi = psi = np.where(valid[:, None], psi, np.eye(parameters)[0])
            self._s = psi[:, 0]
        for part in back_end.classes:
            self._add(part)
        self.cross /= self._s[:, None, None]
        self.log_det = np.where(valid, self.log_det, np.inf)
        self._complete(back_end.rows)

    def _add(self, part: EffectClass) -> None:
        """Add one class of blocks."""
        responses, (_, m, q, p) = len(self._psi), part.B.shape
        G = (self._psi[:, 1:] @ part.E.reshape(len(part.E), -1)).reshape(responses, 1, q, q)
        s = self._s[:, None, None, None]
        system = s * np.eye(q) + part.A @ G
        self.log_det += np.linalg.slogdet(system / s)[1].sum(axis=1)
        right = np.empty((responses, m, q, q + p))
        right[..., :q], right[..., q:] = part.A, part.B
        solved = np.linalg.solve(system, right)
        T, U = symmetric(solved[..., :q]), solved[..., q:]
        flat = (responses, m * q, p)
        self.cross -= transpose(part.B.reshape(flat)) @ (G @ U).reshape(flat)
        for term in part.terms:
            self._add_first(term, T, U)
        for row, column in product(part.terms, part.terms):
            t = _sub_block(T, row, column)
            self.trace_2[:, row.parameters, column.parameters] += _pair(row, column, t, t)
        self._steps.append((part.terms, T, U))

    def _add_first(self, term: EffectTerm, T: Floats, U: Floats) -> None:
        """Add tr(T E_k) and U' E_k U of one term."""
        responses, m, _, p = U.shape
        q, k = term.order, term.parameters
        shape = (responses, m, term.levels, q, term.levels, q)
        diagonal = np.einsum("rmlalb->rab", T[..., term.columns, term.columns].reshape(shape))
        flat = term.basis.reshape(len(term.basis), q * q)
        self.trace_1[:, k] += diagonal.reshape(responses, -1) @ flat.T
        tall = U[..., term.columns, :].reshape(responses, m * term.levels, q * p)
        gram = (transpose(tall) @ tall).reshape(responses, q, p, q, p).transpose(0, 1, 3, 2, 4)
        total = flat @ gram.reshape(responses, q * q, p * p)
        self.cross_1[:, k] += total.reshape(responses, -1, p, p)

    def _complete(self, rows: int) -> None:
        """Fill in the residual variance by Euler's relation."""
        psi, s = self._psi, self._s
        self.trace_1[:, 0] = (rows - (psi * self.trace_1).sum(axis=1)) / s
        self.cross_1[:, 0] = (self.cross - _along(psi, self.cross_1)) / s[:, None, None]
        _fill_pairs(self.trace_2, self.trace_1, psi)

    def weighted_cross_2(self, weight: Floats) -> Floats:
        """Return tr(weight cross_2), made symmetric in k and l, for weight (R, P, P)."""
        total = np.zeros_like(self.trace_2)
        for terms, T, U in self._steps:
            C = U @ weight[:, None] @ transpose(U)
            for row, column in product(terms, terms):
                pair = _pair(row, column, _sub_block(T, row, column), _sub_block(C, row, column))
                total[:, row.parameters, column.parameters] += pair
        total = symmetric(total)
        _fill_pairs(total, np.einsum("rij,rkij->rk", weight, self.cross_1), self._psi)
        return total

    def cross_2(self) -> Floats:
        """Return all of cross_2, shape (R, K, K, P, P)."""
        responses, parameters, p, _ = self.cross_1.shape
        total = np.zeros((responses, parameters, parameters, p, p))
        for terms, T, U in self._steps:
            for row, column in product(terms, terms):
                total[:, row.parameters, column.parameters] += _pair_cross(row, column, T, U)
        s = self._s[:, None, None]
        for k in range(1, parameters):
            total[:, k, 0] = (self.cross_1[:, k] - _along(self._psi, total[:, k])) / s
            total[:, 0, k] = transpose(total[:, k, 0])
        total[:, 0, 0] = (self.cross_1[:, 0] - _along(self._psi, total[:, 0])) / s
        return total


def _along(psi: Floats, terms: Floats) -> Floats:
    """Return sum_k>0 psi_k terms_k for terms (R, K, P, P)."""
    responses, parameters, p, _ = terms.shape
    flat = terms[:, 1:].reshape(responses, parameters - 1, p * p)
    return np.asarray(psi[:, None, 1:] @ flat).reshape(responses, p, p)


def _fill_pairs(pairs: Floats, single: Floats, psi: Floats) -> None:
    """Fill row and column of the residual variance in pairs (R, K, K), by Euler's relation."""
    s = psi[:, :1]
    inner = (pairs[:, 1:, 1:] @ psi[:, 1:, None])[..., 0]
    pairs[:, 0, 1:] = pairs[:, 1:, 0] = (single[:, 1:] - inner) / s
    pairs[:, 0, 0] = (single[:, 0] - (psi[:, 1:] * pairs[:, 0, 1:]).sum(axis=1)) / s[:, 0]


def _sub_block(matrix: Floats, row: EffectTerm, column: EffectTerm) -> Floats:
    """Return entries [(a, c), (block, level, level)] between two terms of a symmetric matrix."""
    responses, m = matrix.shape[:2]
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
    """Return U' E_k T E_l U over the covariances k, l of two terms."""
    responses, m, _, p = U.shape
    a, c = row.order, column.order
    t = T[..., row.columns, column.columns].reshape(responses, m, row.levels, a, column.levels, c)
    t = t.transpose(0, 1, 3, 5, 2, 4)  # (R, m, b, c, level, level)
    right = U[..., column.columns, :].reshape(responses, m, 1, 1, column.levels, c * p)
    moved = (t @ right).transpose(0, 1, 4, 2, 3, 5).reshape(responses, m * row.levels, -1)
    left = U[..., row.columns, :].reshape(responses, m * row.levels, a * p)
    gram = (transpose(left) @ moved).reshape(responses, a, p, a, c, c, p)
    gram = gram.transpose(0, 1, 3, 4, 5, 2, 6).reshape(responses, a * a, c * c, p * p)
    columns = column.basis.reshape(-1, c * c) @ gram
    rows = np.einsum("ka,ralx->rklx", row.basis.reshape(-1, a * a), columns)
    return np.asarray(rows).reshape(responses, len(row.basis), len(column.basis), p, p)


def level_counts(layout: Layout) -> Integers:
    """Return the number of levels of each random term in each block, shape (blocks, terms)."""
    starts = sizes_and_starts(layout.block)[1]
    return np.stack([np.maximum.reduceat(level, starts) + 1 for level in layout.levels], axis=1)


def build_woodbury(layout: Layout) -> WoodburyBackEnd:
    """Return the Woodbury back end of a layout with random terms and one residual variance."""
    X, Y = layout.design, layout.responses
    p = X.shape[1]
    DD = np.empty((len(Y), p + 1, p + 1))
    DD[:, :p, :p] = X.T @ X
    DD[:, p, :p] = DD[:, :p, p] = Y @ X
    DD[:, p, p] = (Y * Y).sum(axis=1)
    counts = level_counts(layout)
    shapes, which = np.unique(counts, axis=0, return_inverse=True)
    which = which.ravel()
    classes = []
    for number, shape in enumerate(shapes):
        blocks = np.flatnonzero(which == number)
        place = np.full(len(counts), -1)
        place[blocks] = np.arange(len(blocks))
        chosen = np.flatnonzero(place[layout.block] >= 0)
        classes.append(_effect_class(layout, shape, chosen, place[layout.block[chosen]]))
    return WoodburyBackEnd(layout.rows, DD, tuple(classes))


def _effect_class(layout: Layout, shape: Integers, rows: Integers, block: Integers) -> EffectClass:
    """Return the class of the blocks with these level counts, made of the chosen rows."""
    terms = _effect_terms(layout, shape)
    m, q = int(block[-1]) + 1, terms[-1].columns.stop
    where, values = [], []
    for term, columns, level in zip(terms, layout.columns, layout.levels, strict=True):
        for a in range(term.order):
            where.append(block * q + term.columns.start + level[rows] * term.order + a)
            values.append(columns[rows, a])
    A = np.zeros(m * q * q)
    for (i, z), (j, w) in product(zip(where, values, strict=True), repeat=2):
        A += np.bincount(i * q + j % q, z * w, minlength=m * q * q)
    B = np.zeros((len(layout.responses), m * q, layout.design.shape[1] + 1))
    for i, z in zip(where, values, strict=True):
        order = np.argsort(i, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(i[order]) > 0])
        effects, take = i[order][starts], rows[order]
        weight = z[order]
        sums = np.add.reduceat(layout.design[take] * weight[:, None], starts)
        B[:, effects, :-1] += sums
        B[:, effects, -1] += np.add.reduceat(layout.responses[:, take] * weight, starts, axis=1)
    E = np.zeros((terms[-1].parameters.stop - 1, q, q))
    for term in terms:
        E[term.parameters.start - 1 : term.parameters.stop - 1, term.columns, term.columns] = (
            np.kron(np.eye(term.levels), term.basis)
        )
    return EffectClass(A.reshape(1, m, q, q), B.reshape(len(B), m, q, B.shape[-1]), E, tuple(terms))


def _effect_terms(layout: Layout, shape: Integers) -> list[EffectTerm]:
    """Return the places of the random terms in blocks with these level counts."""
    terms, effects, parameter = [], 0, 1
    for term, levels in zip(layout.model.random, shape.tolist(), strict=True):
        matrices = basis(term.part.order, term.part.diagonal)
        order = term.part.order
        columns = slice(effects, effects + levels * order)
        parameters = slice(parameter, parameter + len(matrices))
        terms.append(EffectTerm(columns, levels, order, matrices, parameters))
        effects, parameter = columns.stop, parameters.stop
    return terms
