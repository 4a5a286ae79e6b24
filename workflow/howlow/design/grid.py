"""Reference grids from a design: every combination of factor levels, covariates at given values."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from howlow.model.errors import ModelError
from howlow.model.marginal_means import ReferenceGrid

from .matrix import Design

if TYPE_CHECKING:
    import pandas as pd


def reference_grid(
    design: Design, frame: pd.DataFrame, at: Mapping[str, float] | None = None
) -> ReferenceGrid:
    """Return the reference grid of a design.

    Parameters
    ----------
    design
        The design, which declares the factors and their levels.
    frame
        The rows that the design was built from, for counts and covariate means.
    at
        Values of covariates; those left out stand at their mean.

    Raises
    ------
    ModelError
        If a value is given for something that is not a covariate of the design.
    """
    import pandas as pd

    used = design.effects.columns()
    factors = {
        name: design.effects.factors[name] for name in used if name in design.effects.factors
    }
    covariates = [name for name in used if name not in factors]
    values = dict(at or {})
    unknown = sorted(set(values) - set(covariates))
    if unknown:
        raise ModelError(f"{unknown} are not covariates of the model; it has {covariates}")
    combinations = list(product(*(factor.levels for factor in factors.values())))
    grid = pd.DataFrame(combinations, columns=list(factors)) if factors else pd.DataFrame(index=[0])
    for name in covariates:
        grid[name] = float(values.get(name, frame[name].mean()))
    number = np.zeros(len(frame), dtype=np.intp)
    for name, factor in factors.items():
        place = {level: k for k, level in enumerate(factor.levels)}
        codes = np.array([place[value] for value in frame[name].astype(str)])
        number = number * len(factor.levels) + codes
    counts = np.bincount(number, minlength=len(grid)).astype(float)
    levels = tuple(factor.levels for factor in factors.values())
    return ReferenceGrid(tuple(factors), levels, design.rows(grid), counts)
