"""Ids that a spreadsheet changed, or would run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from howlow.data.categories import used
from howlow.data.cells.formulas import is_formula
from howlow.data.cells.telling import MOST, cell_shown, row_fault
from howlow.data.cells.words import DATE_LIKE
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

#: `1.00E+05`, as spreadsheets show the id 1E5; 1E5 itself is an id like any other.
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
#: What every id at fault holds; most ids do not, and need no closer look.
_ODD = r"[=@+\-/.,;\s＝＠＋－]"
_WHOLE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")


def identifier_faults(tidy: pd.DataFrame) -> Iterator[Finding]:
    """A fault for each of the first ids that a spreadsheet changed or would run, and a count."""
    column = "participant"
    ids = used(tidy[column].astype("category").array).categories.astype("str")
    odd = ids[ids.str.contains(_ODD)].tolist()
    wrong = {word: said for word in odd if (said := _fault(word)) is not None}
    for word, (code, found, action) in list(wrong.items())[:MOST]:
        which = (tidy[column] == word).to_numpy()
        yield row_fault(code, "error", tidy, which, column, found, action)
    if len(wrong) > MOST:
        which = tidy[column].isin(list(wrong)[MOST:]).to_numpy()
        found = f"{len(wrong) - MOST} other ids are at fault in the same way"
        code = next(iter(wrong.values()))[0]
        yield row_fault(code, "error", tidy, which, column, found, "Mend those above first")


def _fault(word: str) -> tuple[str, str, str] | None:
    """What is wrong with an id: its code, what was found and what to do; None if it is fine."""
    quoted, again = cell_shown(word), "Format the column as text, and type the ids again"
    # Formulas are told of every cell of a table; a number with a sign is one in an id alone.
    if word.startswith(("+", "-")) and not is_formula(word):
        found = f"the id {quoted} would run as a formula in a spreadsheet"
        return "C16", found, "Start ids with a letter or a digit"
    if _SCIENTIFIC.fullmatch(word):
        return "C10", f"a spreadsheet made the number {quoted} of an id", again
    if DATE_LIKE.fullmatch(word) or _WHOLE_DATE.fullmatch(word):
        return "C10", f"the id {quoted} is a date; a spreadsheet may have made it", again
    return None
