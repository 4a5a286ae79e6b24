"""The flow of participants through one study: who was there, who was measured, who left and why.

flow.csv is one long table; the cells that are filled say what a row is about.

====== ======= ========= ======= ===========================================================
`arm`  `visit` `outcome` `reason` the row tells
====== ======= ========= ======= ===========================================================
filled empty   empty     empty   the arm as a whole: planned, people, measured at any visit
filled filled  empty     empty   the arm at a visit: measured in any outcome
filled filled  filled    empty   the arm at a visit in an outcome (missingness)
filled empty   empty     filled  how many of the arm left for that reason
====== ======= ========= ======= ===========================================================

- `study`: the study's id. `arm`: an arm of study.yaml in its order, `masked` (one set of rows for
  everybody) while the study is ongoing, or `not allocated` for people of a roster without an arm.
- `visit`, `outcome`: names of study.yaml in its order, without visits that repeat another; an
  outcome has rows at the visits at which somebody has a value or an empty cell.
- `planned`: participants planned for the arm, in rows of the arm as a whole; empty if not declared.
- `people`: participants of the arm, those without any value among them. Where limbs were
  randomised, one person is in several arms and counts once in each.
- `measured`: people with a value; where limbs were randomised, with a value in a limb of the arm.
- `missing`: people less measured.
- `left`: in rows of a visit, people without a value of any outcome at this and every later visit
  (by `week`) at which anybody of the arm was measured; in rows of the arm as a whole, people with
  a reason for leaving, or, where reasons are not in the data, those who left before the last
  visit; in rows of a reason, how many named it.
- `reason`: reasons that fewer people of the arm than `privacy.small_cell` named are put together as
  `other reasons`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from howlow.config.study import Participants
from howlow.data.categories import first_rows, places, rows_of
from howlow.data.flow_rows import MASKED, NOT_ALLOCATED
from howlow.data.tidy import Tidy

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

#: Columns of flow.csv, in this order; part of the public interface.
FLOW_COLUMNS = (
    "study",
    "arm",
    "visit",
    "outcome",
    "reason",
    "planned",
    "people",
    "measured",
    "missing",
    "left",
)


def no_flow() -> pd.DataFrame:
    """The table of a collection of published trials, which has no participants."""
    import pandas as pd

    return pd.DataFrame(columns=list(FLOW_COLUMNS))


def flow_table(
    tidy: Tidy, study: Participants, people: pd.DataFrame, small_cell: int
) -> pd.DataFrame:
    """The flow of a study's participants; `people` has participant, arm, left and reason_left."""
    import numpy as np
    import pandas as pd

    rows, visits = tidy.rows, _visits(study)
    # One number for each person and visit.
    cell = places(rows["participant"], list(people["participant"])) * len(visits)
    visit = places(rows["visit"], visits)
    cell += visit
    shape = (len(people), len(visits))
    of_outcome = {
        outcome: at[visit[at] >= 0]
        for outcome, at in rows_of(rows["outcome"], list(study.outcomes)).items()
    }
    there = {
        outcome: np.bincount(visit[at], minlength=len(visits)) > 0
        for outcome, at in of_outcome.items()
    }
    valued = rows["value"].notna().to_numpy()

    def with_a_value(mine: NDArray[np.bool_]) -> dict[str, NDArray[np.bool_]]:
        """Who has a value when, of each outcome, in some of the rows."""
        grids = {}
        for outcome, at in of_outcome.items():
            grid = np.zeros(len(people) * len(visits), dtype=bool)
            grid[cell[at[mine[at]]]] = True
            grids[outcome] = grid.reshape(shape)
        return grids

    arms = _members(rows, study, people)
    several = study.design in ("within_participant", "crossover") and MASKED not in arms
    said = people.loc[people["reason_left"] != "", "reason_left"]
    whole = {} if several else with_a_value(valued)
    made: list[dict[str, object]] = []
    for arm, members in arms.items():
        found = with_a_value(valued & (rows["arm"] == arm).to_numpy()) if several else whole
        grids = {outcome: grid[members] for outcome, grid in found.items()}
        measured = np.logical_or.reduce(list(grids.values()))
        gone = _gone(measured, study)
        row: dict[str, object] = dict.fromkeys(FLOW_COLUMNS, "")
        row |= {"study": study.id, "arm": arm, "people": len(members)}
        reasons = _grouped(said[said.index.isin(members)], small_cell)
        left = len(reasons) if study.columns.reason_left else int(gone.max(initial=0))
        everyone = _count(measured.any(axis=1))
        made.append({**row, **everyone, "planned": _planned(study, arm), "left": left})
        for at, name in enumerate(visits if arm != NOT_ALLOCATED else []):
            told = {**row, "visit": name, "left": int(gone[at])}
            made.append({**told, **_count(measured[:, at])})
            made += [
                {**told, "outcome": outcome, **_count(grid[:, at])}
                for outcome, grid in grids.items()
                if there[outcome][at]
            ]
        nothing = {"people": "", "measured": "", "missing": ""}
        for reason, number in reasons.value_counts().sort_index().items():
            made.append({**row, **nothing, "reason": reason, "left": number})
    return pd.DataFrame(made, columns=list(FLOW_COLUMNS))


def _visits(study: Participants) -> list[str]:
    """The visits, but for those that measure the baseline again, to which not all may come."""
    return [name for name, visit in study.visits.items() if visit.repeats is None]


def _members(
    rows: pd.DataFrame, study: Participants, people: pd.DataFrame
) -> dict[str, NDArray[np.int64]]:
    """The places of who is in each arm; a person whose limbs were randomised is in several."""
    import numpy as np

    everybody = np.arange(len(people))
    if study.status == "ongoing":
        return {MASKED: everybody}
    names = people["participant"]
    if study.design in ("within_participant", "crossover"):
        first = rows.iloc[first_rows(rows, ("participant", "arm"))]
        of_arm = {
            arm: np.flatnonzero(names.isin(list(first.loc[first["arm"] == arm, "participant"])))
            for arm in study.arms
        }
    else:
        of_arm = {arm: np.flatnonzero(people["arm"] == arm) for arm in study.arms}
    others = np.setdiff1d(everybody, np.concatenate(list(of_arm.values())))
    return of_arm | ({NOT_ALLOCATED: others} if len(others) else {})


def _count(measured: NDArray[np.bool_]) -> dict[str, int]:
    """How many of an arm's people have a value, and how many have none."""
    number = int(measured.sum())
    return {"measured": number, "missing": len(measured) - number}


def _gone(measured: NDArray[np.bool_], study: Participants) -> NDArray[np.int64]:
    """How many have no value at a visit or any later one, for each visit."""
    import numpy as np

    weeks = np.array([study.visits[name].week for name in _visits(study)])
    # A visit at which nobody of the arm was measured was not held for it: nobody left there.
    held = measured.any(axis=0)
    last = weeks[held].max(initial=weeks.min())
    later = [held & (weeks >= min(week, last)) for week in weeks]
    return np.array([(~measured[:, these].any(axis=1)).sum() for these in later])


def _planned(study: Participants, arm: str) -> int | str:
    """Participants planned for an arm, or for all of them while they are masked."""
    declared = [found.planned for found in study.arms.values()]
    if arm == MASKED:
        total = 0
        for number in declared:
            if number is None:
                return ""
            total += number
        return total
    planned = study.arms[arm].planned if arm in study.arms else None
    return "" if planned is None else planned


def _grouped(reasons: pd.Series, small_cell: int) -> pd.Series:
    """Reasons for leaving, those that few people gave put together."""
    plain = reasons.astype("str").str.strip().str.casefold()
    counts = plain.value_counts()
    rare = counts.index[counts < small_cell]
    return plain.where(~plain.isin(list(rare)), "other reasons")
