"""The checked rows of a collection's table of arms, as the data stage hands them on."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, fields
from pathlib import Path

#: The code of the note on a row that is not used.
LEFT_OUT = "LEFT_OUT"


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """What a paper prints of one arm (or, for role `contrast`, of a difference between arms).

    Numbers that are not printed are NaN. `use` is fitted, described or left out; `questions` are
    those the row may serve; `assumed` says what reading it takes.
    """

    trial: str
    arm: str
    outcome: str
    visit: str
    phase: str
    role: str
    questions: tuple[str, ...]
    change_vs: str
    use: str
    reason: str
    caution: str
    assumed: str
    weeks: float
    n: float
    mean_pre: float
    mean_post: float
    mean_change: float
    ci_low: float
    ci_high: float

    @property
    def gain(self) -> float:
        """Printed change, or after less before."""
        return self.mean_post - self.mean_pre if math.isnan(self.mean_change) else self.mean_change


def split_questions(cell: str) -> tuple[str, ...]:
    """The questions of a cell such as `load; volume`."""
    return tuple(word.strip() for word in cell.split(";") if word.strip())


def read_printed(path: Path) -> dict[str, list[PrintedRow]]:
    """The rows of printed.csv by trial, in the order of the table (none for individual data)."""
    kinds = {field.name: field.type for field in fields(PrintedRow)}
    found: dict[str, list[PrintedRow]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for cells in csv.DictReader(file):
            values = {
                name: (float(cells[name]) if cells[name] else math.nan)
                if kind == "float"
                else cells.get(name, "")
                for name, kind in kinds.items()
                if name != "questions"
            }
            row = PrintedRow(questions=split_questions(cells["question"]), **values)  # type: ignore[arg-type]
            found.setdefault(row.trial, []).append(row)
    return found
