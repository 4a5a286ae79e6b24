"""The rows the detective looks at, and what it makes of them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from howlow.config.trial import Outcome
from howlow.data.tables import LINE
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

    from howlow.config.collection import Trials

#: The numbers of a row that the detective looks at.
NUMBERS = (
    "weeks",
    "n",
    "mean_pre",
    "sd_pre",
    "mean_post",
    "sd_post",
    "mean_change",
    "sd_change",
    "ci_low",
    "ci_high",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One printed row: its numbers (NaN where not printed) and how far each was rounded."""

    line: int
    trial: str
    arm: str
    outcome: str
    visit: str
    phase: str
    role: str
    used: bool
    from_baseline: bool
    trained: bool
    what: Outcome
    weeks: float
    n: float
    mean_pre: float
    sd_pre: float
    mean_post: float
    sd_post: float
    mean_change: float
    sd_change: float
    ci_low: float
    ci_high: float
    half: dict[str, float]

    @property
    def group(self) -> tuple[str, str, str]:
        """What the rows of arms that are set against each other share."""
        return self.trial, self.outcome, self.visit


@dataclass(frozen=True, slots=True)
class Case:
    """Something that does not add up: the rows it concerns, what was found and what to do."""

    code: str
    rows: tuple[Row, ...]
    column: str
    found: str
    action: str
    kind: str = ""
    note_only: bool = False


def rows_of(rows: pd.DataFrame, trials: Trials, half: pd.DataFrame | None) -> list[Row]:
    """The rows of a table of arms whose trial and outcome are declared."""
    halves = half.to_dict("records") if half is not None else [{}] * len(rows)
    listed: list[Row] = []
    for cells, widths in zip(rows.to_dict("records"), halves, strict=True):
        trial, what = trials.trials.get(cells["trial"]), trials.outcomes.get(cells["outcome"])
        if trial is None or what is None:
            continue
        arm = trial.arms.get(cells["arm"])
        listed.append(
            Row(
                line=int(cells[LINE]),
                trial=cells["trial"],
                arm=cells["arm"],
                outcome=cells["outcome"],
                visit=cells["visit"],
                phase=cells["phase"],
                role=cells["role"],
                used=cells["use"] != "left out",
                from_baseline=cells["change_vs"] == "baseline",
                trained=arm is not None and arm.sessions_per_week != 0,
                what=what,
                half={name: width for name, width in widths.items() if not math.isnan(width)},
                **{name: float(cells[name]) for name in NUMBERS},
            )
        )
    return listed


def half_width(cell: str) -> float:
    """Half a unit of the last decimal of a number as printed: 0.05 for `1.8`, 0.5 for `177`."""
    digits = cell.strip().lstrip("+-")
    if not digits or "e" in digits.lower():
        return math.nan
    return 0.5 * 10.0 ** -len(digits.partition(".")[2])


def number(value: float) -> str:
    """A number as the arithmetic shows it: four digits, no idle zeros."""
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"


def known(*values: float) -> bool:
    """Whether all of the numbers are printed."""
    return not any(math.isnan(value) for value in values)


def gather(cases: Iterable[Case], shown: str) -> list[Finding]:
    """One finding for each code, kind and trial: the first in full, the others by their lines."""
    together: dict[tuple[str, str, str], list[Case]] = {}
    for case in cases:
        together.setdefault((case.code, case.kind, case.rows[0].trial), []).append(case)
    findings = []
    for group in together.values():
        # What concerns a row in use is told first.
        first = next((case for case in group if any(row.used for row in case.rows)), group[0])
        others = [case.rows[0].line for case in group if case is not first]
        found = first.found
        if others:
            lines = ", ".join(map(str, others[:4])) + (", ..." if len(others) > 4 else "")
            found += f" (and {len(others)} more: line{'s' * (len(others) > 1)} {lines})"
        in_use = any(row.used for case in group for row in case.rows)
        warn = in_use and not all(case.note_only for case in group)
        row = first.rows[0]
        findings.append(
            Finding(
                first.code,
                "warning" if warn else "note",
                shown,
                row.line,
                first.column or row.outcome,
                found,
                first.action,
                row.trial,
            )
        )
    return findings
