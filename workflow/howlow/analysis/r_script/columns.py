"""The columns of a fit's mean as R text: the same as `longitudinal.mean_design` made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from howlow.analysis.r_script.quoting import quoted, words

if TYPE_CHECKING:
    from howlow.analysis.fitting.fits import Fit
    from howlow.analysis.subjects import Subject

#: Two-valued covariates: the word that counts 1, as `fitting.tables` has it.
ONE = {"sex": "M", "training": "trained"}


@dataclass(frozen=True)
class CellColumn:
    """1 in the rows of some arms at a visit: a mean that these arms share."""

    arms: tuple[str, ...]
    visit: str

    def text(self) -> str:
        """The column as R text."""
        arms = words(self.arms) if len(self.arms) > 1 else quoted(self.arms[0])
        return f"cell(rows, {arms}, {quoted(self.visit)})"


@dataclass(frozen=True)
class CovariateColumn:
    """A covariate at a visit, centred over participants."""

    name: str
    visit: str

    def text(self) -> str:
        """The column as R text."""
        return f"covariate(rows, {quoted(self.name)}, {quoted(self.visit)})"


def columns_of(subject: Subject) -> list[CellColumn | CovariateColumn]:
    """The columns of a fit of cell means, in the order of its coefficients."""
    adjusting = [
        CovariateColumn(name, visit)
        for name in subject.model.covariates
        for visit in subject.cohort.visits
    ]
    return [*_cells(subject.fit), *adjusting]


def _cells(fit: Fit) -> Iterator[CellColumn]:
    """The columns of cells; the arms of cells that share one stand together."""
    shared: dict[int, list[tuple[str, str]]] = {}
    for cell, column in fit.cells.items():
        shared.setdefault(column, []).append(cell)
    for column in sorted(shared):
        yield CellColumn(tuple(arm for arm, _ in shared[column]), shared[column][0][1])
