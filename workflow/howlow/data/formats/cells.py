"""Cells of any format as the text that a person would read."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from howlow.findings import Finding


class Named(NamedTuple):
    """Columns of text by their name, the names of all columns there are, and what was noticed."""

    names: list[str]
    cells: dict[str, list[str]]
    rows: int
    findings: list[Finding]


def as_text(cell: Any) -> str:
    """A cell as text: whole numbers as 5, dates as 2024-03-01, TRUE and FALSE, nothing as ''.

    Other numbers are the shortest decimals that read back as the same number, so nothing is lost.
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if hasattr(cell, "dtype") and hasattr(cell, "item"):
        cell = cell.item()  # numpy's scalars
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _number(cell)
    # A pandas time is a datetime, and its "not a time" has no year.
    if isinstance(cell, datetime.datetime):
        if cell != cell:
            return ""
        midnight = cell.time() == datetime.time() and cell.tzinfo is None
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    if isinstance(cell, (datetime.date, datetime.time)):
        return cell.isoformat()
    if isinstance(cell, Decimal) and cell.is_finite():
        return f"{cell.normalize():f}"
    if isinstance(cell, bytes):
        return cell.decode("utf-8", errors="replace")
    return "" if str(cell) in ("<NA>", "NaT") else str(cell)


def texts(cells: Iterable[Any]) -> list[str]:
    """A column as text; a value that comes again is the same piece of memory."""
    known: dict[Any, str] = {}
    out: list[str] = []
    for cell in cells:
        key = (cell.__class__, cell)  # 1, 1.0 and True are equal, but not written alike
        text = known.get(key)
        if text is None:
            text = known[key] = as_text(cell)
        out.append(text)
    return out


def _number(cell: float) -> str:
    """A number as text."""
    if math.isnan(cell):
        return "NaN"
    if cell.is_integer() and abs(cell) < 1e16:
        return str(int(cell))
    return repr(cell)
