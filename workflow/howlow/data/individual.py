"""Participants' measurements from the cleaned tables of a study, checked against study.yaml."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from howlow.config.schema import unknown
from howlow.config.study import Participants, baseline_visits
from howlow.data.cleaning import clean, numbers
from howlow.data.measurements import MEASUREMENT_COLUMNS, PARTICIPANT_COLUMNS
from howlow.data.tables import LINE, read_raw
from howlow.errors import InputError
from howlow.findings import Finding, Severity

if TYPE_CHECKING:
    import pandas as pd

#: The file a row came from travels with it under this name, as its line does.
FILE = "__file__"

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
    faults: list[Finding] = []
    unread = 0
    for table, path in zip(study.tables, files, strict=True):
        shown = path.as_posix()
        try:
            part = _tidy(clean(read_raw(path, table).frame, table, shown).frame, study, shown)
        except InputError as error:
            faults.extend(error.findings)
            unread += 1
            continue
        faults.extend(_faults(part, study))
        parts.append(part)
    if parts:
        rows = pd.concat(parts, ignore_index=True)
        faults.extend(_changes_within_people(rows, study))
        if not unread:
            faults.extend(_empty(rows, study, needed=True))
    if faults:
        raise InputError(faults)
    findings = [*_empty(rows, study, needed=False), *_notes(rows, study)]
    long = rows[rows["value"].notna()]
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
    tidy[FILE] = shown
    return tidy


def _faults(tidy: pd.DataFrame, study: Participants) -> list[Finding]:
    """What makes a table unfit: unknown words, lost ids, values out of range, rows given twice."""
    faults: list[Finding] = []
    for _, row in tidy[tidy["participant"] == ""].iterrows():
        faults.append(_fault(study, "K03", row, "participant", "no participant", "Fill in the id"))
    for column, names in _known(study).items():
        strangers = tidy[~tidy[column].isin(list(names))].drop_duplicates(column)
        for _, row in strangers.iterrows():
            found, action = f"'{row[column]}' is no {column}", unknown(row[column], names)
            faults.append(_fault(study, "K04", row, column, found, action))
    for name, outcome in study.outcomes.items():
        if outcome.range is None:
            continue
        low, high = outcome.range
        outside = (tidy["outcome"] == name) & ((tidy["value"] < low) | (tidy["value"] > high))
        for _, row in tidy[outside].iterrows():
            found = f"{row['value']:g} {outcome.unit} is outside {low:g} to {high:g}"
            action = "Correct the value, or `range` if it is right"
            faults.append(_fault(study, "C08", row, name, found, action))
    key = ["participant", "limb", "visit", "outcome"]
    twice = tidy[tidy.duplicated(key, keep=False)]
    for _, rows in twice.groupby(key, sort=False):
        lines = ", ".join(str(line) for line in rows[LINE])
        row = rows.iloc[0]
        found = f"{row['participant']}, {row['visit']}, {row['outcome']} stands on lines {lines}"
        action = "Keep one, or declare a `combine` step or the limb"
        faults.append(_fault(study, "K01", row, "participant", found, action))
    return faults


def _fault(
    study: Participants, code: str, row: pd.Series, column: str, found: str, action: str
) -> Finding:
    """An error at the line that a row came from."""
    return Finding(code, "error", row[FILE], int(row[LINE]), column, found, action, study.id)


def _known(study: Participants) -> dict[str, Collection[str]]:
    """The words that study.yaml declares for each column."""
    return {"arm": study.arms, "visit": study.visits, "outcome": study.outcomes}


def _changes_within_people(rows: pd.DataFrame, study: Participants) -> list[Finding]:
    """People whose arm, sex or age is not the same in all rows of all tables."""
    faults: list[Finding] = []
    fixed = {
        "sex": ("K09", "Correct it: one sex for each participant"),
        "age": ("K09", "Give the age at baseline in every row"),
    }
    if study.design not in ("within_participant", "crossover"):
        action = "Correct it, or declare design: within_participant or crossover"
        fixed["arm"] = ("K06", action)
    for column, (code, action) in fixed.items():
        # What is empty is not known, and an arm that is not declared is a fault of its own.
        said = rows[rows["participant"] != ""]
        said = said[said["arm"].isin(list(study.arms)) if column == "arm" else said[column] != ""]
        pairs = said.drop_duplicates(["participant", column])
        for person, different in pairs.groupby("participant"):
            if len(different) > 1:
                words = f"participant {person} is in {len(different)} arms"
                if column != "arm":
                    values = " and ".join(different[column])
                    words = f"the {column} of participant {person} changes: {values}"
                # The first row is the one that the others differ from.
                faults.append(_fault(study, code, different.iloc[1], column, words, action))
    return faults


def _empty(rows: pd.DataFrame, study: Participants, *, needed: bool) -> list[Finding]:
    """Declared arms, visits and outcomes without a row: faults if needed, else what is to be said.

    A visit is needed if it is the baseline, or one at which arms are compared.
    """
    needed_visits = {*baseline_visits(study), *study.at}
    severity: Severity = "error" if needed else "warning"
    file = ", ".join(dict.fromkeys(rows[FILE])) if needed else rows[FILE].iloc[0]
    found: list[Finding] = []
    for column, names in _known(study).items():
        if not set(rows[column]) <= set(names):
            continue  # a word that is not known may stand for the one that seems to be absent
        for name in names:
            is_needed = column != "visit" or name in needed_visits
            if is_needed is needed and name not in set(rows[column]):
                words = f"no row has the {column} '{name}'"
                action = f"Add its rows, or remove it from `{column}s` in study.yaml"
                found.append(Finding("K12", severity, file, 0, column, words, action, study.id))
    return found


def _notes(rows: pd.DataFrame, study: Participants) -> list[Finding]:
    """What a reader must know though the tables are fit: values and visits that are missing."""
    action = "Models that need both visits leave them out; see n beside each estimate"
    notes: list[Finding] = []
    for name in study.outcomes:
        part = rows[rows["outcome"] == name]
        notes += [
            Finding("K07", "warning", part[FILE].iloc[0], 0, name, found, action, study.id)
            for found in (*_without_both(part, rows, study), *_lost_elsewhere(part, study))
        ]
    return notes


def _lost_elsewhere(part: pd.DataFrame, study: Participants) -> Iterator[str]:
    """How many cells of an outcome are empty at visits that are not compared."""
    others = part[~part["visit"].isin([*baseline_visits(study), *study.at])]
    lost = others["value"].isna()
    if lost.any():
        people = others.loc[lost, "participant"].nunique()
        yield (
            f"{lost.sum()} of {len(others)} values at other visits are missing, "
            f"from {people} participants"
        )


def _without_both(part: pd.DataFrame, rows: pd.DataFrame, study: Participants) -> Iterator[str]:
    """How many of an outcome's people lack baseline or a visit, for each visit that is compared.

    A row that is not there counts as a cell that is empty. With limbs, a person lacks what one of
    the limbs lacks.
    """
    key = ["participant", "limb"]
    limbs = rows[key].drop_duplicates()
    limbs = limbs[limbs["participant"].isin(part["participant"])]
    there = part[part["value"].notna()]
    start = baseline_visits(study)[0]
    # Of several visits an outcome may be measured at some only; at none is told.
    visits = [visit for visit in study.at if visit in set(there["visit"])] or study.at
    for visit in visits:
        both = there[there["visit"].isin([start, visit])].groupby(key)["visit"].nunique()
        complete = limbs.set_index(key).index.isin(both.index[both == len({start, visit})])
        lacking = limbs.loc[~complete, "participant"].nunique()
        if lacking:
            people = limbs["participant"].nunique()
            yield f"without a value at {start} or {visit}: {lacking} of {people} participants"


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
