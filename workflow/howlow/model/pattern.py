"""Contractions where blocks share covariance patterns: every distinct V is inverted once.

Participants with the same visits (and the same covariates in V) share one n x n matrix. They enter
only through S = sum_i d_i d_i', the outer products of their rows of D = [X, y], shape
(n, n, P, P), so that the cost of an iteration does not depend on the number of participants. Where
blocks fall into J groups there is one S a group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Floats, Integers, symmetric, transpose
from .blocks import sizes_and_starts
from .covariance import basis, triangle
from .layout import Layout


@dataclass(frozen=True)
class PatternClass:
    """All patterns with n rows a block: G (K, S, n, n), S (R, J, S n n, P P), counts (1 or R, S).

    Counts differ between responses where each leaves other blocks out (`left_out.py`).
    """

    count: Floats
    G: Floats
    products: Floats


@dataclass(frozen=True)
class PatternBackEnd:
    """The data of a model, summed by covariance pattern."""

    rows: int
    columns: int
    groups: int
    classes: tuple[PatternClass, ...]

    def contract(self, psi: Floats) -> PatternContractions:
        """Return the contractions at psi, shape (R, K)."""
        return PatternContractions(self, psi)

    def take(self, responses: Integers) -> PatternBackEnd:
        """Return the back end of a subset of the responses."""
        classes = tuple(
            PatternClass(
                part.count if len(part.count) == 1 else part.count[responses],
                part.G,
                part.products[responses],
            )
            for part in self.classes
        )
        return PatternBackEnd(self.rows, self.columns, self.groups, classes)


class PatternContractions:
    """The sums of `contractions.py` over patterns."""

    def __init__(self, back_end: PatternBackEnd, psi: Floats) -> None:
        responses, parameters = psi.shape
        p, groups = back_end.columns, back_end.groups
        self.log_det: Floats = np.zeros(responses)
        self.cross: Floats = np.zeros((responses, groups, p, p))
        self.trace_1: Floats = np.zeros((responses, parameters))
        self.trace_2: Floats = np.zeros((responses, parameters, parameters))
        self.cross_1: Floats = np.zeros((responses, groups, parameters, p, p))
        self._steps: list[tuple[PatternClass, Floats, Floats]] = []
        for part in back_end.classes:
            self._add(part, psi)

    def _add(self, part: PatternClass, psi: Floats) -> None:
        """Add one class of patterns."""
        responses, parameters = psi.shape
        _, patterns, n, _ = part.G.shape
        V = (psi @ part.G.reshape(parameters, -1)).reshape(responses, patterns, n, n)
        log_det, inverse = _invert(V)
        self.log_det += (log_det * part.count).sum(axis=1)
        flat = (responses, -1, patterns * n * n)
        grouped = (responses, 1, -1, patterns * n * n)
        self.cross += (inverse.reshape(grouped) @ part.products).reshape(self.cross.shape)
        left = inverse[:, None] @ part.G  # V^-1 G_k, shape (R, K, S, n, n)
        middle = left @ inverse[:, None]  # V^-1 G_k V^-1
        self.cross_1 += (middle.reshape(grouped) @ part.products).reshape(self.cross_1.shape)
        count = part.count[:, None, :]
        self.trace_1 += (np.trace(left, axis1=-2, axis2=-1) * count).sum(axis=-1)
        counted = (left * count[..., None, None]).reshape(flat)
        self.trace_2 += counted @ transpose(transpose(left).reshape(flat))
        self._steps.append((part, left, middle))

    def weighted_cross_2(self, weight: Floats) -> Floats:
        """Return tr(weight cross_2), made symmetric in k and l, for weight (R, J, P, P)."""
        total = np.zeros_like(self.trace_2)
        flat_weight = weight.reshape(*weight.shape[:2], -1, 1)
        for part, left, middle in self._steps:
            shape = left.shape[:1] + left.shape[2:]
            folded = (part.products @ flat_weight).sum(axis=1).reshape(shape)
            right = transpose(middle @ folded[:, None])
            flat = (*left.shape[:2], -1)
            total += left.reshape(flat) @ transpose(right.reshape(flat))
        return symmetric(total)

    def summed_cross_2(self, weight: Floats) -> Floats:
        """Return sum weight_kl cross_2_kl, shape (R, J, P, P), for symmetric weight (R, K, K)."""
        total = np.zeros_like(self.cross)
        for part, left, middle in self._steps:
            right = (weight @ middle.reshape(*middle.shape[:2], -1)).reshape(middle.shape)
            pairs = (left @ right).sum(axis=1)
            total += (pairs.reshape(len(pairs), 1, 1, -1) @ part.products).reshape(total.shape)
        return total


def _invert(V: Floats) -> tuple[Floats, Floats]:
    """Return log determinant (infinite unless V is safely positive definite) and inverse."""
    n = V.shape[-1]
    finite = np.asarray(np.isfinite(V).all(axis=(-2, -1)))
    if not finite.all():
        V = np.where(finite[..., None, None], V, np.eye(n))
    sign, log_det = np.linalg.slogdet(V)
    diagonal = np.maximum(np.abs(np.diagonal(V, axis1=-2, axis2=-1)), 1e-300)
    # A determinant far below the product of the variances leaves no correct digits.
    safe = finite & (sign > 0) & (log_det > np.log(diagonal).sum(axis=-1) - 27.0 * n)
    if not safe.all():
        V = np.where(safe[..., None, None], V, np.eye(n))
        log_det = np.where(safe, log_det, np.inf)
    return log_det, np.linalg.inv(V)


def row_signature(layout: Layout) -> Floats:
    """Return what decides the covariance of each sorted row with others of its block."""
    described: list[Floats | Integers] = [layout.visit[:, None], layout.stratum[:, None]]
    described += [layout.subject_in_block[:, None]]
    for columns, level in zip(layout.columns, layout.levels, strict=True):
        described += [np.round(columns, 10) + 0.0, level[:, None]]
    if layout.model.weights is not None:
        described.append(np.round(layout.root_weight, 10)[:, None])
    return np.hstack([piece.astype(float) for piece in described])


def partition(layout: Layout) -> list[tuple[Integers, Integers]]:
    """Return, by block size, the first rows of the blocks and each block's pattern number."""
    signature = row_signature(layout)
    sizes, starts = sizes_and_starts(layout.block)
    found = []
    for size in np.unique(sizes):
        first = starts[sizes == size]
        rows = signature[first[:, None] + np.arange(size)].reshape(len(first), -1)
        packed = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.shape[1] * 8)))
        found.append((first, np.unique(packed.ravel(), return_inverse=True)[1].ravel()))
    return found


def pattern_matrices(layout: Layout, rows: Integers) -> Floats:
    """Return G_k, shape (K, n, n), for the sorted rows of one block."""
    visit, stratum, subject = layout.visit[rows], layout.stratum[rows], layout.subject[rows]
    same = subject[:, None] == subject
    matrices = []
    for number in range(layout.strata):
        inside = same & (stratum == number)[:, None] & (stratum == number)
        if layout.model.residual.over_visits:
            free = basis(layout.visits)[:, visit[:, None], visit]
            matrices.append(free * inside)
        else:
            matrices.append((np.eye(len(rows)) * inside)[None])
    for term, columns, level in zip(layout.random, layout.columns, layout.levels, strict=True):
        z, inside = columns[rows], level[rows][:, None] == level[rows]
        q = z.shape[1]
        i, j = (np.arange(q),) * 2 if term.part.diagonal else triangle(q)
        outer = z.T[i][:, :, None] * z.T[j][:, None]
        both = np.where((i == j)[:, None, None], outer, outer + transpose(outer))
        matrices.append(both * inside)
    return np.concatenate(matrices)


def build_pattern(layout: Layout) -> PatternBackEnd:
    """Return the pattern back end of a layout."""
    responses, p = len(layout.responses), layout.design.shape[1] + 1
    classes = []
    for first, number in partition(layout):
        n = _size_of(layout, first[0])
        count = np.bincount(number)
        products = np.zeros((responses, layout.groups, len(count), n * n, p * p))
        order = np.lexsort((layout.group[first], number))
        first, number, group = first[order], number[order], layout.group[first[order]]
        opens = np.flatnonzero(np.r_[True, (np.diff(number) != 0) | (np.diff(group) != 0)])
        for starts in np.split(np.arange(len(first)), opens[1:]):
            rows = first[starts][:, None] + np.arange(n)
            place = group[starts[0]], number[starts[0]]
            products[:, place[0], place[1]] = _outer_products(layout, rows)
        firsts = first[np.searchsorted(number, np.arange(len(count)))]
        matrices = [pattern_matrices(layout, start + np.arange(n)) for start in firsts]
        flat = products.reshape(responses, layout.groups, -1, p * p)
        classes.append(PatternClass(count[None].astype(float), np.stack(matrices, axis=1), flat))
    return PatternBackEnd(layout.rows, p, layout.groups, tuple(classes))


def _size_of(layout: Layout, start: int) -> int:
    """Return the number of rows of the block that starts at a sorted row."""
    return int(np.searchsorted(layout.block, layout.block[start], side="right") - start)


def _outer_products(layout: Layout, rows: Integers) -> Floats:
    """Return sum_i d_i d_i' of the blocks with these rows (m, n), shape (R, n n, P P)."""
    responses, (m, n), p = len(layout.responses), rows.shape, layout.design.shape[1] + 1
    x = layout.design[rows].reshape(m, n * (p - 1))
    y = layout.responses[:, rows]
    total = np.empty((responses, n, n, p, p))
    total[:, :, :, :-1, :-1] = (x.T @ x).reshape(n, p - 1, n, p - 1).transpose(0, 2, 1, 3)
    mixed = (x.T @ y).reshape(responses, n, p - 1, n).transpose(0, 1, 3, 2)
    total[:, :, :, :-1, -1] = mixed
    total[:, :, :, -1, :-1] = mixed.transpose(0, 2, 1, 3)
    total[:, :, :, -1, -1] = transpose(y) @ y
    return total.reshape(responses, n * n, p * p)
