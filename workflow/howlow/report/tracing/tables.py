"""The tables of a results folder, read row by row with the line each row ends on."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from howlow.analysis.estimates import Estimate


@dataclass(frozen=True)
class Row:
    """One row of a table: its line in the file, counted from 1, and its cells as text."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of a table that howlow wrote; none where it is not there."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for cells in reader:
            yield Row(reader.line_num, {name: cell or "" for name, cell in cells.items() if name})


def json_of(path: Path) -> Any:
    """A JSON file; an empty object where it is not there."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def estimate_of(row: Row) -> Estimate:
    """An estimate from its row; empty cells are None where a number may be missing."""
    values: dict[str, Any] = {}
    for field in fields(Estimate):
        cell, kind = row[field.name], str(field.type)
        if kind.startswith("float"):
            values[field.name] = float(cell) if cell else None
        elif kind.startswith("int"):
            values[field.name] = int(float(cell)) if cell else None
        else:
            values[field.name] = cell == "True" if kind == "bool" else cell
    return Estimate(**values)
