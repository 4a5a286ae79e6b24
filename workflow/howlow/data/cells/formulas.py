"""Cells that a spreadsheet would run as a formula (OWASP, CSV injection).

They are harmless here. They would run when a table of ours is opened in a spreadsheet, so text is
written with an apostrophe before it, and an id or a label that is such a cell is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from howlow.data.cells.telling import Said, cell_shown, lines_of, tell
from howlow.data.tables import LINE
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

#: The signs that start a formula, in both widths, and those that spreadsheets strip first.
_FORMULA = re.compile(r"[\s\u200b\ufeff]*[=@＝＠]|[\t\r\n]|[\s\u200b\ufeff]*[+\-＋－].")
_FIRST = list("=@+-＝＠＋－ \t\r\n\x0b\u00a0\u2007\u2009\u202f\u200b\ufeff")
_NUMBER = re.compile(r"\s*[+-]?(\d+[.,]?\d*|[.,]\d+|inf)([eE][+-]?\d+)?%?\s*")
#: A formula after a sign that separates cells in the spreadsheets of many countries.
_LATER = re.compile(r"([;\n])(?=[=@＝＠+\-＋－])")


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would take a text for a formula; a plain number is none."""
    return bool(_FORMULA.match(cell)) and not _NUMBER.fullmatch(cell)


def formula_faults(
    frame: pd.DataFrame, column: str, shown: str, allowed: Collection[str] = ()
) -> list[Finding]:
    """A C16 for each distinct cell that is a formula, but for those that are allowed."""
    # Few cells start with such a sign, and only those are looked at one by one.
    some = frame[[column, LINE]][frame[column].str.slice(0, 1).isin(_FIRST)]
    words = some[column].unique().tolist()
    formulas = [word for word in words if word not in allowed and is_formula(word)]
    wrong = some[some[column].isin(formulas)]
    action = "Take the first sign away, or type the cell again"
    return tell(
        lines_of(wrong, column),
        lambda cell: Said("C16", f"{cell_shown(cell)} would run as a formula", action),
        shown,
        column,
    )


def guarded(text: str) -> str:
    """A text that no spreadsheet runs: an apostrophe before what would be a formula.

    Tabs and carriage returns, which some take for the end of a cell, become spaces.
    """
    later = _LATER.sub(r"\1'", re.sub(r"[\t\r]", " ", text))
    return f"'{later}" if is_formula(text) else later
