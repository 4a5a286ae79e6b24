"""The rows of a model in block order, with everything that enters V, ready for any back end.

Rows are divided by the square root of their residual variance factor (weights), X is made
orthonormal and y is replaced by its standardised least-squares residual. The fit is therefore the
same, to rounding, whatever the units, the origin and the order of the columns; results are
translated back in one place (`estimates.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .arrays import Floats, Integers
from .blocks import connected_blocks, rank_within
from .coordinates import Coordinates
from .covariance import Known, Part
from .errors import ModelError
from .specification import MixedModel, RandomTerm, Residual, number_levels


@dataclass(frozen=True)
class Layout:
    """Sorted rows and covariance parameters of a model.

    Attributes
    ----------
    order
        Row of the model that stands at each sorted place.
    block
        Block number of each sorted row.
    design
        Orthonormal X times the root of the number of rows, sorted, shape (rows, p).
    triangle
        X = design @ triangle, both with weighted rows.
    responses
        Standardised residual responses, sorted, shape (R, rows).
    start_beta, scale
        Least-squares coefficients in the metric of ``design``, shape (R, p), and the standard
        deviations that standardise, shape (R,).
    group
        Number of the sum to which each sorted row adds: zero, except where blocks lie below an
        upper level that is eliminated after them (`nested.py`).
    random
        The random terms.
    columns, levels
        Weighted Z and level within the block of each random term, sorted.
    visit, subject, stratum
        Visit, subject and residual stratum of each sorted row; ``visit_names`` and
        ``stratum_names`` are their levels.
    root_weight
        Square root of the weight of each sorted row.
    coordinates
        The covariance parameters: residual parts first, then one part a random term.
    """

    model: MixedModel
    order: Integers
    block: Integers
    group: Integers
    design: Floats
    triangle: Floats
    responses: Floats
    start_beta: Floats
    scale: Floats
    random: tuple[RandomTerm, ...]
    columns: tuple[Floats, ...]
    levels: tuple[Integers, ...]
    visit: Integers
    subject: Integers
    stratum: Integers
    visit_names: tuple[str, ...]
    stratum_names: tuple[str, ...]
    root_weight: Floats
    coordinates: Coordinates

    @cached_property
    def place(self) -> Integers:
        """Return the sorted place of each row of the model."""
        place = np.empty(self.rows, dtype=np.intp)
        place[self.order] = np.arange(self.rows)
        return place

    @property
    def visits(self) -> int:
        """Return the number of visits of the residual covariance."""
        return len(self.visit_names)

    @property
    def strata(self) -> int:
        """Return the number of strata of the residual covariance."""
        return len(self.stratum_names)

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return len(self.order)

    @property
    def groups(self) -> int:
        """Return the number of separate sums."""
        return int(self.group[-1]) + 1

    @property
    def subject_in_block(self) -> Integers:
        """Return the number of each row's subject within its block."""
        return rank_within(self.block, self.subject)

    @property
    def covariance_depends_on_rows(self) -> bool:
        """Whether the residual is anything but one variance for all rows."""
        return self.model.residual.over_visits or self.strata > 1

    def residual_labels(self, number: int) -> tuple[str, tuple[str, ...]]:
        """Return the name of a residual part and the labels of its rows."""
        label = self.model.residual.label
        if not self.model.residual.over_visits:
            return label, self.stratum_names if self.strata > 1 else ("residual",)
        stratum = self.stratum_names[number]
        return f"{label} {stratum}".strip(), self.visit_names

    def start(self) -> Floats:
        """Return coordinates that split the unit residual variance evenly over the terms."""
        pieces = []
        residual_parts = self.coordinates.parts[: len(self.coordinates.parts) - len(self.columns)]
        share = 0.5 if self.columns else 1.0
        # ASSUME: half of the least-squares residual variance lies between levels.
        for part in residual_parts:
            pieces.append(part.start(np.full(part.order, np.sqrt(share))))
        for term, columns in zip(self.random, self.columns, strict=True):
            size = np.maximum(np.mean(columns**2, axis=0), 1e-300)
            pieces.append(term.part.start(np.sqrt(0.5 / len(self.columns) / size)))
        return np.concatenate(pieces)


@dataclass(frozen=True)
class _ResidualCodes:
    """Visit, subject and stratum of each row, with the levels' names."""

    visit: Integers
    visit_names: tuple[str, ...]
    subject: Integers
    stratum: Integers
    stratum_names: tuple[str, ...]


def _residual_codes(residual: Residual, rows: int) -> _ResidualCodes:
    """Return the codes of a residual; without visits every row is its own subject."""
    zero = np.zeros(rows, dtype=np.intp)
    visit, visits, subject = zero, ["rows"], np.arange(rows)
    if residual.over_visits:
        visit, visits = number_levels(residual.visit, residual.visit_levels)
        subject, _ = number_levels(residual.subject)
    stratum, strata = zero, [""]
    if residual.by is not None:
        stratum, strata = number_levels(residual.by)
    return _ResidualCodes(visit, tuple(visits), subject, stratum, tuple(strata))


def arrange(model: MixedModel, responses: Floats | None = None) -> Layout:
    """Return the layout of a model, for its own response or for others of shape (R, rows)."""
    y = np.atleast_2d(np.asarray(model.y) if responses is None else responses)
    rows = y.shape[1]
    root = np.ones(rows) if model.weights is None else np.sqrt(np.asarray(model.weights))
    residual = _residual_codes(model.residual, rows)
    codes = [term.codes for term in model.random]
    if model.residual.over_visits:
        codes.append(residual.subject)
    block = connected_blocks(codes, rows)
    covariates = [column for term in model.random for column in term.columns.T]
    order = np.lexsort((*reversed(codes), *covariates, residual.stratum, residual.visit, block))
    block = block[order]
    orthonormal, triangle = np.linalg.qr(np.asarray(model.X)[order] * root[order, None])
    design, triangle = orthonormal * np.sqrt(rows), triangle / np.sqrt(rows)
    weighted = y[:, order] * root[order]
    start_beta = weighted @ design / rows
    rest = weighted - start_beta @ design.T
    parts = model.residual.parts(len(residual.visit_names), len(residual.stratum_names))
    parts += [term.part for term in model.random]
    scale = _scales(rest, weighted, parts[0])
    return Layout(
        model=model,
        order=order,
        block=block,
        group=np.zeros(rows, dtype=np.intp),
        design=design,
        triangle=triangle,
        responses=rest / scale[:, None],
        start_beta=start_beta,
        scale=scale,
        random=tuple(model.random),
        columns=tuple(term.columns[order] * root[order, None] for term in model.random),
        levels=tuple(rank_within(block, code[order]) for code in codes[: len(model.random)]),
        visit=residual.visit[order],
        subject=residual.subject[order],
        stratum=residual.stratum[order],
        visit_names=residual.visit_names,
        stratum_names=residual.stratum_names,
        root_weight=root[order],
        coordinates=Coordinates(tuple(parts)),
    )


def _scales(rest: Floats, weighted: Floats, residual_part: Part) -> Floats:
    """Return the residual standard deviation of each response, or one where it is known."""
    if isinstance(residual_part, Known):
        return np.ones(len(rest))
    scale = np.sqrt(np.mean(rest**2, axis=1))
    if np.any(scale <= 1e-12 * np.maximum(np.abs(weighted).max(axis=1), 1e-300)):
        raise ModelError("the fixed effects explain the response exactly: no variance is left")
    return np.asarray(scale)
