"""From the tidy tables to a cohort's arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.cohort import Cohort
from howlow.config.trial import COVARIATE_COLUMNS, OLDER_FROM, YOUNG_UNDER
from howlow.data.declaration import Declaration

if TYPE_CHECKING:
    import pandas as pd

    from howlow.analysis.fitting.cohort import Positions, Vector

#: Two-valued covariates: the value that counts 1.
_ONE = {"sex": "M", "training": "trained"}


def cohort_of(
    trial: Declaration,
    rows: pd.DataFrame,
    visits: Sequence[str],
    people: pd.DataFrame | None = None,
) -> Cohort:
    """The measurements of one outcome at the named visits, the baseline first, as a cohort.

    Parameters
    ----------
    trial
        Arms come in its order, never in that of the rows.
    rows
        Measurements of one outcome in one reading, with the columns of `howlow.data.measurements`.
    visits
        Those wanted, in order; the first is the baseline. Visits without rows are left out.
    people
        The participants of the study, for covariates.
    """
    there = set(rows["visit"])
    names = tuple(name for name in visits if name in there)
    kept = rows[rows["visit"].isin(names) & rows["value"].notna()]
    arms = tuple(arm for arm in trial.arms if arm in set(kept["arm"]))
    ids, participant = np.unique(kept["participant"].to_numpy(dtype=str), return_inverse=True)
    return Cohort(
        arms=arms,
        visits=names,
        weeks=np.array([trial.weeks.get(name, np.nan) for name in names]),
        participant=participant,
        limb=_limbs(kept, participant),
        arm=_positions(kept["arm"], arms),
        visit=_positions(kept["visit"], names),
        values=kept["value"].to_numpy(dtype=float)[None],
        covariates={} if people is None else _covariates(trial, people, ids),
        period=kept["period"].to_numpy(dtype=int) - 1 if trial.design == "crossover" else None,
    )


def _positions(column: pd.Series, names: Sequence[str]) -> Positions:
    """Each word's place among the names."""
    place = {name: position for position, name in enumerate(names)}
    return np.array([place[word] for word in column], dtype=np.intp)


def _limbs(rows: pd.DataFrame, participant: Positions) -> Positions:
    """Number of each row's limb within its participant, in order of the limbs' names."""
    names, number = np.unique(rows["limb"].to_numpy(dtype=str), return_inverse=True)
    there = np.zeros((int(participant.max(initial=0)) + 1, len(names)), dtype=np.intp)
    there[participant, number] = 1
    before = np.cumsum(there, axis=1) - 1
    found: Positions = before[participant, number]
    return found


def _covariates(trial: Declaration, people: pd.DataFrame, ids: Positions) -> dict[str, Vector]:
    """What the study adjusts for or asks about, as numbers, one a participant."""
    import pandas as pd

    wanted = dict.fromkeys((*trial.covariates, *trial.moderators))
    known = people.set_index("participant").reindex(ids)
    found = {}
    for name in wanted:
        column = known[COVARIATE_COLUMNS.get(name, name)]
        if name == "age_group":
            age = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
            between = np.where(age >= OLDER_FROM, 1.0, np.nan)
            found[name] = np.where(age < YOUNG_UNDER, 0.0, between)
        elif name in _ONE:
            found[name] = np.where(
                column.isna() | (column == ""), np.nan, (column == _ONE[name]).astype(float)
            )
        else:
            found[name] = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    return found
