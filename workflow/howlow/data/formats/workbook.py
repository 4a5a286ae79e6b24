"""Excel workbooks: the cells of a sheet as text, and all in it that a table cannot say."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple
from xml.etree import ElementTree

from howlow.config.schema import did_you_mean
from howlow.data.formats.cells import as_text
from howlow.data.formats.guards import check_archive, readable
from howlow.data.formats.kinds import check_file
from howlow.errors import HowlowError, InputError
from howlow.findings import Finding


class SheetRow(NamedTuple):
    """A row of a sheet: its number, counted from 1, and its cells by column, counted from 0."""

    line: int
    cells: dict[int, str]


@dataclass
class Sheet:
    """A sheet as it was read, and where in it something stands that a table cannot say.

    `unvalued` holds the cells with a formula but no value, `errors` those that show an error,
    `coloured` and `percent` those with a fill colour and those shown as percentages, each by row
    and column; `merged` the merged areas as (first row, last row, first column, last column).
    Rows are counted from 1 and columns from 0.
    """

    title: str
    hidden: bool
    rows: list[SheetRow] = field(default_factory=list)
    unvalued: list[tuple[int, int]] = field(default_factory=list)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    coloured: list[tuple[int, int]] = field(default_factory=list)
    percent: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    others_hidden: list[str] = field(default_factory=list)


def address(line: int, column: int) -> str:
    """The name of a cell in Excel, such as B12."""
    return f"{letter(column)}{line}"


def letter(column: int) -> str:
    """The name of a column in Excel, counted from 0."""
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(column + 1))


def sheet_names(path: Path) -> list[str]:
    """The sheets of a workbook that hold any cell, in order.

    Raises
    ------
    InputError
        Where the workbook cannot be read.
    """
    with _workbook(path) as book:
        return [sheet.title for sheet in book.worksheets if _has_cells(book, sheet)]


def read_sheet(path: Path, name: str | None, limit: int | None = None, decimal: str = ".") -> Sheet:
    """One sheet of a workbook; the only one where `name` is None or empty.

    Cells that are numbers to the workbook are written with the decimal mark, so that they can
    stand beside cells of text in which somebody typed it.

    Raises
    ------
    InputError
        Where the workbook cannot be read, or has several sheets and `name` is none of them.
    """
    with _workbook(path) as book:
        sheet = _chosen(book, name, path)
        return _read(book, sheet, limit, decimal)


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    """An open workbook, checked before it is parsed; formulas give the values Excel kept."""
    check_file(path)
    check_archive(path)
    import openpyxl

    if not openpyxl.DEFUSEDXML:
        # An environment variable can turn it off; without it a small file can fill the memory.
        raise HowlowError("workbooks are only read with defusedxml: unset OPENPYXL_DEFUSEDXML")
    with readable(path, "an Excel workbook"), warnings.catch_warnings(), path.open("rb") as file:
        # It warns of extensions, charts and styles that it leaves out; no cell is among them.
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(
            file, read_only=True, data_only=True, keep_vba=False, keep_links=False
        )
        try:
            yield book
        finally:
            book.close()


def _has_cells(book: Any, sheet: Any) -> bool:
    """Whether a sheet holds any cell that is not empty."""
    return any(row.cells for row in _rows(book, sheet, Sheet(sheet.title, False)))


def _chosen(book: Any, name: str | None, path: Path) -> Any:
    """The sheet of that name, or the only one that holds anything."""
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if name and name in sheets:
        return sheets[name]
    full = [title for title, sheet in sheets.items() if _has_cells(book, sheet)]
    if not name and len(full) == 1:
        return sheets[full[0]]
    told = ", ".join(
        f"'{title}'" + (" (hidden)" if sheets[title].sheet_state != "visible" else "")
        for title in full or sheets
    )
    if name:
        found, action = f"there is no sheet '{name}'", did_you_mean(name, sheets)
        action += f"Set `sheet:` to one of {told}"
    elif full:
        found, action = f"{len(full)} sheets: {told}", "Say which with `sheet:`"
    else:
        found, action = "no sheet holds anything: no rows of data", "Check that it is the right one"
    code = "F15" if full or name else "F04"
    raise InputError([Finding(code, "error", path.as_posix(), 0, "", found, action)])


def _read(book: Any, sheet: Any, limit: int | None, decimal: str) -> Sheet:
    """A sheet with all its rows that hold anything, up to a number of them."""
    read = Sheet(sheet.title, sheet.sheet_state != "visible")
    read.others_hidden = [
        other.title
        for other in book.worksheets
        if other.sheet_state != "visible" and other.title != sheet.title
    ]
    for row in _rows(book, sheet, read, decimal):
        if row.cells:
            read.rows.append(row)
        if limit is not None and len(read.rows) >= limit:
            break
    return read


def _rows(book: Any, sheet: Any, read: Sheet, decimal: str = ".") -> Iterator[SheetRow]:
    """The rows of a sheet in one pass, noting on the way what a table cannot say."""
    from openpyxl.worksheet._reader import (
        COL_TAG,
        FORMULA_TAG,
        MERGE_TAG,
        ROW_TAG,
        VALUE_TAG,
        WorkSheetParser,
    )
    from openpyxl.worksheet.merge import MergeCells

    known: dict[Any, str] = {}
    coloured, percent = _coloured_styles(book), _percent_styles(book)

    class Parser(WorkSheetParser):  # type: ignore[misc]
        """The library's parser, which also says where a formula has no value.

        It reads cells and layout and nothing else, with Python's fast parser: defusedxml's own is
        four times slower, and has no more to look for below the first element.
        """

        def parse(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
            for _, element in ElementTree.iterparse(self.source):
                if element.tag == ROW_TAG:
                    yield self.parse_row(element)
                    element.clear()
                elif element.tag == COL_TAG:
                    self.parse_column_dimensions(element)
                elif element.tag == MERGE_TAG:
                    self.merged_cells = MergeCells.from_tree(element)

        def parse_cell(self, element: Any) -> dict[str, Any]:
            cell: dict[str, Any] = super().parse_cell(element)
            if (
                cell["value"] is None
                and element.find(FORMULA_TAG) is not None
                and not (element.get("t") == "str" and element.find(VALUE_TAG) is not None)
            ):
                cell["data_type"] = "unvalued"
            return cell

    # The read-only sheet of the library gives cells alone; its parser knows of the rest too.
    with sheet._get_source() as source:
        refuse_entities(source)
    with sheet._get_source() as source:
        parser = Parser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for line, row in parser.parse():
            cells: dict[int, str] = {}
            for cell in row:
                value, kind, column = cell["value"], cell["data_type"], cell["column"] - 1
                style = cell["style_id"]
                if style in coloured:
                    read.coloured.append((line, column))
                if kind == "unvalued":
                    read.unvalued.append((line, column))
                    cells[column] = ""
                    continue
                if value is None:
                    continue
                key = (value.__class__, value)
                text = known.get(key)
                if text is None:
                    text = as_text(value)
                    if isinstance(value, float):
                        text = text.replace(".", decimal)
                    known[key] = text
                if kind == "e":
                    read.errors[line, column] = text
                elif kind == "n" and style in percent:
                    read.percent.append((line, column))
                if text:
                    cells[column] = text
            yield SheetRow(line, cells)
        _note_layout(parser, read)


def refuse_entities(source: IO[bytes]) -> None:
    """Raise an exception of defusedxml if a part of a workbook declares a document type.

    Entities can be declared there alone, and it stands before the first element: what follows can
    hold none.
    """
    from defusedxml.ElementTree import iterparse

    next(iter(iterparse(source, ("start",), forbid_dtd=True)), None)


def _note_layout(parser: Any, read: Sheet) -> None:
    """Merged areas, hidden rows and hidden columns of a parsed sheet."""
    for area in parser.merged_cells.mergeCell if parser.merged_cells else ():
        left, top, right, bottom = area.bounds
        read.merged.append((top, bottom, left - 1, right - 1))
    read.hidden_rows = sorted(
        int(line) for line, row in parser.row_dimensions.items() if row.get("hidden") in _YES
    )
    for column in parser.column_dimensions.values():
        if column.get("hidden") in _YES:
            first, last = int(column["min"]), min(int(column["max"]), 16_384)
            read.hidden_columns.extend(range(first - 1, last))


_YES = ("1", "true")


def _coloured_styles(book: Any) -> set[int]:
    """The numbers of the cell styles that fill the cell with a colour other than white."""
    fills = {
        number
        for number, fill in enumerate(book._fills)
        if getattr(fill, "fill_type", None) not in (None, "none")
        and not (number == 1 and fill.fill_type == "gray125")  # always there, never used
        and getattr(getattr(fill, "fgColor", None), "rgb", "") not in ("FFFFFFFF", "00FFFFFF")
    }
    return {number for number, style in enumerate(book._cell_styles) if style.fillId in fills}


def _percent_styles(book: Any) -> set[int]:
    """The numbers of the cell styles that show 0.05 as 5 %."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE

    def code(number: int) -> str:
        if number < BUILTIN_FORMATS_MAX_SIZE:
            return str(BUILTIN_FORMATS.get(number, ""))
        own = number - BUILTIN_FORMATS_MAX_SIZE
        return str(book._number_formats[own]) if own < len(book._number_formats) else ""

    return {number for number, style in enumerate(book._cell_styles) if "%" in code(style.numFmtId)}
