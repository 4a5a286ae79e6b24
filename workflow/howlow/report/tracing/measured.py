"""The rows of measurements.csv and of a collection's printed.csv behind an estimate."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from howlow.analysis.estimates import Estimate
from howlow.data.declaration import Declaration
from howlow.report.tracing.ids import ranges
from howlow.report.tracing.tables import Row, rows_of

#: How the names start of what is fitted to all arms together.
_TOGETHER = ("clda-", "mmrm-", "change-", "reference-")
#: Methods that take their numbers from the page, and no measurements.
_OF_PAGES = ("printed", "described")
_NUMBERS = (
    "n", "mean_pre", "sd_pre", "mean_post", "sd_post", "mean_change", "sd_change", "ci_low",
    "ci_high",
)  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """Rows of measurements.csv: lines in short, and what they hold.

    `others` are lines of arms that the estimate does not name, but that its model was fitted to.
    """

    file: str
    lines: str
    rows: int
    participants: int
    limbs: int
    visits: tuple[str, ...]
    arms: dict[str, int]
    pseudo: bool
    others: str
    others_rows: int


@dataclass(frozen=True)
class Printed:
    """A row of printed.csv: its line, where on the page it stands, and the numbers there."""

    line: int
    arm: str
    visit: str
    where: str
    use: str
    reason: str
    assumed: str
    numbers: dict[str, str]


def arms_of(found: Estimate, trial: Declaration) -> tuple[str, ...]:
    """The arms that a contrast names, such as those of `(light - control) as share of (...)`."""
    words = dict.fromkeys(re.findall(r"\w+", found.contrast))
    return tuple(word for word in words if word in trial.arms)


def measured(found: Estimate, trial: Declaration, folder: Path, fitted: int | None) -> Measured:
    """The measurements behind an estimate; `fitted` is how many its fit had, if it has one."""
    path = folder / "measurements.csv"
    method, _, variant = found.method.rstrip("]").partition("[")
    rows: list[Row] = []
    if method not in _OF_PAGES:
        key = (found.study, found.outcome, variant)
        rows = [
            row
            for row in rows_of(path)
            if (row["study"], row["outcome"], row["variant"]) == key and row["value"]
        ]
    together = method.startswith(_TOGETHER)
    many = fitted or found.n_observations if together else None
    rows = _at_visits(rows, found, trial, many)
    own = arms_of(found, trial) or tuple(trial.arms)
    mine = [row for row in rows if row["arm"] in own]
    others = [row for row in rows if together and row["arm"] not in own]
    return Measured(
        file=path.as_posix(),
        lines=ranges([row.line for row in mine]),
        rows=len(mine),
        participants=len({row["participant"] for row in mine}),
        limbs=len({(row["participant"], row["limb"]) for row in mine}),
        visits=tuple(dict.fromkeys(row["visit"] for row in mine)),
        arms=dict(Counter(row["arm"] for row in mine)),
        pseudo=trial.kind == "summary",
        others=ranges([row.line for row in others]),
        others_rows=len(others),
    )


def _at_visits(
    rows: list[Row], found: Estimate, trial: Declaration, fitted: int | None
) -> list[Row]:
    """The rows at the visits that count.

    A mixed model takes all visits but repeats, or those of comparison alone: what was fitted tells.
    Everything else takes limbs with a value before and one after.
    """
    at, _, start = found.at.partition(" - ")
    if trial.kind == "summary":
        # Pseudo participants belong to one visit.
        here = {row["participant"] for row in rows if row["visit"] == at}
        return [row for row in rows if row["participant"] in here]
    start = start or trial.start
    every = _kept(rows, lambda row: row["visit"] not in trial.repeats)
    few = _kept(rows, lambda row: row["visit"] in (start, at))
    compared = _kept(rows, lambda row: row["visit"] in (trial.start, *trial.at))
    if fitted is not None:
        return next((some for some in (every, compared, few) if len(some) == fitted), every)
    visits: dict[tuple[str, str], set[str]] = {}
    for row in few:
        visits.setdefault((row["participant"], row["limb"]), set()).add(row["visit"])
    whole = len({start, at})
    return _kept(few, lambda row: len(visits[row["participant"], row["limb"]]) == whole)


def _kept(rows: list[Row], wanted: Callable[[Row], bool]) -> list[Row]:
    """The rows for which something holds."""
    return [row for row in rows if wanted(row)]


def printed(found: Estimate, trial: Declaration, folder: Path) -> list[Printed]:
    """The rows of a collection's table of arms behind an estimate."""
    at, named = found.at.split(" - ")[0], arms_of(found, trial)
    return [
        Printed(
            line=row.line,
            arm=row["arm"],
            visit=row["visit"],
            where=row["where"],
            use=row["use"],
            reason=row["reason"],
            assumed=row["assumed"],
            numbers={name: row[name] for name in _NUMBERS if row[name]},
        )
        for row in rows_of(folder / "printed.csv")
        if (row["trial"], row["outcome"], row["visit"]) == (found.study, found.outcome, at)
        and (row["arm"] in named or row["role"] == "contrast")
    ]
