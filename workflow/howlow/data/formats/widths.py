"""Rows that have not as many cells as the header: a cell may have moved to another column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from howlow.data.formats.edges import Row, counted
from howlow.findings import Finding

#: How many faults of one kind are told one by one.
TOLD = 5


@dataclass
class Widths:
    """The rows of another width than the header, as (line, number of cells), and what explains it.

    `comma` says that numbers have a decimal comma, and `cut_off` that the last line has no end.
    """

    width: int = 0
    comma: bool = False
    cut_off: bool = False
    others: list[tuple[int, int]] = field(default_factory=list)

    def findings(self, shown: str, last: Iterable[Row], *, any_fits: bool) -> Iterator[Finding]:
        """A fault for each of the first few rows, and one for all others of a kind."""
        if (
            not any_fits
            and len(self.others) > 1
            and {n for _, n in self.others} == {self.width + 1}
        ):
            yield self._one_more(shown, last)
            return
        for code, rows in (
            ("F09", [pair for pair in self.others if pair[1] > self.width]),
            ("F10", [pair for pair in self.others if pair[1] < self.width]),
        ):
            for line, count in rows[:TOLD]:
                found = f"{counted(count, 'cell')}, but the header has {self.width}"
                yield Finding(code, "error", shown, line, "", found, self._why(code, line))
            if len(rows) > TOLD:
                found = f"{len(rows) - TOLD} more rows have not {self.width} cells either"
                action = f"The last of them is line {rows[-1][0]}"
                yield Finding(code, "error", shown, rows[TOLD][0], "", found, action)

    def _one_more(self, shown: str, last: Iterable[Row]) -> Finding:
        """One fault where every row has one cell more than the header: there is one cause."""
        found = f"every row has {counted(self.width + 1, 'cell')}, but the header has {self.width}"
        action = "Name the first column too, if the rows are numbered as R does"
        if all(not row.cells[-1].strip() for row in last):
            action = "Add the delimiter at the end of the header too"
        elif self.comma:
            action = self._why("F09", 0)
        return Finding("F09", "error", shown, self.others[0][0], "", found, action)

    def _why(self, code: str, line: int) -> str:
        """What to do about a row of another width."""
        if code == "F09" and self.comma:
            return "Put numbers with a decimal comma in quotes, or save it with ; between cells"
        if code == "F10" and self.cut_off and line == self.others[-1][0]:
            return "The file ends within this row: download or copy it again"
        return "Give every row the same number of cells"
