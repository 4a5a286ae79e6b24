"""Trials, arms and outcomes from the columns of a table of arms, in place of a trials.yaml."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from howlow.config.collection import Trials
from howlow.config.schema import unknown
from howlow.config.settings import Config
from howlow.config.study import Summary
from howlow.config.summaries import NOT_MAPPED, Rule, TrialsFrom
from howlow.config.units import UNITS, unit_named
from howlow.data.cleaning import numbers
from howlow.data.published.naming import label, names_of, slug
from howlow.data.published.trial_of_rows import YES_NO, joined, trial_of
from howlow.data.tables import LINE
from howlow.errors import InputError
from howlow.findings import Finding, few

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Made:
    """What the columns of a table declare, and the ids its rows have there."""

    trials: Trials
    ids: dict[str, list[str]]
    findings: list[Finding] = field(default_factory=list)


def make_trials(
    frame: pd.DataFrame, study: Summary, config: Config, shown: str, keys: dict[str, str]
) -> Made:
    """Trials, arms and outcomes as columns declare them; `keys` names those of trial and arm.

    Raises
    ------
    InputError
        With every cell that is no word or number of its kind.
    """
    declared = study.trials_from
    assert declared is not None  # the caller asks
    faults = [
        *_empty_keys(frame, keys, shown),
        *_word_faults(frame, declared, config, shown),
    ]
    values: dict[str, pd.Series] = {}
    for column in _number_columns(declared):
        try:
            values[column] = numbers(frame, column, shown)
        except InputError as error:
            faults.extend(error.findings)
    if faults:
        raise InputError(few(faults))
    ids = {
        "trial": names_of(frame[keys["trial"]].tolist(), "-", study.id),
        "arm": names_of(frame[keys["arm"]].tolist(), "_", "arm"),
    }
    outcomes, ids["outcome"] = _outcomes(frame, study, declared, keys, shown)
    named = list(dict.fromkeys([*named_columns(declared), *keys.values()]))
    records = frame[named].assign(**values).to_dict("records")
    trials = {
        name: trial_of(part, declared, arms)
        for name, part, arms in _parts(records, ids["trial"], ids["arm"])
    }
    text = json.dumps({"outcomes": outcomes, "trials": trials})
    try:
        made = Trials.model_validate_json(text)
    except ValidationError as error:
        raise InputError(
            [_not_valid(fault, frame, ids, shown) for fault in error.errors()]
        ) from None
    return Made(made, ids)


def _parts(
    records: list[dict[Any, Any]], trial_ids: list[str], arm_ids: list[str]
) -> Iterator[tuple[str, list[dict[Any, Any]], list[str]]]:
    """Each trial's rows and the ids of their arms."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(trial_ids):
        places.setdefault(name, []).append(place)
    for name, listed in places.items():
        yield name, [records[place] for place in listed], [arm_ids[place] for place in listed]


def _not_valid(fault: Any, frame: pd.DataFrame, ids: dict[str, list[str]], shown: str) -> Finding:
    """A fault of a made trial in plain words, at the first row of the trial."""
    place = [str(part) for part in fault["loc"]]
    trial = place[1] if len(place) > 1 else ""
    line = int(frame[LINE].iloc[ids["trial"].index(trial)]) if trial in ids["trial"] else 0
    found = f"found {fault['input']!r}: {str(fault['msg'])[:80]}"
    action = f"It becomes {' '.join(place[2:])} of {trial}; correct the cell or the steps"
    return Finding("G01", "error", shown, line, place[-1], found, action)


def _empty_keys(frame: pd.DataFrame, keys: dict[str, str], shown: str) -> Iterator[Finding]:
    """Rows without a trial or an arm."""
    for what, column in keys.items():
        lines = frame.loc[frame[column] == "", LINE]
        if len(lines):
            found = f"{len(lines)} row{'s have' if len(lines) > 1 else ' has'} no {what}"
            action = "Fill it in, or drop the rows with a `filter` step"
            yield Finding("K03", "error", shown, int(lines.iloc[0]), column, found, action)


def _number_columns(declared: TrialsFrom) -> list[str]:
    """The columns that must hold numbers."""
    doses = [
        column
        for name, column in declared.doses.model_dump().items()
        if column is not None and name != "to_failure"
    ]
    return list(
        dict.fromkeys(
            column for column in (declared.mean_age, declared.share_male, *doses) if column
        )
    )


def _word_faults(
    frame: pd.DataFrame, declared: TrialsFrom, config: Config, shown: str
) -> Iterator[Finding]:
    """Columns that are not there, and cells that are no word of their kind."""
    made = declared.outcomes
    kinds: list[tuple[str | None, Iterable[str], bool]] = [
        (declared.randomised, YES_NO, True),
        (declared.training, ("untrained", "trained", "mixed"), True),
        (declared.doses.to_failure, YES_NO, True),
        (
            made.construct if made and isinstance(made.construct, str) else None,
            config.constructs,
            False,
        ),
        (made.unit if made else None, UNITS, True),
        (made.higher_is if made else None, ("better", "worse"), True),
    ]
    for column, words, may_be_empty in kinds:
        if column is None:
            continue
        allowed = [*words, *([""] if may_be_empty else [])]
        strangers = frame[~frame[column].isin(allowed)].drop_duplicates(column)
        if made is not None and column == made.unit:
            strangers = strangers[strangers[column].map(unit_named).isna()]
        for line, cell in zip(strangers[LINE], strangers[column], strict=True):
            found = f"'{cell}' is not known"
            action = f"{unknown(cell, list(words))}; a `map` step turns one word into another"
            yield Finding("K04", "error", shown, int(line), column, found, action)


def named_columns(declared: TrialsFrom) -> list[str]:
    """Every column that trials_from names."""
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            for item in value:
                walk(list(item["where"]) if isinstance(item, dict) else item)

    for key, value in declared.model_dump(exclude={"url", "read_in", "design"}).items():
        if key == "control":
            walk(value["column"] if value else None)
        elif isinstance(value, dict):
            for part in value.values():
                walk(part)
        else:
            walk(value)
    return list(dict.fromkeys(found))


def _outcomes(
    frame: pd.DataFrame, study: Summary, declared: TrialsFrom, keys: dict[str, str], shown: str
) -> tuple[dict[str, Any], list[str]]:
    """Outcomes by name, and the name of each row's outcome.

    Raises
    ------
    InputError
        Where rows of one outcome differ in what it is, such as its unit.
    """
    made = declared.outcomes
    if made is None:
        cells = frame[keys["outcome"]].tolist()
        named = dict(zip(cells, names_of(cells, "_", "outcome"), strict=True))
        here = {name: what.model_dump(mode="json") for name, what in study.outcomes.items()}
        # `Bench press 1RM` is declared as bench_press_1rm.
        return here, [cell if cell in here else named[cell] for cell in cells]
    records = frame[named_columns(declared)].to_dict("records")
    ids = names_of([joined(row, made.id, " ") for row in records], "_", "outcome")
    outcomes: dict[str, Any] = {}
    faults: dict[tuple[str, str], Finding] = {}
    for name, row, line in zip(ids, records, frame[LINE], strict=True):
        unit = unit_named(row[made.unit]) if made.unit and row[made.unit] else None
        says = {
            "label": label(joined(row, made.label, " "), name),
            "construct": _word(row, made.construct, NOT_MAPPED),
            "unit": unit or "not stated",
            "measure": slug(_word(row, made.measure, "other"), "_", "measure"),
            "region": slug(_word(row, made.region, "other"), "_", "region"),
            "higher_is": (row[made.higher_is] if made.higher_is else "") or "better",
        }
        first = outcomes.setdefault(name, says)
        unlike = [key for key in says if key != "label" and says[key] != first[key]]
        for key in unlike:
            # One fault for each outcome and key: all its rows may be at fault.
            code = "C09" if key == "unit" else "G14"
            found = f"{name} has the {key} {first[key]} above and {says[key]} here"
            action = "Add a column to trials_from.outcomes.id, so that they become two outcomes"
            if key == "unit":
                action += ", or turn one into the other with a `unit` step"
            fault = Finding(code, "error", shown, int(line), made.id[0], found, action)
            faults.setdefault((name, key), fault)
    if faults:
        raise InputError(few(faults.values()))
    return outcomes, ids


def _word(row: dict[str, Any], said: str | tuple[Rule, ...], otherwise: str) -> str:
    """The cell of a column, or the word of the first rule that holds for a row."""
    if isinstance(said, str):
        return str(row[said]) or otherwise
    for rule in said:
        if all(row[column] in cells for column, cells in rule.where.items()):
            return rule.then
    return otherwise
