"""A whole mixed model from named columns: outcome, mean, random terms, residual, weights.

    ModelDescription(
        outcome="load",
        mean=FixedEffects((("time",), ("sets",), ("time", "sets")), factors),
        random=(RandomColumns(("participant", "limb")), RandomColumns(("participant",))),
    )

A grouping of several columns is their combination, so that limb "L" of one participant is not limb
"L" of another: ("participant", "limb") is a limb within a participant, to any depth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from howlow.model.arrays import Floats
from howlow.model.errors import ModelError
from howlow.model.specification import MixedModel, RandomTerm, Residual

from .matrix import Design, FixedEffects, build_design

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class RandomColumns:
    """Random effects by names.

    Parameters
    ----------
    group
        Columns whose combination is the grouping.
    covariates
        Numeric columns with random slopes; two-level factors count as 0 and 1.
    intercept, correlated
        Whether there is a random intercept, and whether the effects covary.
    """

    group: tuple[str, ...]
    covariates: tuple[str, ...] = ()
    intercept: bool = True
    correlated: bool = True

    @property
    def label(self) -> str:
        """Return the name of the grouping."""
        return ":".join(self.group)


@dataclass(frozen=True)
class ResidualColumns:
    """A residual covariance by names; see `howlow.model.Residual` for the kinds."""

    kind: str = "independent"
    visit: str | None = None
    subject: str | None = None
    by: str | None = None


@dataclass(frozen=True)
class ModelDescription:
    """A mixed model by names of columns; ``weights`` may name a column of weights."""

    outcome: str
    mean: FixedEffects
    random: tuple[RandomColumns, ...] = ()
    residual: ResidualColumns = ResidualColumns()
    weights: str | None = None


@dataclass(frozen=True)
class DescribedModel:
    """A model ready to fit, its design, and the rows that it uses.

    ``frame`` holds the rows with an outcome, ``left_out`` the number without one.
    """

    model: MixedModel
    design: Design
    frame: pd.DataFrame
    left_out: int


def build_model(frame: pd.DataFrame, description: ModelDescription) -> DescribedModel:
    """Return the model that a description makes of a frame.

    Parameters
    ----------
    frame
        One row a measurement; rows without an outcome are left out and counted.
    description
        The model.

    Raises
    ------
    ModelError
        If a column is absent or cannot play its part.
    """
    residual = description.residual
    named = [description.outcome, residual.visit, residual.subject, residual.by]
    named += [description.weights, *(name for term in description.random for name in term.group)]
    absent = [name for name in named if name is not None and name not in frame.columns]
    if absent:
        raise ModelError(f"columns {absent} are not in the data, which has {list(frame.columns)}")
    seen = frame[description.outcome].notna().to_numpy()
    used = frame.loc[seen].reset_index(drop=True)
    design = build_design(used, description.mean)
    model = MixedModel(
        used[description.outcome].to_numpy(dtype=float),
        design.X,
        design.names,
        [_random_term(used, description.mean, term) for term in description.random],
        _residual(used, description.mean, residual),
        None if description.weights is None else used[description.weights].to_numpy(dtype=float),
    )
    return DescribedModel(model, design, used, int((~seen).sum()))


def _random_term(frame: pd.DataFrame, mean: FixedEffects, term: RandomColumns) -> RandomTerm:
    """Return a random term from its columns."""
    columns: list[Floats] = [np.ones(len(frame))] if term.intercept else []
    columns += [_covariate(frame, mean, name) for name in term.covariates]
    names = (*(("(Intercept)",) if term.intercept else ()), *term.covariates)
    group = frame[term.group[0]].astype(str)
    for name in term.group[1:]:
        group = group + ":" + frame[name].astype(str)
    return RandomTerm(
        np.column_stack(columns), group.to_numpy(), names, term.correlated, term.label
    )


def _covariate(frame: pd.DataFrame, mean: FixedEffects, name: str) -> Floats:
    """Return a covariate of a random slope as numbers."""
    if name not in frame.columns:
        raise ModelError(f"column {name!r} of a random slope is not in the data")
    factor = mean.factors.get(name)
    if factor is None:
        return np.asarray(frame[name], dtype=float)
    if len(factor.levels) != 2:
        raise ModelError(f"factor {name!r} has {len(factor.levels)} levels: no single slope")
    return np.asarray(frame[name].astype(str) == factor.coded[1], dtype=float)


def _residual(frame: pd.DataFrame, mean: FixedEffects, columns: ResidualColumns) -> Residual:
    """Return a residual covariance from its columns, visits in the declared order."""

    def values(name: str | None) -> Any:
        """Return a column, if one is named."""
        return None if name is None else frame[name].to_numpy()

    levels = None
    visit = values(columns.visit)
    if columns.visit is not None and columns.visit in mean.factors:
        levels = mean.factors[columns.visit].levels
        visit = frame[columns.visit].astype(str).to_numpy()
    return Residual(columns.kind, visit, values(columns.subject), values(columns.by), levels)
