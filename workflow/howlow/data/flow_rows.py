"""Rows of the flow of participants, as the stages after data read them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

#: What stands in place of an arm while a study is ongoing, and for people without one.
MASKED, NOT_ALLOCATED = "masked", "not allocated"


@dataclass(frozen=True)
class FlowRow:
    """One row of flow.csv, whose columns `howlow.data.flow` describes; None is not known."""

    arm: str
    visit: str
    outcome: str
    reason: str
    planned: int | None
    people: int | None
    measured: int | None
    missing: int | None
    left: int | None


def read_flow(path: Path) -> tuple[FlowRow, ...]:
    """The rows of a study's flow.csv; none where the file is not there or holds no row."""
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            FlowRow(
                arm=row["arm"],
                visit=row["visit"],
                outcome=row["outcome"],
                reason=row["reason"],
                planned=_count(row["planned"]),
                people=_count(row["people"]),
                measured=_count(row["measured"]),
                missing=_count(row["missing"]),
                left=_count(row["left"]),
            )
            for row in csv.DictReader(file)
        )


def _count(cell: str) -> int | None:
    """A number of people, or None for an empty cell."""
    return int(float(cell)) if cell else None
