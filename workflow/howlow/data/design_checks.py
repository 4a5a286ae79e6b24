"""Whether the tidy table is the trial that study.yaml declares: arms, visits and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from howlow.config.schema import did_you_mean
from howlow.config.study import Participants, baseline_visits
from howlow.data.calendar_checks import date_findings
from howlow.data.categories import first_rows, rows_of, used
from howlow.data.cells import FILE
from howlow.data.keys import known_words
from howlow.data.outcome_checks import Limbs, arm_word, outcome_findings, stops
from howlow.data.tidy import Tidy
from howlow.findings import Finding, Severity

if TYPE_CHECKING:
    import pandas as pd

#: Fewest participants an arm needs for a variance, and for an interval by normal theory.
FEWEST, FEW = 2, 5


def undeclared_columns(tidy: Tidy, study: Participants, there: set[str]) -> Iterator[Finding]:
    """G01: columns that `columns:` names and no table has."""
    optional = set(type(study.columns).model_fields) - {
        "participant",
        "visit",
        "outcome",
        "value",
        "limb",
        "period",
        "arm",
    }
    for key in sorted(optional):
        name = getattr(study.columns, key)
        if name is not None and name not in there:
            action = f"{did_you_mean(name, sorted(there))}Correct it, or remove it from `columns`"
            found = f"columns.{key}: no table has this column"
            yield Finding("G01", "error", _file(tidy, study), 1, name, found, action, study.id)


def design_findings(tidy: Tidy, study: Participants, people: pd.DataFrame) -> Iterator[Finding]:
    """Every finding about the design; what needs all tables is left out where one was not read.

    `people` has one row a participant with `arm`, as in participants.csv but not yet masked.
    """
    yield from date_findings(tidy, study)
    if tidy.unsure or not len(tidy.rows):
        return
    limbs = Limbs.made(tidy, study)
    yield from _empty(tidy, study)
    yield from _few_people(tidy, study, limbs, people)
    yield from _planned(tidy, study, people)
    yield from _aliased(tidy, study)
    yield from _without_measurement(tidy, study, people)
    needed = tidy.rows[["participant", "visit", "value", FILE]]
    for name, at in rows_of(tidy.rows["outcome"], list(study.outcomes)).items():
        if len(at):
            yield from outcome_findings(needed.iloc[at], limbs, study, name)


def _file(tidy: Tidy, study: Participants) -> str:
    """The files of the rows."""
    return ", ".join(tidy.rows[FILE].cat.categories) if len(tidy.rows) else study.tables[0].file


def _empty(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K10, K12: declared arms, visits and outcomes without a row.

    A visit is needed if it is the baseline, or one at which arms are compared.
    """
    # Periods of a crossover may do without a baseline: everyone is compared with themselves.
    needed = {*(baseline_visits(study) if study.design != "crossover" else ()), *study.at}
    for column, names in known_words(study).items():
        there = {str(word) for word in used(tidy.rows[column].array).categories}
        if column == "arm" and "arm" in tidy.said:
            there |= set(tidy.said["arm"]["arm"])
        if not there - {""} <= set(names):
            continue  # a word that is not known may stand for the one that seems to be absent
        absent = [name for name in names if name not in there]
        if column == "arm" and absent and len(names) - len(absent) == 1:
            found = (
                "all rows are in one arm"
                if study.status == "ongoing"
                else (f"all rows are in arm '{next(iter(there & set(names)))}'")
            )
            action = "Add the rows of the other arms; with one arm declare `design: single_arm`"
            yield Finding(
                "K10", stops(study), _file(tidy, study), 0, "arm", found, action, study.id
            )
            continue
        for name in absent:
            is_needed = column != "visit" or name in needed
            severity = stops(study) if is_needed else "warning"
            found = f"no row has the {column} '{name}'"
            if column == "arm" and study.status == "ongoing":
                found = "an arm has no row"
            action = f"Add its rows, or remove it from `{column}s` in study.yaml"
            file = _file(tidy, study)
            yield Finding("K12", severity, file, 0, column, found, action, study.id)


def _few_people(
    tidy: Tidy, study: Participants, limbs: Limbs, people: pd.DataFrame
) -> Iterator[Finding]:
    """K11: arms with too few people for a variance, or for an interval that can be relied on."""
    import numpy as np

    valued = np.zeros(len(limbs.frame), dtype=bool)
    valued[limbs.of[tidy.rows["value"].notna().to_numpy()]] = True
    measured = limbs.frame[valued]
    for arm in study.arms:
        number = measured.loc[measured["arm"] == arm, "participant"].nunique()
        if number == 0 or number >= FEW:
            continue
        which = arm_word(study, arm)
        one = number < FEWEST
        found = f"{which} has {number} participant{'' if one else 's'} with a value"
        severity: Severity = stops(study) if one else "warning"
        action = "Normal theory says little of so few: its intervals are not to be relied on"
        if one:
            action = f"An arm needs at least {FEWEST} to estimate anything; add them, or leave "
            action += "the arm out with a `filter` step"
        file = _file(tidy, study)
        yield Finding("K11", severity, file, 0, "arm", found, action, study.id)


def _planned(tidy: Tidy, study: Participants, people: pd.DataFrame) -> Iterator[Finding]:
    """K17: more or fewer people in an arm than planned."""
    for arm, declared in study.arms.items():
        if declared.planned is None:
            continue
        if study.design in ("within_participant", "crossover"):
            rows = tidy.rows[tidy.rows["arm"] == arm]
            number = rows["participant"].nunique()
        else:
            number = int((people["arm"] == arm).sum())
        if number == declared.planned:
            continue
        more = number > declared.planned
        found = f"{number} participants in {arm_word(study, arm)}, {declared.planned} planned"
        action = "Say why under `deviations` in study.yaml"
        if more:
            action = "Check it against the randomisation list, or correct `planned`"
        severity: Severity = stops(study) if more else "warning"
        file = _file(tidy, study)
        yield Finding("K17", severity, file, 0, "arm", found, action, study.id)


def _aliased(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K13: arms that cannot be told apart from the site, the assessor or the device."""
    arms_of = tidy.rows[["participant", "arm"]]
    for column in ("site", "assessor", "device"):
        name = getattr(study.columns, column)
        if name is None:
            continue
        if column == "site":
            if "site" not in tidy.said:
                continue
            sites = tidy.said["site"].drop_duplicates("participant").set_index("participant")
            pairs = arms_of.iloc[first_rows(arms_of, ("participant", "arm"))].astype("str")
            pairs["site"] = pairs["participant"].map(sites["site"])
            pairs = pairs.dropna(subset="site")
        else:
            pairs = tidy.rows.iloc[first_rows(tidy.rows, ("arm", column))]
            pairs = pairs.loc[pairs[column] != "", ["arm", column]].astype("str")
        pairs = pairs.loc[pairs["arm"].isin(list(study.arms)), ["arm", column]].drop_duplicates()
        levels, arms = pairs[column].nunique(), pairs["arm"].nunique()
        if arms < FEWEST or levels < FEWEST or pairs[column].duplicated().any():
            continue
        file = _file(tidy, study)
        if levels == arms:
            found = (
                f"each arm has its own {column}: '{study.columns.arm}' and '{name}' say the same"
            )
            action = "The effect of one cannot be told from the other: such arms are not compared"
            # Of people at sites the values are still described; what they were measured by touches
            # the values themselves.
            if column == "site":
                yield Finding("K13", "warning", file, 0, name, found, action, study.id)
            else:
                yield Finding("K13", "error", file, 0, name, found, action, study.id)
        else:
            found = f"no {column} has more than one arm: '{name}' lies within '{study.columns.arm}'"
            action = f"People of one {column} are alike; intervals that ignore it are too narrow"
            yield Finding("K13", "warning", file, 0, name, found, action, study.id)


def _without_measurement(
    tidy: Tidy, study: Participants, people: pd.DataFrame
) -> Iterator[Finding]:
    """K07: people of the roster of whom nothing was measured."""
    if not len(tidy.roster):
        return
    words = tidy.rows["participant"].cat
    there = words.codes[tidy.rows["value"].notna()].unique()
    number = int((~people["participant"].isin(list(words.categories[there]))).sum())
    if number:
        found = f"{number} of {len(people)} participants have no measurement at all"
        action = "They count in the flow of participants and in no estimate"
        file = str(tidy.roster[FILE].iloc[0])
        column = study.columns.participant
        yield Finding("K07", "warning", file, 0, column, found, action, study.id)
