"""What the synthesis wrote beside estimates, evidence and the answer, read once."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from howlow.data.cells import guarded
from howlow.synthesis.mapping import MapRow, read_map

#: The rows of a table as text.
Table = tuple[dict[str, str], ...]
#: What a JSON file lists.
Listed = tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Synthesised:
    """The files of the synthesis: tables as rows of text, JSON as it is.

    `claims` has a row for each claim and, with `part`, for each part of it; `changes` has rows only
    where an earlier results folder was named.
    """

    evidence_map: tuple[MapRow, ...]
    influence: Table
    small_studies: Table
    claims: Table
    changes: Table
    curves: Listed
    networks: Listed


def read_synthesised(results: Path) -> Synthesised:
    """Read them from a results folder."""
    return Synthesised(
        evidence_map=tuple(read_map(results / "evidence_map.csv")),
        influence=text_rows(results / "influence.csv"),
        small_studies=text_rows(results / "small_studies.csv"),
        claims=text_rows(results / "claims.csv"),
        changes=text_rows(results / "changes.csv"),
        curves=tuple(json.loads((results / "curves.json").read_text(encoding="utf-8"))),
        networks=tuple(json.loads((results / "network.json").read_text(encoding="utf-8"))),
    )


def text_rows(path: Path) -> Table:
    """The rows of a table as text, without what keeps a spreadsheet from running a text."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return tuple({name: _bare(cell) for name, cell in row.items()} for row in rows)


def _bare(cell: str) -> str:
    """A text without the apostrophe that stands before one like a formula, such as `+1 %`."""
    return cell[1:] if cell.startswith("'") and guarded(cell[1:]) == cell else cell


def number_of(cell: str | float | None) -> float:
    """A cell of a table, or a value of a JSON file, as a number; NaN where there is none."""
    return math.nan if cell is None or cell == "" else float(cell)
