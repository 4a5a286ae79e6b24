"""Refits without each participant in turn, for many responses at once, by subtraction.

A pattern back end holds the data as counts and summed outer products of blocks of rows. Those of
all but one participant are the sums less the participant's own, so that all refits of all responses
are one batch. Newton's method starts from the fit to everybody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .arrays import Booleans, Floats, Integers
from .errors import ModelError
from .estimates import BatchFit, in_data_units
from .layout import Layout
from .likelihood import evaluate
from .newton import maximise
from .pattern import PatternBackEnd, PatternClass, build_pattern, partition
from .specification import number_levels

#: Smallest share of a direction of the design that the others must carry.
ALIASED = 1e-9


@dataclass(frozen=True)
class LeftOut:
    """Refits without each participant in turn.

    Attributes
    ----------
    batch
        The refits, one after another: the response changes slowest, the participant fastest. Its
        layout is that of all rows, in whose units it is.
    participants
        Who was left out, one name a refit of a response.
    estimable
        Whether the others determine every coefficient, shape (all participants,); refits are of
        those for whom they do.
    """

    batch: BatchFit
    participants: tuple[str, ...]
    estimable: Booleans


def refit_without_each(batch: BatchFit, participant: Any) -> LeftOut:
    """Refit a model to every response without each participant in turn.

    Parameters
    ----------
    batch
        The fits to all rows, by REML or ML.
    participant
        The participant of each row of the model, shape (rows,).

    Raises
    ------
    ModelError
        If the model lets rows of different participants covary, or nobody can be left out.
    """
    codes, names = number_levels(participant)
    layout, responses = batch.layout, len(batch)
    owner = codes[layout.order]
    pairs = np.unique(np.column_stack([layout.block, owner]), axis=0)
    if len(pairs) > len(np.unique(layout.block)):
        raise ModelError("the model lets rows of different participants covary")
    estimable = _estimable(layout, owner, len(names))
    kept = np.flatnonzero(estimable)
    if not len(kept):
        raise ModelError("without any one participant the others cannot estimate every coefficient")
    full = batch.back_end
    if not isinstance(full, PatternBackEnd):
        full = build_pattern(layout)
    rest = _subtract(layout, full, owner, kept)
    response = np.repeat(np.arange(responses), len(kept))
    start = batch.optimum.theta[response]
    optimum = maximise(rest, layout.coordinates, start, batch.reml)
    same = replace(
        layout,
        responses=layout.responses[response],
        start_beta=layout.start_beta[response],
        scale=layout.scale[response],
    )
    psi = layout.coordinates.evaluate(optimum.theta)
    at = evaluate(rest, psi, batch.reml)
    beta, cov, loglik = in_data_units(same, at)
    # Constants of the rows that are gone.
    gone = np.bincount(owner, minlength=len(names))[kept]
    weights = np.bincount(owner, np.log(layout.root_weight), minlength=len(names))[kept]
    loglik = loglik + np.tile(gone, responses) * (np.log(same.scale) + 0.5 * np.log(2 * np.pi))
    loglik = loglik - np.tile(weights, responses)
    refits = BatchFit(
        batch.model, beta, cov, psi * (same.scale**2)[:, None], loglik, optimum, same, rest,
        batch.reml, at,
    )  # fmt: skip
    return LeftOut(refits, tuple(names[number] for number in kept), estimable)


def _estimable(layout: Layout, owner: Integers, people: int) -> Booleans:
    """Return for whom the rows of the others have a design of full rank."""
    p = layout.design.shape[1]
    own = np.zeros((people, p, p))
    np.add.at(own, owner, layout.design[:, :, None] * layout.design[:, None, :])
    rest = layout.rows * np.eye(p) - own
    return np.asarray(np.linalg.eigvalsh(rest)[:, 0] > ALIASED * layout.rows)


def _subtract(
    layout: Layout, full: PatternBackEnd, owner: Integers, people: Integers
) -> PatternBackEnd:
    """Return the sums without each of these participants, responses times people of them."""
    responses, count = len(layout.responses), len(people)
    place = np.full(owner.max() + 1, -1)
    place[people] = np.arange(count)
    classes = []
    for part, (first, number) in zip(full.classes, partition(layout), strict=True):
        n, patterns = part.G.shape[-1], part.G.shape[1]
        shape = (responses, patterns, n * n, part.products.shape[-1])
        whole = part.products.reshape(shape)
        products = np.repeat(whole[:, None], count, axis=1)
        counts = np.repeat(part.count, count, axis=0)
        for start, pattern in zip(first.tolist(), number.tolist(), strict=True):
            who = int(place[owner[start]])
            if who >= 0:
                rows = start + np.arange(n)
                d = _columns(layout, rows)
                outer = d[:, :, None, :, None] * d[:, None, :, None, :]
                products[:, who, pattern] -= outer.reshape(responses, n * n, -1)
                counts[who, pattern] -= 1.0
        flat = products.reshape(responses * count, 1, patterns * n * n, -1)
        classes.append(PatternClass(np.tile(counts, (responses, 1)), part.G, flat))
    return PatternBackEnd(full.rows, full.columns, 1, tuple(classes))


def _columns(layout: Layout, rows: Integers) -> Floats:
    """Return D = [X, y] of some sorted rows, shape (R, n, P)."""
    responses = len(layout.responses)
    shared = np.broadcast_to(layout.design[rows], (responses, *layout.design[rows].shape))
    return np.concatenate([shared, layout.responses[:, rows, None]], axis=2)
