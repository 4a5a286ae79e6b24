"""Estimated marginal means and contrasts of them (Searle, Speed & Milliken 1980; Lenth 2016).

A reference grid holds one design row for every combination of factor levels, with covariates at
declared values. A marginal mean averages the rows of the grid that share its levels, with equal
weights or in proportion to how often the combinations averaged over occur in the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np

from .arrays import Floats
from .contrasts import Coefficients
from .effects import Contrast, Inference
from .errors import ModelError


@dataclass(frozen=True)
class ReferenceGrid:
    """All combinations of factor levels, the last factor varying fastest.

    Attributes
    ----------
    factors
        Names of the factors.
    levels
        Levels of each factor, in order.
    rows
        Design rows, shape (combinations, p).
    counts
        How often each combination occurs in the data, shape (combinations,).
    """

    factors: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    rows: Floats
    counts: Floats

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the number of levels of each factor."""
        return tuple(len(levels) for levels in self.levels)


@dataclass(frozen=True)
class MarginalMeans:
    """Linear functions of the fixed effects that are marginal means.

    Attributes
    ----------
    over
        The factors that the means are for.
    combinations
        The levels of each mean, the last factor varying fastest.
    L
        Rows, shape (means, p).
    """

    over: tuple[str, ...]
    combinations: tuple[tuple[str, ...], ...]
    L: Floats

    @property
    def labels(self) -> tuple[str, ...]:
        """Return one label a mean."""
        return tuple(", ".join(levels) for levels in self.combinations)

    def estimate(self, inference: Inference, level: float = 0.95) -> Contrast:
        """Estimate the means themselves."""
        return inference.contrast(self.L, level, self.labels)

    def contrast(
        self,
        inference: Inference,
        coefficients: Coefficients,
        by: Sequence[str] = (),
        level: float = 0.95,
    ) -> Contrast:
        """Estimate contrasts of the means.

        Parameters
        ----------
        inference
            A fit with its method.
        coefficients
            Contrasts over the means in their order, or, with ``by``, over those of each stratum.
        by
            Factors within whose levels the contrasts are taken.
        level
            Confidence of the intervals.
        """
        rows, labels = [], []
        for stratum, places in self._strata(tuple(by)):
            part = self.L[places]
            if coefficients.matrix.shape[1] != len(part):
                raise ModelError(
                    f"contrasts over {coefficients.matrix.shape[1]} means, not {len(part)}"
                )
            rows.append(coefficients.matrix @ part)
            suffix = f" at {', '.join(stratum)}" if stratum else ""
            labels += [label + suffix for label in coefficients.labels]
        return inference.contrast(np.vstack(rows), level, tuple(labels))

    def _strata(self, by: tuple[str, ...]) -> list[tuple[tuple[str, ...], list[int]]]:
        """Return each combination of levels of ``by`` with the places of its means."""
        absent = [name for name in by if name not in self.over]
        if absent:
            raise ModelError(f"{absent} are not among the factors {self.over} of the means")
        index = [self.over.index(name) for name in by]
        strata: dict[tuple[str, ...], list[int]] = {}
        for place, levels in enumerate(self.combinations):
            strata.setdefault(tuple(levels[k] for k in index), []).append(place)
        return list(strata.items())


def marginal_means(
    grid: ReferenceGrid,
    over: Sequence[str],
    weights: Literal["equal", "proportional"] = "equal",
) -> MarginalMeans:
    """Return the marginal means for every combination of levels of some factors.

    Parameters
    ----------
    grid
        The reference grid.
    over
        The factors that the means are for; all others are averaged over.
    weights
        ``equal``, or ``proportional`` to the counts of the combinations averaged over.

    Raises
    ------
    ModelError
        If a factor is not in the grid.
    """
    absent = [name for name in over if name not in grid.factors]
    if absent:
        raise ModelError(f"{absent} are not among the factors {grid.factors} of the grid")
    kept = [grid.factors.index(name) for name in over]
    rest = [k for k in range(len(grid.factors)) if k not in kept]
    rows = grid.rows.reshape(*grid.shape, -1).transpose(*kept, *rest, len(grid.factors))
    means = int(np.prod([grid.shape[k] for k in kept], initial=1))
    rows = rows.reshape(means, -1, grid.rows.shape[1])
    share = np.full(rows.shape[1], 1 / rows.shape[1])
    if weights == "proportional":
        counts = grid.counts.reshape(grid.shape).transpose(*kept, *rest).reshape(means, -1)
        share = counts.sum(axis=0) / counts.sum()
    combinations = tuple(product(*(grid.levels[k] for k in kept)))
    return MarginalMeans(tuple(over), combinations, np.tensordot(rows, share, ([1], [0])))
