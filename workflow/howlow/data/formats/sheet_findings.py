"""What a sheet holds that a table cannot say: formulas, colours, merged and hidden cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from howlow.config.steps import Table
from howlow.data.formats.edges import Row, counted, ranges
from howlow.data.formats.layout import Columns, Layout
from howlow.data.formats.widths import TOLD
from howlow.data.formats.workbook import Sheet, address, letter, read_sheet
from howlow.findings import Finding, Severity


def read_workbook(path: Path, table: Table, wanted: Collection[str] | None) -> Columns:
    """The wanted columns of a sheet, with every fault met on the way.

    Raises
    ------
    InputError
        Where the workbook cannot be read, or has several sheets and none is declared.
    """
    sheet = read_sheet(path, table.sheet, decimal=table.decimal)
    layout = Layout(table, wanted, path.as_posix(), ragged=True)
    columns = layout.read(_rows(sheet, table.skip_lines))
    layout.finish()
    if columns.names:
        columns.findings += _Area(sheet, columns, path.as_posix()).findings()
    return columns


def _rows(sheet: Sheet, skipped: int) -> Iterator[Row]:
    """The rows of a sheet below the banner, as dense lists."""
    for line, cells in sheet.rows:
        # A cell whose formula has no value counts as one that is there.
        if line > skipped and cells:
            yield Row(line, [cells.get(column, "") for column in range(max(cells) + 1)])


class _Area(NamedTuple):
    """The part of a sheet that is read: its header, its rows of data and its kept columns."""

    sheet: Sheet
    columns: Columns
    shown: str

    def findings(self) -> list[Finding]:
        return [
            *self._formulas(),
            *self._errors(),
            *self._merged(),
            *self._hidden(),
            *self._looks(),
        ]

    def _finding(
        self, severity: Severity, line: int, name: str, found: str, action: str
    ) -> Finding:
        return Finding("F15", severity, self.shown, line, name, found, action)

    def _name(self, column: int) -> str:
        """The name of a kept column by its place."""
        return self.columns.names[self.columns.positions.index(column)]

    def _inside(
        self, cells: Iterable[tuple[int, int]], *, header: bool
    ) -> dict[int, list[tuple[int, int]]]:
        """The cells among the kept columns and rows, by column."""
        lines = set(self.columns.lines)
        if header:
            first = self.columns.header
            lines |= set(range(first, first + self.columns.header_lines))
        kept = set(self.columns.positions)
        by_column: dict[int, list[tuple[int, int]]] = {}
        for line, column in cells:
            if column in kept and line in lines:
                by_column.setdefault(column, []).append((line, column))
        return by_column

    def _formulas(self) -> Iterator[Finding]:
        action = "Open the workbook in Excel, let it calculate, and save it"
        for column, cells in self._inside(self.sheet.unvalued, header=True).items():
            found = f"{_count(cells, 'formula')} without a value"
            yield self._finding("error", cells[0][0], self._name(column), found, action)

    def _errors(self) -> Iterator[Finding]:
        action = "Correct the formula, or empty the cell if the value is missing"
        for column, cells in self._inside(self.sheet.errors, header=True).items():
            shows = self.sheet.errors[cells[0]]
            found = f"{_count(cells, 'cell')} with an error of Excel: {shows}"
            yield self._finding("error", cells[0][0], self._name(column), found, action)

    def _merged(self) -> Iterator[Finding]:
        """Merged areas among the data: the value stands in one of the cells only."""
        kept, lines = self.columns.positions, self.columns.lines
        if not lines:
            return
        action = "Undo the merging, and fill in each cell"
        areas = [
            f"{address(top, left)}:{address(bottom, right)}"
            for top, bottom, left, right in sorted(self.sheet.merged)
            if bottom >= lines[0] and top <= lines[-1]
            if any(left <= column <= right for column in kept)
        ]
        first = next(
            (top for top, bottom, _, _ in sorted(self.sheet.merged) if bottom >= lines[0]), 0
        )
        if areas:
            told = ", ".join(areas[:TOLD]) + (" ..." if len(areas) > TOLD else "")
            found = f"{counted(len(areas), 'merged area')} among the data: {told}"
            yield self._finding("error", first, "", found, action)
        # Over a header of one row, a merged name belongs to one column and the others have none.
        header = self.columns.header
        for top, bottom, left, right in sorted(self.sheet.merged):
            if self.columns.header_lines == 1 and top <= header <= bottom and right > left:
                found = f"the header is merged in {address(top, left)}:{address(bottom, right)}"
                action = "Undo the merging, or set `header_lines: 2` if names stand in two rows"
                yield self._finding("error", header, "", found, action)

    def _hidden(self) -> Iterator[Finding]:
        sheet = self.sheet
        if sheet.hidden:
            found = f"the sheet '{sheet.title}' is hidden"
            yield self._finding("warning", 0, "", found, "It is read; check that it is the one")
        there = set(self.columns.lines)
        rows = [line for line in sheet.hidden_rows if line in there]
        if rows:
            found = f"{counted(len(rows), 'hidden row')}: {ranges(rows)}"
            action = "They are read as all others; delete them if they are not to count"
            yield self._finding("warning", rows[0], "", found, action)
        kept = set(self.columns.positions)
        for column in sorted(kept & set(sheet.hidden_columns)):
            found = f"column {letter(column)} is hidden"
            yield self._finding("warning", 0, self._name(column), found, "It is read all the same")
        if sheet.others_hidden:
            # Not by name: a sheet may be named after a person.
            found = f"{counted(len(sheet.others_hidden), 'hidden sheet')} beside this one"
            yield self._finding("warning", 0, "", found, "Not read")

    def _looks(self) -> Iterator[Finding]:
        """Colours, which may mean something, and percentages, which are kept as fractions."""
        coloured = [
            cell
            for inside in self._inside(self.sheet.coloured, header=False).values()
            for cell in inside
        ]
        if coloured:
            first = min(coloured)
            number = counted(len(coloured), "cell")
            found = f"{number} with a fill colour, the first is {address(*first)}"
            action = "Colour is not read: if it means something, say it in a column of its own"
            yield self._finding("warning", first[0], "", found, action)
        for column, cells in self._inside(self.sheet.percent, header=False).items():
            found = f"{_count(cells, 'cell')} shown as a percentage: 5 % is read as 0.05"
            action = "Multiply by 100 in the sheet, or declare the unit as a fraction"
            yield self._finding("warning", cells[0][0], self._name(column), found, action)


def _count(cells: list[tuple[int, int]], what: str) -> str:
    """`3 formulas (B4, B5, B9)`."""
    told = ", ".join(address(*cell) for cell in cells[:TOLD]) + (
        " ..." if len(cells) > TOLD else ""
    )
    return f"{counted(len(cells), what)} ({told})"
