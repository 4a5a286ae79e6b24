"""Where in a file's rows the table is: its names, its rows, and what stands above and below."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING

from howlow.config.steps import Table
from howlow.data.formats.edges import (
    Row,
    counted,
    filled,
    footer,
    header_place,
    is_number,
    is_summary,
    ranges,
    span,
)
from howlow.data.formats.widths import Widths
from howlow.findings import Finding, Severity

if TYPE_CHECKING:
    import pyarrow as pa

    from howlow.data.formats.at_once import Block

    #: Gives all rows that are left, by the width and the positions of the columns to keep.
    AtOnce = Callable[[int, Sequence[int], int], Block | None]

#: Rows turned into columns at a time; more only takes memory.
_CHUNK = 1_024
_RIGHT_FILE = "Check that this is the right file, and that it was saved with its rows"
#: How far down a header is looked for, and how far up a footer, in rows.
_HEAD, _FOOT = 30, 12


@dataclass
class Columns:
    """The kept columns of a table as text.

    `names` are those kept and `positions` where they stand, counted from 0; `every` are all names
    of the header, `header` is the line of its first row and `lines` that of each row of data.
    """

    every: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    arrays: list[pa.ChunkedArray] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    header: int = 0
    header_lines: int = 1
    findings: list[Finding] = field(default_factory=list)


class Layout:
    """Reads a table from rows as they come, once, and collects every fault on the way.

    `ragged` is for sheets, where a cell's column is its place: a short row ends in empty cells, and
    a longer one has cells beside the table. Elsewhere each is a fault, since a cell may have moved.
    """

    def __init__(
        self, table: Table, wanted: Collection[str] | None, shown: str, *, ragged: bool
    ) -> None:
        self.table = table
        self.wanted = wanted
        self.shown = shown
        self.ragged = ragged
        self.columns = Columns()
        self.widths = Widths(comma=table.decimal == ",")
        self._last: deque[Row] = deque(maxlen=_FOOT)
        self._summaries: list[int] = []
        self._beside = 0
        self._beside_line = 0

    def read(self, rows: Iterable[Row], at_once: AtOnce | None = None) -> Columns:
        """The table in rows that are not empty; rows above `skip_lines` are not among them.

        `at_once` may give all rows below the first few at once, if all of them are plain.
        """
        rows = iter(rows)
        head = list(islice(rows, _HEAD))
        if not head:
            self._add("F04", "error", 0, "", "no rows of data", _RIGHT_FILE)
            return self.columns
        start, lines = self._find_header(head)
        self.columns.header_lines = lines
        names = self._names([row.cells for row in head[start : start + lines]])
        self.choose(names, head[start].line)
        body: Iterable[Row] = head[start + lines :]
        block = None
        if at_once is not None and not self.table.skip_footer and len(head) == _HEAD:
            block = at_once(self.widths.width, self.columns.positions, _FOOT)
        if block is not None and head[start].cells[0] in block.first.unique().to_pylist():
            block = None  # the header may come again
        if block is None:
            body = _without_footer(chain(body, rows), self.table.skip_footer)
        chunks = self._fill(body, head[start])
        if block is not None:
            self._take(block, chunks)
        self._close(chunks)
        return self.columns

    def finish(self) -> None:
        """Say what can be said only when every row has been seen."""
        columns, count = self.columns, len(self.columns.lines)
        self._say_footer()
        fits = bool(columns.lines)
        columns.findings += self.widths.findings(self.shown, self._last, any_fits=fits)
        if count == 0 and not columns.findings:
            self._add("F04", "error", 0, "", "no rows of data", _RIGHT_FILE)
        declared = self.table.rows
        if declared is not None and count != declared and count:
            found = f"{counted(count, 'row')} of data, but `rows` says {declared}"
            action = "Download or copy the file again if it is cut short, or correct `rows`"
            self._add("F13", "error", 0, "", found, action)
        if self._beside:
            found = f"beside the table, under no name: {counted(self._beside, 'cell')}"
            action = "They are not read; move them to another sheet"
            self._add("F12", "warning", self._beside_line, "", found, action)

    def _add(
        self, code: str, severity: Severity, line: int, column: str, found: str, action: str
    ) -> None:
        self.columns.findings.append(
            Finding(code, severity, self.shown, line, column, found, action)
        )

    # The header

    def _find_header(self, head: list[Row]) -> tuple[int, int]:
        """Which of the first rows holds the names, in how many; a fault if not as declared."""
        declared = self.table.header_lines
        place, lines = header_place([row.cells for row in head], self.wanted, declared)
        line = head[place].line
        if place:
            above = span([row.line for row in head[:place]])
            found = f"{above} above the header, which seems to be on line {line}"
            action = f"Set `skip_lines: {line - 1}` for this table"
            if lines != declared:
                action += f", and `header_lines: {lines}`: the names stand in two rows"
            self._add("F12", "error", head[0].line, "", found, action)
        elif lines != declared:
            found = f"the names seem to stand in two rows, lines {line} and {head[1].line}"
            self._add("F12", "error", line, "", found, "Set `header_lines: 2` for this table")
        numbers = sum(map(is_number, head[place].cells))
        if self.wanted is None and lines == 1 and numbers * 2 > filled(head[place].cells):
            found = f"{counted(numbers, 'number')} among the names of the columns"
            action = "If this line is data, add a line with the names above it"
            self._add("F12", "warning", line, "", found, action)
        return place, lines

    def _names(self, header: list[Sequence[str]]) -> list[str]:
        """The names of the columns, from one row or two."""
        if len(header) < 2:
            return [cell.strip() for cell in header[0]]
        width = max(map(len, header))
        above = ""
        names = []
        for position in range(width):
            upper, lower = (row[position].strip() if position < len(row) else "" for row in header)
            above = upper or above
            names.append(f"{above}|{lower}" if above and lower else lower or upper)
        return names

    def choose(self, names: list[str], line: int) -> None:
        """Keep the wanted columns; a kept name that comes twice is a fault."""
        while self.ragged and names and not names[-1]:
            names.pop()
        self.widths.width = len(names)
        columns, wanted = self.columns, self.wanted
        columns.every, columns.header = list(names), line
        for position, name in enumerate(names):
            if wanted is not None and name not in wanted:
                continue
            if name and name in columns.names:
                first = columns.positions[columns.names.index(name)]
                found = f"column '{name}' is there twice, as column {first + 1} and {position + 1}"
                self._add("F08", "error", line, name, found, "Rename one, or remove it")
                continue
            columns.names.append(name)
            columns.positions.append(position)

    # The rows

    def _fill(self, rows: Iterable[Row], header: Row) -> list[list[pa.Array]]:
        """Take the rows into columns, in chunks."""
        width, ragged, lines = self.widths.width, self.ragged, self.columns.lines
        first_name = header.cells[0]
        chunks: list[list[pa.Array]] = [[] for _ in self.columns.positions]
        chunk: list[Sequence[str]] = []
        for row in rows:
            line, cells = row
            count = len(cells)
            if count != width:
                if not ragged:
                    self.widths.others.append((line, count))
                    self._last.append(row)
                    continue
                cells = self._fitted(line, cells)
            first = cells[0] if cells else ""
            if first == first_name and list(cells) == list(header.cells)[:width]:
                self._repeated(line)
                continue
            if is_summary(first):
                self._summaries.append(line)
            self._last.append(row)
            lines.append(line)
            chunk.append(cells)
            if len(chunk) == _CHUNK:
                self._flush(chunk, chunks)
                chunk = []
        self._flush(chunk, chunks)
        return chunks

    def _take(self, block: Block, chunks: list[list[pa.Array]]) -> None:
        """Take rows that were read at once."""
        import pyarrow as pa
        from pyarrow import compute

        for position, parts in zip(self.columns.positions, chunks, strict=True):
            parts += block.cells[position].chunks
        words = [cell for cell in block.first.unique().to_pylist() if is_summary(cell)]
        if words:
            rows = compute.is_in(block.first, pa.array(words, block.first.type))
            found = rows.to_numpy().nonzero()[0].tolist()
            self._summaries += [block.lines[row] for row in found]
        self.columns.lines += block.lines
        self._last.extend(block.last)

    def _fitted(self, line: int, cells: Sequence[str]) -> Sequence[str]:
        """A row of a sheet in the width of its header."""
        beside = filled(cells[self.widths.width :])
        if beside:
            self._beside_line = self._beside_line or line
            self._beside += beside
        return [*cells[: self.widths.width], *[""] * (self.widths.width - len(cells))]

    def _repeated(self, line: int) -> None:
        found = "this line repeats the header"
        action = (
            "Remove it, and what was pasted below it if it stands there twice; where another group "
            "or visit begins below, say so in a column of its own first"
        )
        self._add("F12", "error", line, "", found, action)

    def _flush(self, chunk: list[Sequence[str]], chunks: list[list[pa.Array]]) -> None:
        if not chunk:
            return
        by_column = list(zip(*chunk, strict=True))
        for position, parts in zip(self.columns.positions, chunks, strict=True):
            parts.append(packed(by_column[position]))

    def _close(self, chunks: list[list[pa.Array]]) -> None:
        """Join the chunks; a column without a name is kept by nobody, and must be empty."""
        import pyarrow as pa
        from pyarrow import compute

        columns = self.columns
        columns.arrays = [pa.chunked_array(parts, pa.large_string()) for parts in chunks]
        nameless = [index for index, name in enumerate(columns.names) if not name]
        full = [
            columns.positions[index] + 1
            for index in nameless
            if compute.max(compute.utf8_length(columns.arrays[index])).as_py()
        ]
        if full:
            found = f"no name for {'column' if len(full) == 1 else 'columns'} {ranges(full)}"
            action = "Give a name in the header, or remove what stands there"
            self._add("F08", "error", columns.header, "", found, action)
        for index in reversed(nameless):
            del columns.names[index], columns.positions[index], columns.arrays[index]

    # What stands below, and rows that do not fit

    def _say_footer(self) -> None:
        """Tell of means, totals and remarks at the end of the table, and of those within it."""
        block = footer(self._last, self.widths.width)
        within = [line for line in self._summaries if line not in block]
        count = len(self.columns.lines)
        # In a table of summaries such words are data, and come again and again.
        if len(within) * 20 > count or len(block) * 2 > count or self.table.rows == count:
            return
        if block:
            found = f"{span(block)} below the table: means, totals or remarks"
            action = (
                f"Set `skip_footer: {block[-1] - block[0] + 1}` for this table; if they are rows "
                f"of data after all, declare `rows: {count}`"
            )
            self._add("F12", "error", block[0], "", found, action)
            widths = self.widths
            widths.others = [pair for pair in widths.others if pair[0] not in block]
        if within:
            found = f"{span(within)} within the table, and seem to be means or totals"
            self._add("F12", "warning", within[0], "", found, "Remove them, or drop by a `filter`")


def packed(cells: Sequence[str]) -> pa.Array:
    """Cells as one piece of memory, a fifth of what a list of them takes."""
    import numpy as np
    import pyarrow as pa

    joined = "".join(cells)
    if not joined.isascii():
        return pa.array(cells, pa.large_string())
    # Of ASCII the lengths in characters are those in bytes: three times as fast as the library.
    ends = np.zeros(len(cells) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, cells), np.int64, len(cells)), out=ends[1:])
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(joined.encode())]
    return pa.LargeStringArray.from_buffers(len(cells), buffers[1], buffers[2])


def _without_footer(rows: Iterable[Row], skipped: int) -> Iterator[Row]:
    """The rows above the last `skipped` lines; lines are counted from the last row of all."""
    if not skipped:
        yield from rows
        return
    held: deque[Row] = deque()
    for row in rows:
        held.append(row)
        while held[0].line <= row.line - skipped:
            yield held.popleft()
