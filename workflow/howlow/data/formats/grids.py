"""Tables as they stand, with headers and banners, for what only looks at a file."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from itertools import islice
from pathlib import Path

from howlow.data.formats.cells import Named
from howlow.data.formats.columnar import read_parquet
from howlow.data.formats.kinds import check_file
from howlow.data.formats.r_data import r_frames, read_r
from howlow.data.formats.sniffing import Sniffed, sniff
from howlow.data.formats.statistical import labels_of, read_statistical, value_labels_of
from howlow.data.formats.workbook import read_sheet, sheet_names

__all__ = ["Sniffed", "grid", "labels", "sheets", "sniff", "value_labels"]


def sheets(path: Path) -> list[str]:
    """The sheets of a workbook, the data frames of an R file; [''] for any other format.

    Raises
    ------
    InputError
        Where the file cannot be read.
    """
    match check_file(path):
        case "xlsx":
            return sheet_names(path)
        case "rda" | "rds":
            return list(r_frames(path).frames)
    return [""]


def grid(
    path: Path,
    sheet: str = "",
    encoding: str = "utf-8",
    delimiter: str = ",",
    limit: int | None = None,
) -> list[list[str]]:
    """The rows of a table as text, header rows and banners among them, all of one length.

    Of a merged area the cell at its top left alone is filled. A file of SPSS, Stata, Parquet or R
    has the names of its columns as the first row. At most `limit` rows. Empty rows of a sheet and
    of a text file stay, so that row i is line i + 1, unless a quoted cell holds a line break.

    Raises
    ------
    InputError
        Where the file cannot be read.
    """
    match check_file(path):
        case "xlsx":
            return _sheet_grid(path, sheet, limit)
        case "sav" | "dta":
            return _named_grid(read_statistical(path, limit=_less_one(limit)), limit)
        case "parquet":
            return _named_grid(read_parquet(path, limit=_less_one(limit)), limit)
        case "rda" | "rds":
            return _named_grid(read_r(path, sheet, limit=_less_one(limit)), limit)
    text = path.read_bytes().decode(encoding, errors="replace").removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    # What comes before a fault can be looked at; the reader of the table tells the fault.
    with suppress(csv.Error):
        rows.extend(islice(reader, limit))
    return _filled(rows)


def labels(path: Path) -> dict[str, str]:
    """The label of each column that has one: .sav, .zsav and .dta; {} for any other format."""
    return labels_of(path) if check_file(path) in ("sav", "dta") else {}


def value_labels(path: Path) -> dict[str, dict[str, str]]:
    """For each column with labelled values, value: label; .sav, .zsav and .dta, {} for others."""
    return value_labels_of(path) if check_file(path) in ("sav", "dta") else {}


def _sheet_grid(path: Path, name: str, limit: int | None) -> list[list[str]]:
    """The rows of a sheet, the empty ones among them."""
    read = read_sheet(path, name, limit).rows
    rows: list[list[str]] = []
    for line, cells in read:
        # A cell far below the table is not worth a million empty rows.
        rows.extend([] for _ in range(len(rows) + 1, min(line, len(rows) + 1000)))
        rows.append([cells.get(column, "") for column in range(min(max(cells), 5_000) + 1)])
    return _filled(rows[:limit])


def _named_grid(named: Named, limit: int | None) -> list[list[str]]:
    """The names of the columns, and the rows below."""
    columns = [named.cells[name] for name in named.names if name in named.cells]
    return [list(named.names), *(list(row) for row in zip(*columns, strict=True))][:limit]


def _less_one(limit: int | None) -> int | None:
    """How many rows are left below the names."""
    return None if limit is None else max(1, limit - 1)


def _filled(rows: list[list[str]]) -> list[list[str]]:
    """Rows of one length."""
    width = max(map(len, rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]
