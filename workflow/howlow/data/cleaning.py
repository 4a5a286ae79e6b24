"""The declared cleaning of a table: what its cells stand for, then its steps in order.

A fault does not stop the table at once. It is told, the row goes on, and a reader sees all faults
together; only a column that is not there leaves nothing to go on with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from howlow.config.schema import did_you_mean
from howlow.config.steps import Step, Table
from howlow.config.study import Columns
from howlow.data.cells import (
    formula_faults,
    has_decimal_comma,
    has_point,
    number_cells,
    pointed_faults,
)
from howlow.data.columns import columns_of, columns_through, own_words
from howlow.data.steps import apply, in_words
from howlow.data.tables import LINE
from howlow.errors import InputError
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd


class Cleaned(NamedTuple):
    """A table after its steps, and what was noticed; an error among it makes the table unfit."""

    frame: pd.DataFrame
    findings: list[Finding]


def clean(
    raw: pd.DataFrame,
    table: Table,
    shown: str,
    people: Mapping[str, pd.DataFrame] | None = None,
    participant: str = "participant",
    header: Sequence[str] = (),
    *,
    categories: bool = False,
) -> Cleaned:
    """Apply a table's steps in order; cells that stand for a missing value become empty.

    Before the steps a declared decimal comma becomes a point, in cells that are such numbers. All
    other cells are compared as they stand: a space more makes another word. `people` holds the
    cleaned tables of participants by name, whose ids are in the column `participant`; `header` has
    every name in the file, of which `raw` may hold some only.
    The cells are text; with `categories`, a table whose columns became rows may hold categories.

    Raises
    ------
    InputError
        With every column that a step needs and the table lacks; with what was found so far, where
        no row is left, a column would be there twice, or a table to look up could not be read.
    """
    _require(raw, table, shown, header)
    frame, findings = _without_missing(raw, table, shown)
    for column in frame.columns.drop(LINE):
        findings += formula_faults(frame, column, shown, own_words(table, column))
    if table.decimal == ",":
        findings += _to_points(frame, table, shown)
    for number, step in enumerate(table.steps, start=1):
        frame, told = apply(frame, step, shown, people or {}, participant)
        # Two steps may do the same to as many cells, and equal notes are told once.
        findings += [
            replace(fault, found=f"{fault.found} (step {number})")
            if fault.severity == "note"
            else fault
            for fault in told
        ]
        errors = [fault for fault in findings if fault.severity == "error"]
        if frame.empty and errors:
            raise InputError(errors)
    return Cleaned(frame if categories else in_words(frame), findings)


def wanted_columns(table: Table, columns: Columns) -> set[str]:
    """The columns of a raw table that are read at all: those that study.yaml names.

    Names that only a step makes are among them and do no harm.
    """
    named = {name for name in columns.model_dump().values() if name is not None}
    named |= set(_with_own_codes(table))
    for step in table.steps:
        named |= set(columns_of(step))
    # Headers are read without the spaces around them.
    return {name.strip() for name in named}


def numbers(frame: pd.DataFrame, column: str, shown: str) -> pd.Series:
    """A column as numbers, NaN where empty; raise InputError naming every cell that is none."""
    values, faults = number_cells(frame, column, shown)
    if faults:
        raise InputError(faults)
    return values


def _with_own_codes(table: Table) -> list[str]:
    """The columns that have missing codes of their own."""
    return (
        []
        if isinstance(table.missing, tuple)
        else [name for name in table.missing if name != "other"]
    )


def _require(raw: pd.DataFrame, table: Table, shown: str, header: Sequence[str]) -> None:
    """Raise InputError for columns that are named but neither in the table nor made by a step."""
    there = [str(column) for column in raw.columns if column != LINE]
    absent = [
        ("`missing` names the column", name) for name in _with_own_codes(table) if name not in there
    ]
    step: Step
    known = set(there)
    for step in table.steps:
        needed = dict.fromkeys(columns_of(step, needed=True))
        absent += [
            (f"step `{step.step}` needs the column", name) for name in needed if name not in known
        ]
        # What an absent column would have become is not told a second time.
        known = columns_through(step, known | set(needed))
    every = list(header) or there
    listed = f"Columns: {', '.join(every[:12])}{' ...' if len(every) > 12 else ''}"
    faults = [
        Finding(
            "G01",
            "error",
            shown,
            1,
            name,
            f"{words} '{name}', which is not there",
            f"{did_you_mean(name, every)}{listed}",
        )
        for words, name in dict.fromkeys(absent)
    ]
    if faults:
        raise InputError(faults)


def _without_missing(
    raw: pd.DataFrame, table: Table, shown: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """The table with empty cells where a missing code stood, and how many cells each was.

    Spaces around a code do not make it a value; a cell of spaces alone is an empty one.
    """
    import pandas as pd

    parts: dict[str, pd.Series] = {}
    notes: list[Finding] = []
    usual: dict[str, int] = {}
    for column in raw.columns.drop(LINE):
        cells = raw[column]
        bare = cells.str.strip(_SPACES)
        codes = {code.strip(_SPACES) for code in table.codes_missing(column)}
        missing = bare.isin(list(codes))
        for code, count in bare[missing].value_counts().items():
            if code in ("", "NA"):
                usual[code] = usual.get(code, 0) + int(count)
                continue
            found = f"'{code}' stood for missing in {count} cell{'s' if count > 1 else ''}"
            notes.append(Finding("C04", "note", shown, 0, column, found, "As declared"))
        parts[column] = cells.mask(missing, "")
    if usual:
        counts = {
            code: f"{number} {word} cell{'s' if number > 1 else ''}"
            for code, word in (("", "empty"), ("NA", "'NA'"))
            if (number := usual.get(code, 0))
        }
        found = f"{' and '.join(counts.values())} stood for missing in this table"
        notes.append(Finding("C04", "note", shown, 0, "", found, "As declared"))
    parts[LINE] = raw[LINE]
    return pd.DataFrame(parts, index=raw.index), notes


def _to_points(frame: pd.DataFrame, table: Table, shown: str) -> list[Finding]:
    """Write decimal commas as points, in place; faults of cells that have a point already.

    A column is one of numbers where a cell has a decimal comma, where a step or the default name
    says so, or where some numbers have a point and others none; ids such as 1.001 are let be.
    """
    faults: list[Finding] = []
    numeric = _number_columns(table)
    for column in frame.columns.drop(LINE):
        cells = frame[column]
        comma, point = has_decimal_comma(cells), has_point(cells)
        if point.any() and (column in numeric or comma.any() or _some_whole(cells[~point])):
            faults += pointed_faults(frame, column, shown)
            # Told once, as what it is; to read it as either number would make more of it.
            cells = cells.mask(point, "")
        if comma.any():
            cells = cells.mask(comma, cells.str.strip().str.replace(",", ".", regex=False))
        frame[column] = cells
    return faults


def _some_whole(cells: pd.Series) -> bool:
    """Whether the cells that are not empty are whole numbers, and there are some."""
    filled = cells[cells != ""]
    return len(filled) > 0 and bool(filled.str.strip().str.fullmatch(r"[-+]?[0-9]+").all())


def _number_columns(table: Table) -> set[str]:
    """The columns that the steps take for numbers, under the names they have in the file."""
    numeric = {"value"}
    for step in reversed(table.steps):
        match step.step:
            case "unit":
                numeric.add(step.column)
            case "combine":
                numeric.add(step.value)
            case "reshape":
                numeric |= set(step.columns) if step.value in numeric else set()
            case "rename":
                numeric |= {old for old, new in step.columns.items() if new in numeric}
    return numeric


#: What surrounds a cell without saying anything: spaces of all kinds, and signs of no width.
_SPACES = " \t\r\n\u00a0\u2007\u2009\u202f\u200b\ufeff"
