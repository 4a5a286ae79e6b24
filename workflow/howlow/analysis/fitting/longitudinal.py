"""Mixed models of the mean of each arm at each visit: constrained longitudinal data analysis.

All arms share one baseline mean, as chance made them (Liang & Zeger 2000, Sankhya B 62:134), so
that a participant with one visit missing still counts. Arms that chance did not make keep baseline
means of their own, and are compared by their change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from howlow.analysis.fitting.fits import Cell, Fit, Precision, SmallSample
from howlow.analysis.fitting.structures import Structure
from howlow.model import BatchFit, BatchInference, MixedModel, Residual, fit_batch

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Cohort, Matrix

Inference = Literal["kenward-roger", "satterthwaite"]


@dataclass(frozen=True)
class Model:
    """A mixed model of a cohort's cell means, before it is fitted.

    Attributes
    ----------
    structure
        The covariance of one participant's measurements.
    constrained
        Whether all arms share one baseline mean.
    covariates
        Names of the cohort's covariates that the mean at every visit is adjusted for.
    by_arm
        Whether each arm has a residual covariance of its own.
    inference
        Kenward & Roger (1997) or Satterthwaite (1946).
    """

    structure: Structure
    constrained: bool = True
    covariates: tuple[str, ...] = ()
    by_arm: bool = False
    inference: Inference = "kenward-roger"

    @property
    def name(self) -> str:
        """The short name that stands in the table of estimates."""
        parts = ["clda" if self.constrained else "mmrm", self.structure.name]
        parts += ["by-arm"] if self.by_arm else []
        parts += ["adjusted"] if self.covariates else []
        parts += [] if self.inference == "kenward-roger" else [self.inference]
        return "-".join(parts)


def fit_model(cohort: Cohort, model: Model) -> Fit:
    """Fit a mixed model of cell means to every response of a cohort, by REML.

    Raises
    ------
    ModelError
        If the rows cannot tell the cell means apart, or leave no variance.
    """
    batch, cells = fit_cells(cohort, model)
    inference = BatchInference(batch, model.inference)
    return described(cohort, model, batch, cells, SmallSample(inference))


def fit_cells(cohort: Cohort, model: Model) -> tuple[BatchFit, dict[Cell, int]]:
    """The engine's fit of a model, and the column of each cell.

    Raises
    ------
    ModelError
        As `fit_model`.
    """
    design, names, cells = mean_design(cohort, model)
    return fit_design(cohort, model, design, names), cells


def fit_design(cohort: Cohort, model: Model, design: Matrix, names: Sequence[str]) -> BatchFit:
    """The engine's fit of a design of the mean, shape (rows, p), with a model's covariance.

    Raises
    ------
    ModelError
        As `fit_model`.
    """
    random, residual = model.structure.parts(cohort)
    if model.by_arm:
        residual = Residual(
            residual.kind,
            residual.visit,
            residual.subject,
            by=cohort.arm,
            visit_levels=residual.visit_levels,
        )
    mixed = MixedModel(cohort.values[0], design, tuple(names), random, residual)
    return fit_batch(mixed, cohort.values)


def mean_design(cohort: Cohort, model: Model) -> tuple[Matrix, tuple[str, ...], dict[Cell, int]]:
    """Design matrix of the cell means, shape (rows, p), the columns' names, and each cell's column.

    Covariates are centred over participants, so that a cell's column is its mean at their average;
    each has a slope at every visit. Periods of a crossover shift all rows of a period alike.
    """
    names: list[str] = []
    columns: list[Matrix] = []
    cells: dict[Cell, int] = {}
    for position, visit in enumerate(cohort.visits):
        here = cohort.visit == position
        if position == 0 and model.constrained:
            cells.update({(arm, visit): len(names) for arm in cohort.arms})
            names.append(visit)
            columns.append(here.astype(float))
            continue
        for number, arm in enumerate(cohort.arms):
            rows = here & (cohort.arm == number)
            if rows.any():
                cells[arm, visit] = len(names)
                names.append(f"{arm} at {visit}")
                columns.append(rows.astype(float))
    for name in model.covariates:
        value = cohort.covariates[name]
        # One that is not known counts as average: chance made the arms, so that this biases nothing
        # and loses nobody (White & Thompson 2005, Stat Med 24:993).
        centred = np.nan_to_num(value - np.nanmean(value[cohort.people]))[cohort.participant]
        for position, visit in enumerate(cohort.visits):
            names.append(f"{name} at {visit}")
            columns.append(np.where(cohort.visit == position, centred, 0.0))
    if cohort.period is not None:
        for period in range(1, int(cohort.period.max()) + 1):
            names.append(f"period {period + 1}")
            here = cohort.period == period
            columns.append(here - here.mean())
    return np.column_stack(columns), tuple(names), cells


def described(
    cohort: Cohort, model: Model, batch: BatchFit, cells: dict[Cell, int], precision: Precision
) -> Fit:
    """A batch of the engine's fits as a fit of cell means."""
    one = batch.fit(0) if len(batch) == 1 else None
    return Fit(
        method=model.name,
        cells=cells,
        coefficients=np.asarray(batch.beta, dtype=np.float64),
        precision=precision,
        n_participants=len(cohort.people),
        n_observations=len(cohort.visit),
        subtract=None if model.constrained or len(cohort.visits) == 1 else cohort.visits[0],
        converged=np.asarray(batch.converged),
        boundary=bool(one and one.boundary),
        variances={
            f"{part.term} {part.row} x {part.column}": part.estimate
            for part in (one.components if one else ())
        },
        messages=one.messages if one else (),
    )
