"""The choice of a back end by counting multiplications."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .contractions import BackEnd
from .effect_classes import level_counts
from .layout import Layout
from .nested import lower_layout, nest
from .pattern import build_pattern, partition
from .woodbury import build_woodbury

WORTH_NESTING = 1e6


def choose_back_end(layout: Layout) -> BackEnd:
    """Return the back end with the fewest multiplications.

    Upper levels are eliminated after lower ones where that saves more than what the additional
    steps cost: terms are taken away in order of their numbers of levels.
    """
    least, build = _plain(layout)
    if least < WORTH_NESTING or not layout.random:
        return build(layout)
    found: tuple[Layout, list[int], Callable[[Layout], BackEnd]] | None = None
    order = np.argsort([len(term.levels) for term in layout.random], kind="stable").tolist()
    effects = level_counts(layout) * [term.part.order for term in layout.random]
    last = len(order) + 1 if layout.model.residual.over_visits else len(order)
    for number in range(1, last):
        upper = order[:number]
        u = int(effects[:, upper].sum(axis=1).max())
        cost = float(len(effects)) * u**3
        if cost >= least:
            break
        below = lower_layout(layout, upper)
        lower_cost, lower_build = _plain(below)
        if cost + lower_cost < least:
            least, found = cost + lower_cost, (below, upper, lower_build)
    if found is None:
        return build(layout)
    below, upper, build = found
    return nest(layout, upper, build(below))


def _plain(layout: Layout) -> tuple[float, Callable[[Layout], BackEnd]]:
    """Return the multiplications of the cheaper plain back end, and the function that builds it.

    Cubed sizes, times covariances in rows, and the columns that are carried along.
    """
    columns = layout.design.shape[1] + 1.0
    in_effects = np.inf
    if layout.random and not layout.covariance_depends_on_rows:
        effects = level_counts(layout) @ [term.part.order for term in layout.random]
        in_effects = float((effects.astype(float) ** 3 + effects * columns**2).sum())
    sizes = np.bincount(layout.block)
    if float(sizes.max()) ** 3 >= in_effects:
        return in_effects, build_woodbury
    covariances, in_rows = layout.coordinates.covariances, 0.0
    for first, number in partition(layout):
        n = float(sizes[layout.block[first[0]]])
        each = n**3 + layout.groups * n**2 * columns**2
        in_rows += covariances * (number.max() + 1.0) * each
    return (in_rows, build_pattern) if in_rows < in_effects else (in_effects, build_woodbury)
