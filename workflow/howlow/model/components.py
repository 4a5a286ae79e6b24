"""The covariance parameters as a reader sees them: matrices, and a table of components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Floats
from .covariance import Known, Part, triangle
from .layout import Layout

BOUNDARY = 1e-4


@dataclass(frozen=True)
class VarianceComponent:
    """One row of the table of variance components.

    ``scaled`` is the standard deviation of a variance and the correlation of a covariance.
    """

    term: str
    row: str
    column: str
    estimate: float
    scaled: float


def part_matrices(layout: Layout, psi: Floats) -> list[tuple[str, tuple[str, ...], Floats]]:
    """Return name, labels and covariance matrix of every covariance part at psi, shape (K,)."""
    found = []
    residuals = len(layout.coordinates.parts) - len(layout.model.random)
    for number, (part, _, places) in enumerate(layout.coordinates.slices()):
        values = psi[places]
        if number >= residuals:
            term = layout.model.random[number - residuals]
            name, labels = term.label, term.names
        else:
            name, labels = layout.residual_labels(number)
        found.append((name, labels, _matrix(part, values)))
    return found


def _matrix(part: Part, values: Floats) -> Floats:
    """Return the covariance matrix of a part from its psi."""
    if part.diagonal or isinstance(part, Known):
        return np.diag(values)
    rows, columns = triangle(part.order)
    matrix = np.empty((part.order, part.order))
    matrix[rows, columns] = matrix[columns, rows] = values
    return matrix


def tabulate(
    layout: Layout, matrices: list[tuple[str, tuple[str, ...], Floats]]
) -> tuple[tuple[VarianceComponent, ...], tuple[str, ...]]:
    """Return the table of variance components and the names of the singular parts."""
    table, singular = [], []
    sizes = [np.ones(len(matrix)) for _, _, matrix in matrices[: -len(layout.columns) or None]]
    sizes += [np.sqrt(np.mean(columns**2, axis=0)) for columns in layout.columns]
    for (name, labels, matrix), size in zip(matrices, sizes, strict=True):
        sd = np.sqrt(np.maximum(np.diagonal(matrix), 0.0))
        degenerate = bool(np.any(sd * size < BOUNDARY * layout.scale[0]))
        for i, j in zip(*triangle(len(matrix)), strict=True):
            if i == j:
                scaled = sd[i]
            elif sd[i] > 0 and sd[j] > 0:
                scaled = matrix[i, j] / (sd[i] * sd[j])
            else:
                scaled = np.nan
            if i == j or np.any(matrix[i, j]):
                table.append(
                    VarianceComponent(
                        name, labels[i], labels[j], float(matrix[i, j]), float(scaled)
                    )
                )
        if not degenerate:
            correlation = matrix / sd[:, None] / sd
            degenerate = bool(np.linalg.eigvalsh(correlation)[0] < BOUNDARY**2)
        if degenerate:
            singular.append(name)
    return tuple(table), tuple(singular)
