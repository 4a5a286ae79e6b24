"""One finding for one cause, however many cells it has: the first lines and how many there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from howlow.data.tables import LINE
from howlow.findings import Finding, Severity

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

#: The file a row of the tidy table came from travels with it under this name.
FILE = "__file__"
#: Distinct cells of one kind in one column that are told one by one; the others are counted.
MOST = 5
#: Cells beyond those that are named, without what is wrong with each.
_NAMED = 12
#: Lines that a finding names.
_LINES = 3


class Said(NamedTuple):
    """What is told of a cell."""

    code: str
    found: str
    action: str


def tell(
    cells: Mapping[str, Sequence[int]],
    say: Callable[[str], Said],
    shown: str,
    column: str,
    most: int = MOST,
) -> list[Finding]:
    """An error for each distinct cell with its lines; those beyond the first few are counted."""
    faults: list[Finding] = []
    for cell, lines in islice(cells.items(), most):
        code, found, action = say(cell)
        found += lines_told(lines)
        faults.append(Finding(code, "error", shown, int(lines[0]), column, found, action))
    if len(cells) > most:
        rest = list(islice(cells.items(), most, most + _NAMED))
        others = len(cells) - most
        named = ", ".join(cell_shown(cell) for cell, _ in rest)
        found = f"and {others} other cell{'s' if others > 1 else ''} at fault: {named}"
        found += ", ..." if others > len(rest) else ""
        action = "Mend those above in the same way, and check again"
        code, line = say(rest[0][0]).code, int(rest[0][1][0])
        faults.append(Finding(code, "error", shown, line, column, found, action))
    return faults


def lines_told(lines: Sequence[int]) -> str:
    """` (12 cells, the first on lines 3, 5, 9)`, or nothing for a single cell."""
    if len(lines) < 2:
        return ""
    named = ", ".join(str(line) for line in lines[:_LINES])
    if len(lines) <= _LINES:
        return f" ({len(lines)} cells, lines {named})"
    return f" ({len(lines)} cells, the first on lines {named})"


def cell_shown(cell: str) -> str:
    """A cell in quotes, not too long, with signs that cannot be seen as their code point."""
    seen = "".join(
        sign if sign.isprintable() else f"<U+{ord(sign):04X}>"
        for sign in (cell if len(cell) <= 60 else f"{cell[:57]}...")
    )
    return f"'{seen}'"


def lines_of(frame: pd.DataFrame, column: str) -> dict[str, list[int]]:
    """Each distinct cell of a column and the lines it stands on, in the order of the rows."""
    lines: dict[str, list[int]] = {}
    for cell, line in zip(frame[column], frame[LINE], strict=True):
        lines.setdefault(cell, []).append(int(line))
    return lines


def row_fault(
    code: str,
    severity: Severity,
    tidy: pd.DataFrame,
    which: npt.NDArray[np.bool_],
    column: str,
    found: str,
    action: str,
) -> Finding:
    """A finding for chosen rows of the tidy table, at the first of them."""
    positions = which.nonzero()[0]
    lines = tidy[LINE].to_numpy()[positions[:_LINES]].tolist()
    told = lines_told([*lines, *[0] * (len(positions) - len(lines))])
    file = str(tidy[FILE].iloc[int(positions[0])])
    return Finding(code, severity, file, int(lines[0]), column, f"{found}{told}", action)
