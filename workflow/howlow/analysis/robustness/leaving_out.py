"""Leave each participant out in turn, in batches.

Participants of one arm who were seen at the same visits leave the same layout behind, and so can be
left out by one batched fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Cohort, Matrix, Positions


@dataclass(frozen=True)
class Rest:
    """Those who stay: response r of `cohort` is without participant `left_out[r]`."""

    left_out: Positions
    cohort: Cohort


def leave_each_out(cohort: Cohort, covariates: Sequence[str] = ()) -> Iterator[Rest]:
    """The cohort without each of its participants, those who are alike in one batch.

    Parameters
    ----------
    cohort
        One response.
    covariates
        Those of the model: participants must share them to be alike.
    """
    order = np.lexsort((cohort.visit, cohort.limb, cohort.participant))
    alike: dict[tuple[tuple[float, ...], ...], list[Positions]] = {}
    for rows in np.split(order, np.flatnonzero(np.diff(cohort.participant[order])) + 1):
        alike.setdefault(_layout(cohort, rows, covariates), []).append(rows)
    for group in alike.values():
        gone = cohort.participant[group[0][0]]
        rest = cohort.keep(cohort.participant != gone)
        # All share a layout, so the first one's values can take the place of any other's.
        values = np.repeat(cohort.values, len(group), axis=0)
        for response, rows in enumerate(group):
            values[response, rows] = cohort.values[0, group[0]]
        left_out = np.array([cohort.participant[rows[0]] for rows in group])
        yield Rest(left_out, rest.with_values(values[:, cohort.participant != gone]))


def _layout(
    cohort: Cohort, rows: Positions, covariates: Sequence[str]
) -> tuple[tuple[float, ...], ...]:
    """What has to agree for two participants' rows to change places."""
    person = cohort.participant[rows[0]]
    columns = [cohort.visit, cohort.limb, cohort.arm]
    columns += [] if cohort.period is None else [cohort.period]
    seen = tuple(tuple(column[rows].tolist()) for column in columns)
    return (*seen, tuple(float(cohort.covariates[name][person]) for name in covariates))


def jackknife_variance(estimates: Matrix) -> Matrix:
    """Jackknife variance of estimates without one participant each, over the first axis.

    Source: Efron & Stein 1981, Annals of Statistics 9:586.
    """
    n = len(estimates)
    found: Matrix = (n - 1) / n * ((estimates - estimates.mean(axis=0)) ** 2).sum(axis=0)
    return found
