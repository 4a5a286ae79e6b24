"""Cells of a table of arms as numbers, with every cell that cannot be one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from howlow.data.cleaning import numbers
from howlow.data.tables import LINE
from howlow.errors import InputError
from howlow.findings import Finding, few

if TYPE_CHECKING:
    import pandas as pd

#: What stands between a mean and its spread in one cell.
_PLUS_MINUS = re.compile(r"±|\+\s*/?\s*[-−]|\(\s*(?:SD|SE|SEM|(?=[0-9]))")


def numbers_of(
    frame: pd.DataFrame, columns: Iterable[str], shown: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """Columns of text as numbers, and every cell that is none or cannot be."""
    import pandas as pd

    values: dict[str, pd.Series] = {}
    faults: list[Finding] = []
    for name in columns:
        both = frame[name].str.contains(_PLUS_MINUS, regex=True)
        if both.any():
            faults.extend(few(_with_spread(frame[both], name, shown)))
            continue
        try:
            values[name] = numbers(frame, name, shown)
        except InputError as error:
            faults.extend(few(error.findings))
            continue
        faults.extend(few(_impossible(values[name], frame, name, shown)))
    return pd.DataFrame(values, index=frame.index), faults


def _with_spread(frame: pd.DataFrame, name: str, shown: str) -> list[Finding]:
    """Cells that hold a mean and a spread in one."""
    faults = []
    for line, cell in zip(frame[LINE], frame[name], strict=True):
        mean, spread = (part.strip(" )") for part in _PLUS_MINUS.split(cell, maxsplit=1))
        part = name.partition("_")[2] or "pre"
        action = (
            f"Make two columns of it: {mean} under mean_{part}, and {spread} under sd_{part}, or "
            f"under se_{part} if the page says standard error"
        )
        found = f"'{cell}' holds a mean and a spread"
        faults.append(Finding("C03", "error", shown, int(line), name, found, action))
    return faults


def _impossible(values: pd.Series, frame: pd.DataFrame, name: str, shown: str) -> list[Finding]:
    """A negative spread, an n that is not a whole number, a P outside 0 to 1."""
    if name == "n":
        wrong, found, action = (
            (values < 1) | (values % 1 != 0) & values.notna(),
            "is not a number of people",
            "Give how many were measured, or leave the cell empty",
        )
    elif name.startswith(("sd_", "se_")):
        wrong, found = values < 0, "is below zero, and a spread is not"
        action = "Correct it; is it a change in the wrong column?"
    elif name == "p_change":
        wrong, found = (values <= 0) | (values > 1), "is no P"
        action = "A P lies between 0 and 1"
    else:
        return []
    return [
        Finding("C08", "error", shown, int(line), name, f"'{cell}' {found}", action)
        for line, cell in zip(frame.loc[wrong, LINE], frame.loc[wrong, name], strict=True)
    ]
