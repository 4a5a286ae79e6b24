"""Raw tables as text: every cell is read as it stands, then converted as study.yaml declares."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from howlow.config.steps import Table
from howlow.errors import InputError
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

#: The line of the file a row came from travels with it under this name.
LINE = "__line__"


class Raw(NamedTuple):
    """A raw table, all cells text and the line of each row in `__line__`, and what was noticed."""

    frame: pd.DataFrame
    findings: list[Finding]


def read_raw(path: Path, table: Table, wanted: Collection[str] | None = None) -> Raw:
    """A raw table as text; of its columns only the wanted ones are read, all of them for None.

    Raises
    ------
    InputError
        With every row whose number of cells differs from the header's, an absent or empty file, a
        header that names a column twice, bytes that are not UTF-8, or a format that is not read.
    """
    if not path.is_file():
        action = "Put it there, or run `howlow fetch` if it is a public one"
        found = "there is no such file"
        raise InputError([Finding("F04", "error", path.as_posix(), 0, "", found, action)])
    if path.suffix == ".rda":
        return Raw(_keep(_read_rda(path, table), wanted), [])
    if path.suffix in {".csv", ".tsv", ".txt"}:
        return Raw(_keep(_read_delimited(path, table), wanted), [])
    action = "Give a .csv or .rda file"
    raise InputError([Finding("F18", "error", path.as_posix(), 0, "", path.suffix, action)])


def _keep(frame: pd.DataFrame, wanted: Collection[str] | None) -> pd.DataFrame:
    """The wanted columns and the line."""
    if wanted is None:
        return frame
    return frame[[column for column in frame.columns if column in wanted or column == LINE]]


def _read_delimited(path: Path, table: Table) -> pd.DataFrame:
    """A delimited text file, each row checked against the header."""
    import pandas as pd

    shown = path.as_posix()
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"byte {error.start} is not UTF-8"
        action = "Save the table as CSV UTF-8"
        raise InputError([Finding("F02", "error", shown, line, "", found, action)]) from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=table.delimiter, strict=True)
    faults: list[Finding] = []
    rows: list[list[str]] = []
    header: list[str] | None = None
    start = 1
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not cells:
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                faults += _header_faults(header, shown, line, table.delimiter)
            elif len(cells) != len(header):
                found = f"{len(cells)} cells, but the header has {len(header)}"
                action = "Give every row the same number of cells"
                code = "F09" if len(cells) > len(header) else "F10"
                faults.append(Finding(code, "error", shown, line, "", found, action))
            else:
                rows.append([*cells, str(line)])
    except csv.Error as error:
        action = "Close the quote, or double a quote inside a cell"
        faults.append(Finding("F11", "error", shown, start, "", str(error), action))
    if header is None or not (rows or faults):
        faults.append(
            Finding("F04", "error", shown, 0, "", "no rows of data", "Check that it is the file")
        )
    # Split at another sign, each row may have another number of cells; that is no fault of its own.
    split = [fault for fault in faults if fault.code == "F07"]
    if faults:
        raise InputError(split or faults)
    return pd.DataFrame(rows, columns=[*(header or []), LINE], dtype="str")


def _header_faults(header: list[str], shown: str, line: int, delimiter: str) -> list[Finding]:
    """A column named twice, or a header that did not come apart."""
    faults = [
        Finding("F08", "error", shown, line, name, f"column '{name}' is there twice", "Rename one")
        for position, name in enumerate(header)
        if name in header[:position]
    ]
    if len(header) == 1:
        likely = [sign for sign in ";\t,|" if sign != delimiter and sign in header[0]]
        if likely:
            found = f"one column only, split at {delimiter!r}"
            action = f"Set `delimiter: {likely[0]!r}` for this table"
            faults.append(Finding("F07", "error", shown, line, "", found, action))
    return faults


def _read_rda(path: Path, table: Table) -> pd.DataFrame:
    """A data frame of an R data file; numbers become text as R would print them."""
    import pandas as pd
    import rdata

    shown = path.as_posix()
    with warnings.catch_warnings():
        # A tibble is a data frame; rdata says that it does not know the extra class.
        warnings.filterwarnings("ignore", message="Missing constructor for R class")
        objects: dict[str, Any] = rdata.read_rda(path)
    frames = {name: value for name, value in objects.items() if isinstance(value, pd.DataFrame)}
    name = table.object or (next(iter(frames)) if len(frames) == 1 else "")
    if name not in frames:
        found = f"data frames: {', '.join(frames) or 'none'}"
        action = "Name one of them with `object:`"
        raise InputError([Finding("F15", "error", shown, 0, table.object or "", found, action)])
    frame = frames[name]
    text = pd.DataFrame(
        {column: [_as_text(cell) for cell in frame[column]] for column in frame.columns},
        dtype="str",
    )
    text[LINE] = [str(row) for row in range(1, len(text) + 1)]
    return text


def _as_text(cell: Any) -> str:
    """A cell of an R vector as text; NA as it is written in R."""
    if cell is None or cell != cell or str(cell) == "<NA>":  # NaN differs from itself
        return "NA"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return repr(float(cell)) if isinstance(cell, float) else str(cell)
