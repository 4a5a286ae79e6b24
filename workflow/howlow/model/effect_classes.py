"""The data of blocks of rows, summed by random effect: A = Z'Z, B = Z'D and D'D for D = [X, y]."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from .arrays import Floats, Integers
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
    """Groups with m blocks of equal numbers of levels.

    ``groups`` (J,) are their numbers; A (1, J, m, q, q), B (R, J, m, q, P), E (K - 1, q, q).
    """

    groups: Integers
    A: Floats
    B: Floats
    E: Floats
    terms: tuple[EffectTerm, ...]


def level_counts(layout: Layout) -> Integers:
    """Return the number of levels of each random term in each block, shape (blocks, terms)."""
    starts = sizes_and_starts(layout.block)[1]
    return np.stack([np.maximum.reduceat(level, starts) + 1 for level in layout.levels], axis=1)


def effect_classes(layout: Layout) -> tuple[EffectClass, ...]:
    """Return the blocks of a layout in classes: as many levels each, as many blocks a group."""
    counts = level_counts(layout)
    group = layout.group[sizes_and_starts(layout.block)[1]]
    shapes, which = np.unique(counts, axis=0, return_inverse=True)
    which = which.ravel()
    classes = []
    for number, shape in enumerate(shapes):
        tally = np.bincount(group[which == number], minlength=layout.groups)
        for m in np.unique(tally[tally > 0]):
            blocks = np.flatnonzero((which == number) & (tally[group] == m))
            place = np.full(len(counts), -1)
            place[blocks] = np.arange(len(blocks))
            rows = np.flatnonzero(place[layout.block] >= 0)
            groups = np.flatnonzero(tally == m)
            classes.append(_effect_class(layout, shape, groups, rows, place[layout.block[rows]]))
    return tuple(classes)


def plain_products(layout: Layout) -> Floats:
    """Return D'D of every group, shape (R, J, P, P)."""
    p = layout.design.shape[1]
    DD = np.empty((len(layout.responses), layout.groups, p + 1, p + 1))
    bounds = np.searchsorted(layout.group, np.arange(layout.groups + 1))
    for number in range(layout.groups):
        rows = slice(bounds[number], bounds[number + 1])
        X, Y = layout.design[rows], layout.responses[:, rows]
        DD[:, number, :p, :p] = X.T @ X
        DD[:, number, p, :p] = DD[:, number, :p, p] = Y @ X
        DD[:, number, p, p] = (Y * Y).sum(axis=1)
    return DD


def _effect_class(
    layout: Layout, shape: Integers, groups: Integers, rows: Integers, block: Integers
) -> EffectClass:
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
    each = (len(groups), m // len(groups), q)
    B = B.reshape(len(B), *each, B.shape[-1])
    return EffectClass(groups, A.reshape(1, *each, q), B, E, tuple(terms))


def _effect_terms(layout: Layout, shape: Integers) -> list[EffectTerm]:
    """Return the places of the random terms in blocks with these level counts."""
    terms, effects, parameter = [], 0, 1
    for term, levels in zip(layout.random, shape.tolist(), strict=True):
        matrices = basis(term.part.order, term.part.diagonal)
        order = term.part.order
        columns = slice(effects, effects + levels * order)
        parameters = slice(parameter, parameter + len(matrices))
        terms.append(EffectTerm(columns, levels, order, matrices, parameters))
        effects, parameter = columns.stop, parameters.stop
    return terms
