"""Periods of a crossover trial: whole numbers, in one arm each, and in more than one order."""

from __future__ import annotations

from collections.abc import Iterator

from howlow.config.study import Participants
from howlow.data.categories import first_rows
from howlow.data.cells import cell_shown
from howlow.data.tidy import SHOWN, Tidy, tell
from howlow.findings import Finding


def period_faults(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K04, K06 and K13: faults of the periods of a crossover trial; all of them are errors."""
    if study.columns.period is None or not len(tidy.rows):
        return
    told = list(_no_periods(tidy, study))
    yield from told
    if not told:
        yield from _several_arms(tidy, study)
        yield from _one_order(tidy, study)


def _no_periods(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K04: cells that are no number of a period, and rows of no arm."""
    rows, name = tidy.rows, str(study.columns.period)
    for word in rows["period"].cat.categories:
        if not (word.isascii() and word.isdigit() and word[0] != "0"):
            mine = rows[rows["period"] == word]
            found = f"{cell_shown(word)} is no period" if word else "no period"
            action = "Write 1 for the first, 2 for the second, and so on, in every row"
            if len(mine):
                yield tell(study, "K04", "error", mine, name, found, action)
    without = rows[rows["arm"] == ""]
    if len(without):
        action = "Fill in the arm of the participant in that period"
        yield tell(study, "K04", "error", without, study.columns.arm, "no arm", action)


def _several_arms(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K06: a participant whose rows of one period are in several arms."""
    rows = tidy.rows
    first = rows.iloc[first_rows(rows, ("participant", "period", "arm"))]
    first = first[(first["participant"] != "") & first["arm"].isin(list(study.arms))]
    several = first[first.duplicated(["participant", "period"], keep=False)]
    groups = several.groupby(["participant", "period"], observed=True, sort=False)
    for (participant, period), arms in list(groups)[:SHOWN]:
        listed = " and ".join(arms["arm"].astype("str"))
        found = f"participant {participant} is in {listed} in period {period}"
        action = "Correct it: a participant is in one arm in each period"
        yield tell(study, "K06", "error", arms.iloc[1:2], study.columns.arm, found, action)


def _one_order(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K13: everybody took the arms in one order, so that arm and period say the same."""
    rows = tidy.rows
    pairs = rows.iloc[first_rows(rows, ("arm", "period"))]
    pairs = pairs[pairs["arm"].isin(list(study.arms))]
    arms, periods = pairs["arm"].nunique(), pairs["period"].nunique()
    if arms > 1 and len(pairs) == arms == periods:
        found = "everybody took the arms in the same order: arm and period say the same"
        action = "What the arm did cannot be told from what time did; check the column of periods"
        name = str(study.columns.period)
        yield tell(study, "K13", "error", pairs.iloc[:1], name, found, action)
