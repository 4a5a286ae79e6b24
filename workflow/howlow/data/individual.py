"""Participants' measurements from the cleaned tables of a study, checked against study.yaml."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from howlow.config.findings import Finding
from howlow.config.schema import unknown
from howlow.config.study import Participants
from howlow.data.cleaning import clean, numbers
from howlow.data.measurements import MEASUREMENT_COLUMNS, PARTICIPANT_COLUMNS
from howlow.data.tables import LINE, read_raw
from howlow.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

#: Fewest participants an arm needs before an interval is given at all.
FEWEST = 3


def measure(
    study: Participants, files: list[Path]
) -> tuple[pd.DataFrame, pd.DataFrame, list[Finding]]:
    """Participants, measurements and findings of a study whose raw tables are at hand.

    `files` holds the path of each table in `study.tables`, in that order.

    Raises
    ------
    InputError
        With every fault of every table.
    """
    import pandas as pd

    parts: list[pd.DataFrame] = []
    findings: list[Finding] = []
    faults: list[Finding] = []
    for table, path in zip(study.tables, files, strict=True):
        shown = path.as_posix()
        try:
            frame = clean(read_raw(path, table), table, shown)
            part = _tidy(frame, study, shown)
        except InputError as error:
            faults.extend(error.findings)
            continue
        faults.extend(_faults(part, study, shown))
        findings.extend(_notes(part, study, shown))
        parts.append(part[part["value"].notna()])
    if faults:
        raise InputError(faults)
    long = pd.concat(parts, ignore_index=True)
    participants = _participants(long, study)
    if study.simulated:
        found = "the data are SIMULATED from a declared truth"
        findings.append(
            Finding(
                "SIMULATED", "note", files[0].as_posix(), 0, "", found, "Not evidence", study.id
            )
        )
    return participants, long[list(MEASUREMENT_COLUMNS)], findings


def _tidy(frame: pd.DataFrame, study: Participants, shown: str) -> pd.DataFrame:
    """The cleaned table under howlow's column names."""
    import pandas as pd

    columns = study.columns
    wanted = {
        "participant": columns.participant,
        "limb": columns.limb,
        "arm": columns.arm,
        "visit": columns.visit,
        "outcome": columns.outcome,
        "sex": columns.sex,
        "age": columns.age,
    }
    there = [column for column in frame.columns if column != LINE]
    # sex and age may stand in one table of several; the others are needed in each.
    missing = [
        name
        for key, name in {**wanted, "value": columns.value}.items()
        if name is not None and name not in there and key not in ("sex", "age")
    ]
    if missing:
        action = f"Name it under `columns:` or make it by a step. Columns: {', '.join(there[:12])}"
        raise InputError(
            [
                Finding("G01", "error", shown, 1, name, "there is no such column", action, study.id)
                for name in missing
            ]
        )
    tidy = pd.DataFrame({key: frame[name] if name in there else "" for key, name in wanted.items()})
    tidy["study"] = study.id
    tidy["quantity"] = "level"
    tidy["variant"] = ""
    tidy["value"] = numbers(frame, columns.value, shown)
    tidy["unit"] = tidy["outcome"].map({name: found.unit for name, found in study.outcomes.items()})
    tidy[LINE] = frame[LINE].astype(int)
    return tidy


def _faults(tidy: pd.DataFrame, study: Participants, shown: str) -> list[Finding]:
    """What makes a table unfit: unknown words, lost ids, values out of range, rows given twice."""
    faults: list[Finding] = []

    def fault(code: str, row: pd.Series, column: str, found: str, action: str) -> None:
        line = int(row[LINE])
        faults.append(Finding(code, "error", shown, line, column, found, action, study.id))

    for _, row in tidy[tidy["participant"] == ""].iterrows():
        fault("K03", row, "participant", "no participant", "Fill in the id")
    known: dict[str, Collection[str]] = {"arm": study.arms, "visit": study.visits, "outcome": study.outcomes}
    for column, names in known.items():
        strangers = tidy[~tidy[column].isin(list(names))].drop_duplicates(column)
        for _, row in strangers.iterrows():
            fault(
                "K04", row, column, f"'{row[column]}' is no {column}", unknown(row[column], names)
            )
    for name, outcome in study.outcomes.items():
        if outcome.range is None:
            continue
        low, high = outcome.range
        outside = (tidy["outcome"] == name) & ((tidy["value"] < low) | (tidy["value"] > high))
        for _, row in tidy[outside].iterrows():
            found = f"{row['value']:g} {outcome.unit} is outside {low:g} to {high:g}"
            fault("C08", row, name, found, "Correct the value, or `range` if it is right")
    key = ["participant", "limb", "visit", "outcome"]
    twice = tidy[tidy.duplicated(key, keep=False)]
    for _, rows in twice.groupby(key, sort=False):
        lines = ", ".join(str(line) for line in rows[LINE])
        row = rows.iloc[0]
        what = f"{row['participant']}, {row['visit']}, {row['outcome']} stands on lines {lines}"
        fault("K01", row, "participant", what, "Keep one, or declare a `larger` step or the limb")
    if study.design != "within_participant":
        arms = tidy.groupby("participant")["arm"].nunique()
        for person in arms[arms > 1].index:
            row = tidy[tidy["participant"] == person].iloc[0]
            found = f"participant {person} is in {arms[person]} arms"
            action = "Correct it, or declare design: within_participant or crossover"
            fault("K06", row, "arm", found, action)
    return faults


def _notes(tidy: pd.DataFrame, study: Participants, shown: str) -> list[Finding]:
    """What a reader must know though the table is fit: values and visits that are missing."""
    notes = []
    for name in study.outcomes:
        part = tidy[tidy["outcome"] == name]
        lost = int(part["value"].isna().sum())
        if lost:
            people = part.loc[part["value"].isna(), "participant"].nunique()
            found = f"{lost} of {len(part)} values are missing, from {people} participants"
            action = "Models that need both visits leave them out; see n beside each estimate"
            notes.append(Finding("K07", "warning", shown, 0, name, found, action, study.id))
    return notes


def _participants(long: pd.DataFrame, study: Participants) -> pd.DataFrame:
    """One row a participant; the arm is empty where each limb has its own."""
    import pandas as pd

    known = long.replace({"sex": {"": pd.NA}, "age": {"": pd.NA}})
    people = known.groupby("participant", sort=True).agg(
        arm=("arm", "first"), sex=("sex", "first"), age=("age", "first")
    )
    people = people.reset_index().assign(study=study.id).fillna("")
    if study.design == "within_participant":
        people["arm"] = ""
    return people[list(PARTICIPANT_COLUMNS)]
