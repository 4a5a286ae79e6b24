"""The `look_up` step: what a table of participants says, brought to each row of a participant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from howlow.config.schema import did_you_mean
from howlow.config.steps import LookUp
from howlow.data.cells import Said, cell_shown, lines_of, plain, tell
from howlow.data.tables import LINE
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd


def look_up(
    frame: pd.DataFrame,
    step: LookUp,
    shown: str,
    people: Mapping[str, pd.DataFrame],
    participant: str,
) -> tuple[pd.DataFrame, list[Finding]]:
    """The rows with columns of a table of participants brought over, and what was noticed.

    `people` holds the cleaned tables of participants by name; their ids are in the column
    `participant`, or where there is none, in one called as the step's `on`. Where the table or a
    column of it is not there, no row is left.
    """
    table = people.get(step.table)
    if table is None:
        found = f"the table of participants '{step.table}' could not be read"
        action = "Mend the faults told of that table first"
        return frame.iloc[:0], [Finding("G14", "error", shown, 0, step.on, found, action)]
    there = [str(name) for name in table.columns if name != LINE]
    key = participant if participant in there else step.on
    faults = [
        Finding(
            "G01",
            "error",
            shown,
            1,
            name,
            f"the table '{step.table}' has no column '{name}'",
            f"{did_you_mean(name, there)}Columns: {', '.join(there[:12])}",
        )
        for name in dict.fromkeys((key, *step.take))
        if name not in there
    ]
    if faults:
        return frame.iloc[:0], faults
    faults = _twice(table, key, step, shown) + _not_there(frame, table, key, step, shown)
    rows = table[table[key] != ""].drop_duplicates(key).set_index(key)
    brought = {name: frame[step.on].map(rows[name]).fillna("").astype("str") for name in step.take}
    return frame.assign(**brought), faults


def _twice(table: pd.DataFrame, key: str, step: LookUp, shown: str) -> list[Finding]:
    """Participants with several rows in the table that is looked up."""
    twice = table[(table[key] != "") & table.duplicated(key, keep=False)]
    return tell(
        lines_of(twice, key),
        lambda cell: Said(
            "K01",
            f"participant {cell_shown(cell)} has several rows in the table '{step.table}'",
            "Keep one: a row of that table is a person. Lines are those of that table",
        ),
        shown,
        key,
    )


def _not_there(
    frame: pd.DataFrame, table: pd.DataFrame, key: str, step: LookUp, shown: str
) -> list[Finding]:
    """Participants that the table that is looked up does not hold."""
    ids = list(table[key].unique())
    looks = {plain(word): word for word in ids}
    lost = frame[(frame[step.on] != "") & ~frame[step.on].isin(ids)]

    def say(cell: str) -> Said:
        found = f"participant {cell_shown(cell)} is not in the table '{step.table}'"
        if plain(cell) in looks:
            action = f"Write one id in one way: {cell_shown(looks[plain(cell)])} stands there"
            return Said("K02", found, action)
        return Said("K03", found, "Add the participant there, or remove the row")

    return tell(lines_of(lost, step.on), say, shown, step.on)
