"""Dates in cells: ISO 8601, or as the table's `date_format` says; nothing is guessed."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

from howlow.data.cells.telling import Said, cell_shown, lines_of, tell
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

#: Names of months as spreadsheets write them, English and Dutch.
MONTH_NAMES = (
    "jan|feb|mar|mrt|apr|may|mei|jun|jul|aug|sep|sept|oct|okt|nov|dec"
    "|january|february|march|april|june|july|august|september|october|november|december"
    "|januari|februari|maart|juni|juli|augustus|oktober"
)
ISO = "%Y-%m-%d"
#: A measurement of a living trial lies between these years; 0021 and 2201 are slips.
YEARS = (1900, 2100)
#: Day numbers that spreadsheets give to the years 1982 to 2064.
_SERIAL = re.compile(r"[3-5]\d{4}(\.0+)?")
_NUMERIC = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{2,4})")
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(:00(\.0+)?)?")


def dates(
    frame: pd.DataFrame, column: str, date_format: str, shown: str
) -> tuple[pd.Series, list[Finding]]:
    """A column as dates, NaT where empty or at fault, and a C12 for each cell that is none.

    A cell is read as ISO 8601 (2021-03-04) or in the declared `date_format`, in no other way.
    """
    import pandas as pd

    cells = frame[column].astype("str").str.strip()
    read: dict[str, datetime.date | None] = {
        cell: _date(cell, date_format) for cell in cells.unique().tolist() if cell
    }
    bad = [cell for cell, date in read.items() if date is None]
    wrong = frame.assign(**{column: cells})[cells.isin(bad)]
    order = _order_of_parts(list(read))
    faults = tell(
        lines_of(wrong, column),
        lambda cell: Said("C12", *_fault(cell, date_format, order)),
        shown,
        column,
    )
    found = [read.get(cell) or pd.NaT for cell in cells]
    return pd.Series(found, index=frame.index, dtype="object"), faults


def excel_date(serial: float) -> datetime.date:
    """The date that a spreadsheet shows for a day number."""
    return datetime.date(1899, 12, 30) + datetime.timedelta(days=int(serial))


def _date(cell: str, date_format: str) -> datetime.date | None:
    """The date in a cell, or None."""
    midnight = _MIDNIGHT.fullmatch(cell)
    for text, pattern in ((midnight[1] if midnight else cell, ISO), (cell, date_format)):
        try:
            date = datetime.datetime.strptime(text, pattern).date()
        except (ValueError, re.error):  # no such date, or a format that strptime refuses
            continue
        if pattern == ISO and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            continue  # strptime takes 2021-3-4 as well, which is not ISO 8601
        return date if YEARS[0] <= date.year <= YEARS[1] else None
    return None


def _order_of_parts(cells: list[str]) -> str:
    """`%d/%m/%Y` or `%m/%d/%Y` where some cell of the column allows only one of them, else ''."""
    orders = set()
    for cell in cells:
        parts = _NUMERIC.fullmatch(cell)
        if parts and len(parts[1]) <= 2:
            first, second = int(parts[1]), int(parts[3])
            if first > 12 >= second:
                orders.add("day")
            elif second > 12 >= first:
                orders.add("month")
    return orders.pop() if len(orders) == 1 else "both" if orders else ""


def _fault(cell: str, date_format: str, order: str) -> tuple[str, str]:
    """What is wrong with a date, and what to do."""
    quoted = cell_shown(cell)
    parts = _NUMERIC.fullmatch(cell)
    if _SERIAL.fullmatch(cell):
        found = f"{quoted} is a day number of a spreadsheet, {excel_date(float(cell))} perhaps"
        return found, "Format the column as a date written 2021-03-04, and save it again"
    if parts and len(parts[1]) <= 2:
        return _two_readings(cell, quoted, order)
    declared = "" if date_format == ISO else f" nor as `date_format: {date_format}` says"
    return (
        f"{quoted} is no date written as 2021-03-04{declared}, between {YEARS[0]} and {YEARS[1]}",
        "Correct it, or say how dates are written with `date_format` for this table",
    )


def _two_readings(cell: str, quoted: str, order: str) -> tuple[str, str]:
    """A date of three numbers, the year last: both readings, as far as there are two."""
    parts = _NUMERIC.fullmatch(cell)
    assert parts is not None
    first, sign, second, year = int(parts[1]), parts[2], int(parts[3]), parts[4]
    mark = "%Y" if len(year) == 4 else "%y"
    day_first, month_first = f"%d{sign}%m{sign}{mark}", f"%m{sign}%d{sign}{mark}"
    months = "January February March April May June July August September October November December"
    names = ["", *months.split()]
    if order == "both":
        return (
            f"{quoted} stands in a column where some dates have the day first, others the month",
            "Write every date as 2021-03-04",
        )
    readings = [
        f"{day} {names[month]} {year}"
        for day, month in dict.fromkeys([(first, second), (second, first)])
        if 1 <= month <= 12 and 1 <= day <= 31
    ]
    found = f"{quoted} is {' or '.join(readings) or 'no date'}"
    if order:
        chosen = day_first if order == "day" else month_first
        found += f"; other dates of this column have the {order} first"
        return found, f'Set `date_format: "{chosen}"` for this table'
    action = f'Set `date_format: "{day_first}"` or `date_format: "{month_first}"` for this table'
    return found, action
