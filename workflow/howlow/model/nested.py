"""Contractions where an upper level joins many blocks: the lower blocks are eliminated first.

Thousands of participants in one trial share its effects, so that V of the trial is whole. But with
B the covariance that the lower terms and the residual make, which falls into the blocks of the
participants, and few columns U of upper effects with covariance Psi in each joined block,

    V = B + U Psi U'        H = U'B^-1 U        K = (I + Psi H)^-1        W = K Psi
    V^-1 = B^-1 - B^-1 U W U'B^-1               log |V| = log |B| + log |I + Psi H|          (15)
    V^-1 U = B^-1 U K       V^-1 D = B^-1 F C   F = [D, U],  C = [I; -W U'B^-1 D]            (16)

The lower back end treats F as it treats D, and keeps the sums of every joined block apart; with
M_k = F'B^-1 G_k B^-1 F, M_kl = F'B^-1 G_k B^-1 G_l B^-1 F and _u for the columns or rows that
belong to U, all that is wanted for two lower covariances k and l follows from them:

    tr(V^-1 G_k)              = tr(B^-1 G_k) - tr(W M_k,uu)
    tr(V^-1 G_k V^-1 G_l)     = tr(B^-1 G_k B^-1 G_l) - 2 tr(W M_kl,uu) + tr(W M_k,uu W M_l,uu)
    D'V^-1 G_k V^-1 D         = C'M_k C
    D'V^-1 G_k V^-1 G_l V^-1 D = C'(M_kl - M_k,.u W M_l,u.) C                                (17)

An upper covariance l has G_l = U E_l U' with E_l constant. With T = U'V^-1 U, R = U'V^-1 D and, for
any k, S_k = U'V^-1 G_k V^-1 U and Q_k = D'V^-1 G_k V^-1 U,

    tr(V^-1 G_l) = tr(T E_l)              D'V^-1 G_l V^-1 D = R'E_l R
    tr(V^-1 G_k V^-1 G_l) = tr(S_k E_l)   D'V^-1 G_k V^-1 G_l V^-1 D = Q_k E_l R             (18)

Memory is that of the lower back end. Columns of U that a block does not use are zero there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .arrays import Floats, Integers, symmetric, transpose
from .blocks import connected_blocks, rank_within
from .contractions import BackEnd
from .coordinates import Coordinates
from .covariance import basis
from .layout import Layout


@dataclass(frozen=True)
class NestedBackEnd:
    """A lower back end whose design is [X, U], and the upper covariances E (K, u, u).

    ``terms`` are the numbers of the upper random terms; ``low`` and ``up`` are the places of the
    lower and of the upper covariances in psi; E is zero for the lower ones.
    """

    lower: BackEnd
    terms: tuple[int, ...]
    low: Integers
    up: Integers
    E: Floats

    @property
    def rows(self) -> int:
        """Return the number of rows of the data."""
        return self.lower.rows

    def contract(self, psi: Floats) -> NestedContractions:
        """Return the contractions at psi, shape (R, K)."""
        return NestedContractions(self, psi)

    def take(self, responses: Integers) -> NestedBackEnd:
        """Return the back end of a subset of the responses."""
        return replace(self, lower=self.lower.take(responses))


class NestedContractions:
    """The sums of `contractions.py` over joined blocks, in one group.

    Inside, the letters are those of the module's head; every one has the axes (R, J) first, J being
    the joined blocks, and S, Q and A = C'M_k,.u also one over covariances.
    """

    def __init__(self, back_end: NestedBackEnd, psi: Floats) -> None:
        valid = np.asarray(np.isfinite(psi).all(axis=1))
        psi = np.where(valid[:, None], psi, 1.0)
        self._data, E = back_end, back_end.E
        self._below = below = back_end.lower.contract(psi[:, back_end.low])
        u, columns = E.shape[-1], below.cross.shape[-1]
        p = columns - u
        # F is [X, U, y].
        self._u = slice(p - 1, columns - 1)
        self._own = np.r_[: p - 1, columns - 1]
        H = below.cross[..., self._u, self._u]
        right = below.cross[..., self._u, :][..., self._own]
        G = np.tensordot(psi, E, 1)[:, None]
        system = np.eye(u) + G @ H
        K = np.linalg.inv(system)
        self._W, self._T = symmetric(K @ G), symmetric(transpose(K) @ H)
        self._R = transpose(K) @ right
        self._C = np.zeros((*right.shape[:2], columns, p))
        self._C[..., self._own, np.arange(p)] = 1.0
        self._C[..., self._u, :] = -self._W @ right
        log_det = below.log_det + np.linalg.slogdet(system)[1].sum(axis=1)
        self.log_det: Floats = np.where(valid, log_det, np.inf)
        mixed = below.cross[..., self._own, :] @ self._C
        self.cross: Floats = symmetric(mixed.sum(axis=1, keepdims=True))
        self._set_first(K)
        self._set_trace_2()

    def _set_first(self, K: Floats) -> None:
        """Set what involves one covariance: trace_1, cross_1, and S, Q and A for the rest."""
        below, low, up, E = self._below, self._data.low, self._data.up, self._data.E
        moved = below.cross_1 @ self._C[:, :, None]
        responses, groups, *_, p = moved.shape
        u, count = self._T.shape[-1], len(E)
        self._inner = below.cross_1[..., self._u, self._u]
        self._A = transpose(moved[..., self._u, :])
        K, T, R = K[:, :, None], self._T[:, :, None], self._R[:, :, None]
        self._S = np.empty((responses, groups, count, u, u))
        self._S[:, :, low] = transpose(K) @ self._inner @ K
        self._S[:, :, up] = T @ E[up] @ T
        self._Q = np.empty((responses, groups, count, p, u))
        self._Q[:, :, low] = self._A @ K
        self._Q[:, :, up] = transpose(R) @ E[up] @ T
        self.trace_1: Floats = np.empty((responses, count))
        self.trace_1[:, low] = below.trace_1 - np.einsum("rgij,rgkji->rk", self._W, self._inner)
        self.trace_1[:, up] = np.einsum("rgij,kij->rk", self._T, E[up])
        self.cross_1: Floats = np.empty((responses, 1, count, p, p))
        self.cross_1[:, 0, low] = (transpose(self._C)[:, :, None] @ moved).sum(axis=1)
        self.cross_1[:, 0, up] = (transpose(R) @ E[up] @ R).sum(axis=1)

    def _set_trace_2(self) -> None:
        """Set trace_2."""
        below, u = self._below, self._u
        weight = np.zeros_like(below.cross)
        weight[..., u, u] = self._W
        moved = self._W[:, :, None] @ self._inner
        lower = below.trace_2 - 2 * below.weighted_cross_2(weight)
        lower = lower + _inner_products(moved, transpose(moved))
        self.trace_2: Floats = self._assemble(lower, self._S)

    def _assemble(self, lower: Floats, inner: Floats) -> Floats:
        """Return pairs (R, K, K): ``lower`` ones, and those of tr(inner_k E_l) of an upper l."""
        low, up, E = self._data.low, self._data.up, self._data.E
        pairs = np.empty((len(lower), len(E), len(E)))
        pairs[:, low[:, None], low] = lower
        upper = np.einsum("rgkij,lij->rkl", inner, E[up])
        pairs[:, :, up] = upper
        pairs[:, up] = transpose(upper)
        return symmetric(pairs)

    def weighted_cross_2(self, weight: Floats) -> Floats:
        """Return tr(weight cross_2), made symmetric in k and l, for weight (R, 1, P, P)."""
        lower = self._below.weighted_cross_2(self._C @ weight @ transpose(self._C))
        one = weight[:, :, None]
        lower = lower - _inner_products(one @ self._A @ self._W[:, :, None], self._A)
        return self._assemble(lower, self._R[:, :, None] @ one @ self._Q)

    def summed_cross_2(self, weight: Floats) -> Floats:
        """Return sum weight_kl cross_2_kl, shape (R, 1, P, P), for symmetric weight (R, K, K)."""
        low, up, E, A = self._data.low, self._data.up, self._data.E, self._A
        inside = weight[:, low[:, None], low]
        total = transpose(self._C) @ self._below.summed_cross_2(inside) @ self._C
        turned = np.einsum("rkl,rglpu->rgkpu", inside, A @ self._W[:, :, None])
        total -= (turned @ transpose(A)).sum(axis=2)
        # A lower and an upper covariance meet in both orders, two upper ones in one.
        once = weight[:, :, up].copy()
        once[:, up] /= 2
        moved = np.einsum("rkl,rgkpu->rglpu", once, self._Q)
        half = (moved @ (E[up] @ self._R[:, :, None])).sum(axis=2)
        return np.asarray((total + half + transpose(half)).sum(axis=1, keepdims=True))


def _inner_products(left: Floats, right: Floats) -> Floats:
    """Return the sums over joined blocks and entries of left_k right_l, shape (R, K, K)."""
    return np.asarray(np.einsum("rgkij,rglij->rkl", left, right))


def lower_layout(layout: Layout, upper: Sequence[int]) -> Layout:
    """Return the layout below some random terms: without them, and with U in the design.

    Rows are sorted by joined block, which becomes the group, and by the blocks that are left.
    """
    kept = [number for number in range(len(layout.random)) if number not in upper]
    codes = [layout.random[number].codes[layout.order] for number in kept]
    linked = [*codes, layout.subject] if layout.model.residual.over_visits else codes
    label = connected_blocks(linked, layout.rows)
    sort = np.lexsort((label, layout.block))
    label = label[sort]
    block = np.cumsum(np.r_[0, label[1:] != label[:-1]])
    parts = layout.coordinates.parts
    residual = len(parts) - len(layout.random)
    return replace(
        layout, order=layout.order[sort], block=block, group=layout.block[sort],
        design=np.hstack([layout.design, _upper_columns(layout, upper)])[sort],
        responses=layout.responses[:, sort],
        random=tuple(layout.random[number] for number in kept),
        columns=tuple(layout.columns[number][sort] for number in kept),
        levels=tuple(rank_within(block, code[sort]) for code in codes),
        visit=layout.visit[sort], subject=layout.subject[sort], stratum=layout.stratum[sort],
        root_weight=layout.root_weight[sort],
        coordinates=Coordinates((*parts[:residual], *(parts[residual + n] for n in kept))),
    )  # fmt: skip


def _upper_columns(layout: Layout, upper: Sequence[int]) -> Floats:
    """Return U: the columns of every upper effect of a row's joined block, shape (rows, u)."""
    found = []
    for number in upper:
        level, columns = layout.levels[number], layout.columns[number]
        spread = np.zeros((layout.rows, int(level.max()) + 1, columns.shape[1]))
        spread[np.arange(layout.rows), level] = columns
        found.append(spread.reshape(layout.rows, -1))
    return np.hstack(found)


def nest(layout: Layout, upper: Sequence[int], lower: BackEnd) -> NestedBackEnd:
    """Return the back end of a layout from that of its lower layout."""
    residual = len(layout.coordinates.parts) - len(layout.random)
    sizes = [
        (int(layout.levels[number].max()) + 1) * layout.random[number].part.order
        for number in upper
    ]
    E = np.zeros((layout.coordinates.covariances, sum(sizes), sum(sizes)))
    is_low, start = np.ones(len(E), dtype=bool), 0
    for number, size in zip(upper, sizes, strict=True):
        part, _, places = layout.coordinates.slices()[residual + number]
        matrices = basis(part.order, part.diagonal)
        own = slice(start, start + size)
        E[places, own, own] = np.kron(np.eye(size // part.order), matrices)
        is_low[places], start = False, start + size
    return NestedBackEnd(lower, tuple(upper), np.flatnonzero(is_low), np.flatnonzero(~is_low), E)
