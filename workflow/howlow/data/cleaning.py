"""The declared cleaning steps, each a function from a table of text to a table of text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from howlow.config.schema import did_you_mean, unknown
from howlow.config.steps import (
    Combine,
    Constant,
    Filter,
    Join,
    Map,
    Match,
    Rename,
    Reshape,
    Step,
    Table,
    Unit,
)
from howlow.config.units import factor
from howlow.data.tables import LINE
from howlow.errors import InputError
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

#: A number whose decimal mark is a comma.
_DECIMAL_COMMA = re.compile(r"([-+]?[0-9]*),([0-9]+(?:[eE][-+]?[0-9]+)?)")


class Cleaned(NamedTuple):
    """A table after its steps, and what was noticed; an error among it makes the table unfit."""

    frame: pd.DataFrame
    findings: list[Finding]


def clean(
    raw: pd.DataFrame, table: Table, shown: str, people: Mapping[str, pd.DataFrame] | None = None
) -> Cleaned:
    """Apply a table's steps in order; cells that stand for a missing value become empty.

    Before the steps a declared decimal comma becomes a point, in cells that are such numbers.

    Raises
    ------
    InputError
        With every fault of the first step that meets one: a column that is not there, a value that
        no map names, a cell that should be a number.
    """
    frame = raw.copy()
    for column in frame.columns.drop(LINE):
        frame[column] = frame[column].str.strip()
        frame.loc[frame[column].isin(table.codes_missing(column)), column] = ""
        if table.decimal == ",":
            frame[column] = frame[column].map(_with_point)
    for step in table.steps:
        _require(frame, _columns_of(step), shown, step.step)
        frame = _STEPS[type(step)](frame, step, shown)
    return Cleaned(frame, [])


def numbers(frame: pd.DataFrame, column: str, shown: str) -> pd.Series:
    """A column as numbers, NaN where empty; raise InputError naming every cell that is none."""
    import numpy as np
    import pandas as pd

    values = pd.to_numeric(frame[column].where(frame[column] != "", None), errors="coerce")
    values = values.astype(float)
    wrong = (frame[column] != "") & ~np.isfinite(values)
    if wrong.any():
        raise InputError(_not_numbers(frame[wrong], column, shown))
    return values


def _with_point(cell: str) -> str:
    """A cell with a decimal comma written with a point; any other cell as it is."""
    number = _DECIMAL_COMMA.fullmatch(cell)
    return f"{number[1]}.{number[2]}" if number else cell


def _not_numbers(wrong: pd.DataFrame, column: str, shown: str) -> list[Finding]:
    """A fault for each cell that is no number; one for all that have a decimal comma."""
    faults: list[Finding] = []
    commas = False
    for line, cell in zip(wrong[LINE], wrong[column], strict=True):
        if not _DECIMAL_COMMA.fullmatch(cell):
            code, found = "C03", f"'{cell}' is not a finite number"
            action = "Correct it, or list it under `missing`"
        elif commas:
            # One key mends them all; a line for each would bury the other faults.
            continue
        else:
            code, found = "C01", f"'{cell}' has a decimal comma"
            action = 'Set `decimal: ","` for this table'
            commas = True
        faults.append(Finding(code, "error", shown, int(line), column, found, action))
    return faults


def _columns_of(step: Step) -> list[str]:
    """The columns that a step needs."""
    match step:
        case Rename(columns=columns) | Reshape(columns=columns):
            return list(columns)
        case Join(columns=columns):
            return list(columns)
        case Match(column=column, against=against):
            return [column, *against]
        case Combine(by=by, value=value):
            return [*by, value]
        case Unit(column=column, where=where):
            return [column, *where]
        case Filter(column=column) | Map(column=column):
            return [column]
    return []


def _require(frame: pd.DataFrame, columns: list[str], shown: str, step: str) -> None:
    """Raise InputError for columns that are not in the table."""
    there = [column for column in frame.columns if column != LINE]
    faults = [
        Finding(
            "G01",
            "error",
            shown,
            1,
            column,
            f"step `{step}` needs the column '{column}', which is not there",
            f"{did_you_mean(column, there)}Columns: {', '.join(there[:12])}"
            + (" ..." if len(there) > 12 else ""),
        )
        for column in columns
        if column not in there
    ]
    if faults:
        raise InputError(faults)


def _rename(frame: pd.DataFrame, step: Rename, _: str) -> pd.DataFrame:
    return frame.rename(columns=step.columns)


def _filter(frame: pd.DataFrame, step: Filter, shown: str) -> pd.DataFrame:
    kept = frame[frame[step.column].isin(step.keep)]
    if kept.empty:
        found = f"no row has {' or '.join(step.keep)}"
        action = f"Values there: {', '.join(sorted(set(frame[step.column]))[:12])}"
        raise InputError([Finding("G01", "error", shown, 1, step.column, found, action)])
    return kept


def _map(frame: pd.DataFrame, step: Map, shown: str) -> pd.DataFrame:
    strangers = frame[~frame[step.column].isin([*step.values, ""])]
    if not strangers.empty:
        first = strangers.drop_duplicates(step.column)
        raise InputError(
            [
                Finding(
                    "K04",
                    "error",
                    shown,
                    int(line),
                    step.column,
                    f"'{cell}' is not declared",
                    unknown(cell, step.values),
                )
                for line, cell in zip(first[LINE], first[step.column], strict=True)
            ]
        )
    return frame.assign(**{step.to or step.column: frame[step.column].replace(dict(step.values))})


def _join(frame: pd.DataFrame, step: Join, _: str) -> pd.DataFrame:
    joined = frame[list(step.columns)].agg(step.separator.join, axis=1)
    return frame.assign(**{step.to: joined})


def _reshape(frame: pd.DataFrame, step: Reshape, _: str) -> pd.DataFrame:
    import pandas as pd

    kept = frame.drop(columns=list(step.columns))
    parts = [
        kept.assign(**says, **{step.value: frame[column]}) for column, says in step.columns.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _match(frame: pd.DataFrame, step: Match, shown: str) -> pd.DataFrame:
    import pandas as pd

    found = pd.Series("", index=frame.index, dtype="str")
    for column, value in step.against.items():
        found = found.where(frame[step.column] != frame[column], value)
    if (found == "").any():
        lines = frame.loc[found == "", LINE]
        raise InputError(
            [
                Finding(
                    "K04",
                    "error",
                    shown,
                    int(lines.iloc[0]),
                    step.column,
                    f"{len(lines)} rows equal none of {', '.join(step.against)}",
                    "Check the columns of the `match` step",
                )
            ]
        )
    return frame.assign(**{step.to: found})


def _constant(frame: pd.DataFrame, step: Constant, _: str) -> pd.DataFrame:
    return frame.assign(**{step.to: step.value})


def _combine(frame: pd.DataFrame, step: Combine, shown: str) -> pd.DataFrame:
    values = numbers(frame, step.value, shown)
    if step.how == "mean":
        means = values.groupby([frame[column] for column in step.by]).transform("mean")
        text = means.map(lambda number: f"{number:.12g}").where(means.notna(), "")
        return frame.assign(**{step.value: text}).drop_duplicates(list(step.by))
    # Missing trials come last, so that one stays only where all are missing.
    smallest = step.how == "smallest"
    order = values.sort_values(ascending=smallest, kind="stable", na_position="last").index
    return frame.loc[order].drop_duplicates(list(step.by)).sort_index()


def _unit(frame: pd.DataFrame, step: Unit, shown: str) -> pd.DataFrame:
    chosen = frame[step.column] != ""
    for column, value in step.where.items():
        chosen &= frame[column] == value
    multiply = factor(step.unit, step.to)
    assert multiply is not None  # the cross-check of study.yaml refuses such a step
    scaled = (numbers(frame, step.column, shown) * multiply).map(lambda number: f"{number:.12g}")
    return frame.assign(**{step.column: frame[step.column].where(~chosen, scaled)})


_STEPS: dict[type[Any], Callable[[Any, Any, str], Any]] = {
    Rename: _rename,
    Filter: _filter,
    Map: _map,
    Join: _join,
    Reshape: _reshape,
    Match: _match,
    Constant: _constant,
    Combine: _combine,
    Unit: _unit,
}
