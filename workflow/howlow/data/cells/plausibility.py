"""Numbers that cannot be what they say: codes for missing values, slips, spreadsheet dates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from howlow.config.study import Participants
from howlow.config.trial import Outcome
from howlow.data.categories import rows_of
from howlow.data.cells.dates import excel_date
from howlow.data.cells.identifiers import identifier_faults
from howlow.data.cells.mixed_units import mixed_units
from howlow.data.cells.telling import FILE, row_fault
from howlow.data.cells.unit_of_arms import units_of_arms
from howlow.findings import Finding, Severity

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Numbers = npt.NDArray[np.float64]
    Which = npt.NDArray[np.bool_]
    Places = npt.NDArray[np.int64]

#: Numbers that people write for a missing value.
_NINES = (9, 99, 999, 9999, 99999)
#: No outcome in any unit we know has larger values.
_LARGEST = 1e6
#: Day numbers of spreadsheets, 2009 to 2036.
_SERIALS = (40000.0, 50000.0)
#: A code is judged only beside this many other values.
_FEWEST = 3


def value_faults(tidy: pd.DataFrame, study: Participants) -> list[Finding]:
    """What is wrong with the values, and with ids that a spreadsheet changed.

    `tidy` has one row a measurement: participant, limb, visit, outcome, value (NaN where missing,
    in the outcome's unit), `__line__` and `__file__`. Each value is told once, by its likeliest
    cause. Errors, and a warning for outcomes without a declared range.
    """
    import numpy as np

    faults: list[Finding] = list(identifier_faults(tidy))
    told = np.zeros(len(tidy), dtype=bool)
    values = tidy["value"].to_numpy(dtype=float)
    # Of millions of rows only the outcome's own are looked at.
    rows = {
        name: at[~np.isnan(values[at])]
        for name, at in rows_of(tidy["outcome"], list(study.outcomes)).items()
    }
    for name, outcome in study.outcomes.items():
        faults += _not_meant(tidy, values, rows[name], name, outcome, told)
    # Values whose rows say their unit are in one unit by now, unless a row says a wrong one.
    faults += mixed_units(tidy, study, rows, told)
    faults += units_of_arms(tidy, study, rows)
    for name, outcome in study.outcomes.items():
        faults += _out_of_range(tidy, values, rows[name], name, outcome, told)
    unlimited = [name for name, outcome in study.outcomes.items() if outcome.range is None]
    if unlimited and len(tidy):
        found = f"no plausible range is declared for {', '.join(unlimited)}"
        action = "Add `range: [lowest, highest]` to each, so that slips are found"
        file = str(tidy[FILE].iloc[0])
        faults.append(Finding("C07", "warning", file, 0, "", found, action))
    return [replace(fault, study=study.id) for fault in faults]


def _not_meant(
    tidy: pd.DataFrame, values: Numbers, at: Places, name: str, outcome: Outcome, told: Which
) -> Iterator[Finding]:
    """Numbers that stand for something else: a missing value, a date. Their rows become told."""
    import numpy as np

    own = values[at]
    nines = np.isin(np.abs(own), _NINES)
    for code in np.unique(own[nines]):
        far = _far(code, own[~nines])
        outside = bool(_outside(np.array([code]), outcome)[0])
        # A declared range that holds the number says that it may be a value.
        sure = outside or (far and outcome.range is None)
        if sure or far:
            cells = _which(told, at[own == code])
            yield _code(tidy, cells, name, code, sure=sure, far=far)
            told |= cells
    serial = (own >= _SERIALS[0]) & (own <= _SERIALS[1])
    if not serial.any():
        return
    serial &= own % 1 == 0
    rest = own[~serial]
    if serial.any() and len(rest) and np.median(rest) < _SERIALS[0] / 10:
        first = own[serial][0]
        found = f"{first:.0f} {outcome.unit} is the day number of {excel_date(first)}"
        action = "A spreadsheet made a date of the value: format as number, and type it again"
        cells = _which(told, at[serial])
        yield row_fault("C10", "error", tidy, cells, name, found, action)
        told |= cells


def _out_of_range(
    tidy: pd.DataFrame, values: Numbers, at: Places, name: str, outcome: Outcome, told: Which
) -> Iterator[Finding]:
    """Values that no instrument shows, of those that are not told already."""
    import numpy as np

    at = at[_outside(values[at], outcome)]
    at = at[~told[at]]
    absurd = np.abs(values[at]) >= _LARGEST
    for code, rows in (("C07", at[absurd]), ("C08", at[~absurd])):
        if len(rows):
            said = _range_words(values[rows], outcome)
            yield row_fault(code, "error", tidy, _which(told, rows), name, *said)


def _which(like: Which, rows: Places) -> Which:
    """Rows by their positions as truth values, one for each row of the table."""
    import numpy as np

    which: Which = np.zeros(len(like), dtype=bool)
    which[rows] = True
    return which


def _outside(values: Numbers, outcome: Outcome) -> Which:
    """Which values are outside the declared range, or what any range would be."""
    import numpy as np

    if outcome.range is not None:
        low, high = outcome.range
        return np.asarray((values < low) | (values > high))
    absurd = np.abs(values) >= _LARGEST
    return np.asarray(absurd | (values <= 0) if outcome.ratio_scale else absurd)


def _far(code: float, others: Numbers) -> bool:
    """Whether a value lies outside the others by more than twice the span of these."""
    import numpy as np

    if len(others) < _FEWEST:
        return False
    low, high = float(others.min()), float(others.max())
    margin = max(2 * (high - low), abs(float(np.median(others))))
    return bool(code > high + margin or code < low - margin)


def _code(
    tidy: pd.DataFrame, cells: Which, name: str, code: float, *, sure: bool, far: bool
) -> Finding:
    """An undeclared code for missing values; a warning where the declared range allows it."""
    severity: Severity = "error" if sure else "warning"
    reason = "it is far from all other values" if far else "it is outside what is plausible"
    found = f"{code:g} looks like a code for a missing value: {reason}"
    action = f'If so, list it: `missing: ["", "NA", "{code:g}"]`; else correct the value'
    return row_fault("C04", severity, tidy, cells, name, found, action)


def _range_words(values: Numbers, outcome: Outcome) -> tuple[str, str]:
    """What is told of values outside a range: the first few of them."""
    some = ", ".join(f"{value:g}" for value in dict.fromkeys(values[:3].tolist()))
    verb = "is" if len(values) == 1 else "are"
    if outcome.range is None:
        found = (
            f"{some} {outcome.unit} {verb} not possible: it is above 0 and below {_LARGEST:,.0f}"
        )
        return found, "Correct the value, or set `ratio_scale: false` and a `range`"
    low, high = outcome.range
    found = f"{some} {outcome.unit} {verb} outside {low:g} to {high:g}"
    return found, "Correct the value, or `range` if it is right"
