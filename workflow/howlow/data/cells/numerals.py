"""Cells that should be numbers: what they are where they are not, and what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from howlow.config.units import unit_named
from howlow.data.cells.dates import MONTH_NAMES
from howlow.data.cells.telling import Said, cell_shown, lines_of, tell
from howlow.data.cells.words import sign_name
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

#: A number whose decimal mark is a comma.
DECIMAL_COMMA = re.compile(r"([-+]?[0-9]*),([0-9]+(?:[eE][-+]?[0-9]+)?)")
#: A number in groups of three; what separates the groups.
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:([,.'’\s\u2009])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d+)?")
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/]\d{1,2}([-/]\d{2,4})?"
    rf"|\d{{1,4}}[-\s/.](?:{MONTH_NAMES})\.?([-\s/.]\d{{2,4}})?"
    rf"|(?:{MONTH_NAMES})\.?[-\s/.]\d{{1,4}}",
    re.IGNORECASE,
)
_IN_PARTS = re.compile(r"([<>~≈≤≥±=]*)\s*([-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?)\s*(.*)", re.DOTALL)
#: What people write where there is no value; told, never taken for one.
_MISSING_WORDS = {
    *(".", "..", "-", "--", "?", "/", "x", "n/a", "na", "#n/a", "nan", "none", "null", "nil"),
    *("missing", "unknown", "nd", "n.d.", "dnf", "dropout", "drop-out", "absent", "ontbreekt"),
    *("#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!", "deel/0!", "#waarde!"),
}
#: Cells that are read at once.
_PART = 100_000
_NOT_DETECTED = {"lod", "<lod", "< lod", "bdl", "<loq", "blq", "bld"}
_YES_OR_NO = {"true", "false", "yes", "no", "ja", "nee", "waar", "onwaar"}
_INFINITE = re.compile(r"[-+]?(inf|infinity|∞)", re.IGNORECASE)


def number_cells(frame: pd.DataFrame, column: str, shown: str) -> tuple[pd.Series, list[Finding]]:
    """A column of text as numbers, NaN where empty or no number, and a fault for what is none.

    A number has ASCII digits, at most one point, no separators, no unit, and is finite; there may
    be spaces around it.
    """
    import numpy as np
    import pandas as pd

    cells = frame[column].astype("str")
    if (plainly := _plain_numbers(cells)) is not None:
        return plainly, []
    filled = cells.str.strip() != ""
    values = pd.to_numeric(cells.str.strip().where(filled, None), errors="coerce").astype(float)
    wrong = filled & ~np.isfinite(values)
    if not wrong.any():
        return values, []
    at_fault = frame.assign(**{column: cells})[wrong]
    return values.where(~wrong), _faults(at_fault, column, shown)


def _plain_numbers(cells: pd.Series) -> pd.Series | None:
    """A column that holds plain numbers and empty cells only, read at once; else None."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    words = pa.array(cells.array, type=pa.large_string(), from_pandas=True)
    values = np.empty(len(cells))
    # Part by part, so that a large column is never there several times over.
    for start in range(0, len(cells), _PART):
        part = words.slice(start, _PART)
        try:
            read = pc.cast(pc.if_else(pc.equal(part, ""), None, part), pa.float64())
        except pa.ArrowInvalid:
            return None
        found = read.to_numpy(zero_copy_only=False)
        # Words such as inf and nan are numbers to Arrow, and faults to us.
        if np.isfinite(found).sum() != len(part) - read.null_count:
            return None
        values[start : start + len(part)] = found
    return pd.Series(values, index=cells.index, name=cells.name)


def has_decimal_comma(cells: pd.Series) -> pd.Series:
    """Which cells are numbers with a decimal comma."""
    return _matching(cells, ",", DECIMAL_COMMA.pattern)


def has_point(cells: pd.Series) -> pd.Series:
    """Which cells are numbers with a point, whatever it stands for."""
    return _matching(cells, ".", r"[-+]?[0-9]*(\.[0-9]+)+(,[0-9]+)?")


def _matching(cells: pd.Series, sign: str, pattern: str) -> pd.Series:
    """Which cells are all of a pattern, looked at only where they hold the sign."""
    found = cells.str.contains(sign, regex=False)
    if found.any():
        found = found & cells.str.strip().str.fullmatch(pattern)
    return found


def pointed_faults(frame: pd.DataFrame, column: str, shown: str) -> list[Finding]:
    """Faults of numbers with a point in a column whose decimal mark is declared to be a comma."""
    pointed = frame[has_point(frame[column])]
    return tell(lines_of(pointed, column), _pointed, shown, column)


def _faults(wrong: pd.DataFrame, column: str, shown: str) -> list[Finding]:
    """One fault for all cells with a decimal comma, and one for each distinct cell of another kind.

    One key mends all commas; a finding for each would bury the other faults.
    """
    kinds: dict[str, dict[str, list[int]]] = {}
    for cell, lines in lines_of(wrong, column).items():
        kinds.setdefault(_say(cell).code, {})[cell] = lines
    faults: list[Finding] = []
    commas = kinds.pop("C01", None)
    if commas:
        first = next(iter(commas))
        lines = sorted(line for each in commas.values() for line in each)
        faults += tell({first: lines}, _say, shown, column)
    for cells in kinds.values():
        faults += tell(cells, _say, shown, column)
    return sorted(faults, key=lambda fault: fault.line)


def _say(cell: str) -> Said:
    """What a cell is that is no number."""
    text, quoted = cell.strip(), cell_shown(cell)
    if text.casefold() in _MISSING_WORDS:
        found = f"{quoted} stands where a number should be"
        return Said("C04", found, f"If it means a missing value, list it: `missing: {_list(text)}`")
    if _INFINITE.fullmatch(text) or re.fullmatch(r"[-+]?[\d.]+[eE]\+?\d+", text):
        return Said("C06", f"{quoted} is not a finite number", "Correct it")
    if odd := next((sign for sign in text if ord(sign) > 126 and _stands_in_number(sign)), ""):
        found = f"{quoted} is not a finite number: it holds {sign_name(odd)}"
        return Said("C13", found, "Type it again with the digits and the - of the keyboard")
    if DECIMAL_COMMA.fullmatch(text) and not _GROUPED.fullmatch(text):
        found = f"{quoted} has a decimal comma"
        return Said("C01", found, 'Set `decimal: ","` for this table')
    if _GROUPED.fullmatch(text):
        return _grouped(text, quoted)
    if _DATE.fullmatch(text):
        found = f"{quoted} is a date where a number should be; a spreadsheet may have made it"
        action = "Format the column as a number or as text, and type the cell again"
        return Said("C10", found, action)
    if text.casefold() in _YES_OR_NO:
        found = f"{quoted} stands where a number should be"
        return Said("C14", found, "Write a number, or turn the words into numbers by a `map` step")
    return _in_parts(text, quoted)


def _grouped(text: str, quoted: str) -> Said:
    """A number in groups of three, with both readings where there are two."""
    thousands = re.sub(r"[^\d.,+-]", "", text)
    marks = [sign for sign in thousands if sign in ".,"]
    if len(marks) == 1 and re.fullmatch(r"[-+]?\d{1,3},\d{3}", text):
        large, small = text.replace(",", ""), text.replace(",", ".")
        found = f"{quoted} is {large} or {small}"
        action = f'Write {large}, or set `decimal: ","` for this table if it is {small}'
        return Said("C02", found, action)
    decimal = marks[-1] if len(set(marks)) == 2 or (marks and len(marks) == 1) else ""
    if decimal and re.search(rf"{re.escape(decimal)}\d{{3}}$", thousands) and len(marks) == 1:
        decimal = ""
    whole, _, part = thousands.rpartition(decimal) if decimal else (thousands, "", "")
    reading = re.sub(r"[.,]", "", whole) + (f".{part}" if part else "")
    return Said("C02", f"{quoted} has a sign between thousands", f"Write {reading}")


def _pointed(cell: str) -> Said:
    """A number with a point where the decimal mark is a comma."""
    text, quoted = cell.strip(), cell_shown(cell)
    if re.fullmatch(r"[-+]?\d{1,3}\.\d{3}", text):
        large = text.replace(".", "")
        found = f"{quoted} is {large} or {text}, for the decimal mark is declared to be a comma"
        return Said("C02", found, f"Write {large} or {text.replace('.', ',')}")
    if "," in text or text.count(".") > 1:
        found = f"{quoted} has a sign between thousands"
        return Said("C02", found, f"Write {text.replace('.', '')}")
    found = f"{quoted} has a point, but the decimal mark is declared to be a comma"
    return Said("C01", found, f"Write {text.replace('.', ',')}, or take `decimal` away if all do")


def _in_parts(text: str, quoted: str) -> Said:
    """A number with a sign before it or words behind it, or no number at all."""
    found = f"{quoted} is not a finite number"
    if text.casefold() in _NOT_DETECTED:
        action = "It lies below what the instrument can tell: list it under `missing`, and say so"
        return Said("C03", found, f"{action} under `deviations`")
    parts = _IN_PARTS.fullmatch(text)
    if not parts or parts[3].startswith((".", ",")):
        return Said("C03", found, "Correct it, or list it under `missing`")
    before, number, behind = parts[1], parts[2].replace(",", "."), parts[3].strip()
    unit = unit_named(behind)
    if unit and not before:
        action = f"Write {number} alone; {unit} belongs to the outcome's `unit` or a `unit` step"
        return Said("C03", f"{found}: it holds the unit {unit}", action)
    if before and set(before) & set("<>≤≥"):
        action = "It is a limit, not a value: list it under `missing`, and say so"
        return Said("C03", found, f"{action} under `deviations`")
    extra = " and ".join(f"'{part}'" for part in (before, behind) if part)
    action = f"Write {number} if that is the value, without {extra}; else list it under `missing`"
    return Said("C03", found, action)


def _stands_in_number(sign: str) -> bool:
    """Whether a sign is a digit of another script, or a dash that looks like a minus."""
    return (sign.isdigit() and not sign.isascii()) or sign in "−–—‐‑‒﹣－＋．，"


def _list(code: str) -> str:
    """The default list of missing codes with one more."""
    return f'["", "NA", "{code}"]'
