"""Slips of copying: dragged cells, ids used twice, columns in the wrong place, equal spreads."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from howlow.data.published.detective.cases import Case, Row, known, number
from howlow.data.published.detective.spreads import USUAL_CV

if TYPE_CHECKING:
    import pandas as pd

#: Steps of one, row by row, before a column is said to count. Facts of a trial (its year) should
#: not count at all; numbers of rows may by chance.
RUN_OF_FACTS, RUN_OF_NUMBERS = 3, 5
#: Columns of numbers that have no business counting. Weeks may.
COUNTING = ("n", "mean_pre", "sd_pre", "mean_post", "sd_post", "sd_change")
#: Units that come in steps, or that are no measurement.
STEPPED = frozenset({"kg", "lb", "kgf", "lbf", "repetitions", "points", "%", "not stated"})
#: How many means must end in .0 or .5 before it is told (by chance, 0.2 to that power), and the
#: half width of a number that is printed with a decimal.
_HEAP, _TENTHS = 8, 0.06
#: An SD above this share of its mean may be the mean (a CV of more than 100 %).
_SWAPPED_CV = 1.0
#: Arms and outcomes whose trained arms all lose this share are asked about.
LOSS = 0.03
_ENDING = re.compile(r"^(.*?)([0-9]+)$")


def counted_upward(
    rows: list[Row], table: pd.DataFrame, facts: pd.DataFrame | None
) -> Iterator[Case]:
    """Cells that are one more in each following row of a trial."""
    for name in COUNTING:
        values = [float(getattr(row, name)) for row in rows]
        cells = [f"{value:g}" for value in values]
        yield from _runs(rows, name, cells, ["" for _ in rows], values, RUN_OF_NUMBERS)
    if facts is None:
        return
    lines = {row.line: row for row in rows}
    here = [lines.get(int(line)) for line in table["__line__"]]
    for name in facts.columns.drop("arm code", errors="ignore"):
        kept = [(row, cell) for row, cell in zip(here, facts[name], strict=True) if row is not None]
        parts = [_ENDING.match(cell) for _, cell in kept]
        stems = [part[1] if part else "" for part in parts]
        # Whole numbers, because the endings of DOIs are too long for floats.
        ends = [int(part[2]) if part else math.nan for part in parts]
        cells = [cell for _, cell in kept]
        yield from _runs([row for row, _ in kept], str(name), cells, stems, ends, RUN_OF_FACTS)


def _runs(
    rows: list[Row],
    name: str,
    cells: list[str],
    stems: list[str],
    values: list[float],
    longest: int,
) -> Iterator[Case]:
    """Runs of rows of one trial in which a number grows by one from row to row."""
    start = 0
    for place in range(1, len(rows) + 1):
        goes_on = (
            place < len(rows)
            and rows[place].trial == rows[place - 1].trial
            and stems[place] == stems[place - 1]
            and values[place] == values[place - 1] + 1
        )
        if goes_on:
            continue
        if place - start > longest:
            first, last = rows[start], rows[place - 1]
            found = (
                f"counts upward row by row, {cells[start]} to {cells[place - 1]} on "
                f"lines {first.line} to {last.line}"
            )
            action = "A spreadsheet does so when a cell is dragged down; check it at the source"
            yield Case("D04", tuple(rows[start:place]), name, found, action, name)
        start = place


def reused_ids(rows: list[Row], table: pd.DataFrame, facts: pd.DataFrame) -> Iterator[Case]:
    """Arm codes that two trials share where codes otherwise have one; trials with two sources."""
    lines = {row.line: row for row in rows}
    here = [lines.get(int(line)) for line in table["__line__"]]
    if "arm code" in facts.columns:
        owners: dict[str, dict[str, Row]] = {}
        for row, code in zip(here, facts["arm code"], strict=True):
            if row is not None and code:
                owners.setdefault(code, {}).setdefault(row.trial, row)
        twice = {code: trials for code, trials in owners.items() if len(trials) > 1}
        # Names such as `heavy` belong to many trials; codes that count arms belong to one.
        if len(twice) <= 0.1 * len(owners):
            for code, trials in twice.items():
                first, second = list(trials.values())[:2]
                found = f"arm {code} is used for {first.trial} and for {second.trial}"
                found += f" (lines {first.line} and {second.line})"
                yield Case("D05", (second, first), "arm", found, "Give one of them its own", "arm")
    for name in ("year", "cite", "doi"):
        if name not in facts.columns:
            continue
        sources: dict[str, dict[str, Row]] = {}
        for row, cell in zip(here, facts[name], strict=True):
            if row is not None and cell:
                sources.setdefault(row.trial, {}).setdefault(cell, row)
        for trial, cells in sources.items():
            if len(cells) != 2:
                # More than two are dragged cells, which have their own finding.
                continue
            (one, first), (other, second) = cells.items()
            found = f"trial {trial} has the {name} {one} and {other}"
            found += f" (lines {first.line} and {second.line})"
            action = "Two trials need two ids; one trial has one"
            yield Case("D05", (second, first), name, found, action, name)


def swapped(rows: list[Row]) -> Iterator[Case]:
    """Mean and SD, n and weeks, or before and after in each other's place."""
    falls: dict[str, list[Row]] = {}
    for row in rows:
        if row.what.construct in USUAL_CV and row.what.unit != "%" and row.role != "contrast":
            yield from _mean_and_sd(row)
        if known(row.n, row.weeks) and row.n % 1 and not row.weeks % 1 and row.weeks > 2:
            found = f"n = {row.n:g} is no whole number, weeks = {row.weeks:g} is one"
            yield Case("D06", (row,), "n", found, "Check whether n and weeks are swapped", "n")
        if row.phase == "training" and row.trained and known(row.mean_pre, row.mean_post):
            pooled = row.what.construct in USUAL_CV
            if pooled and row.mean_pre > 0 and row.role == "arm":
                falls.setdefault(row.trial, []).append(row)
    for found_rows in falls.values():
        fall = [
            row
            for row in found_rows
            if (row.mean_post < row.mean_pre * (1 - LOSS)) == (row.what.higher_is == "better")
            and abs(row.mean_post / row.mean_pre - 1) > LOSS
        ]
        if len(fall) >= 2 and len(fall) == len(found_rows):
            row = fall[0]
            found = (
                f"all {len(fall)} rows of trained arms get worse, such as {number(row.mean_pre)} "
                f"to {number(row.mean_post)}"
            )
            action = "Check whether before and after are swapped"
            yield Case("D06", tuple(fall), "mean_pre", found, action, "before")


def _mean_and_sd(row: Row) -> Iterator[Case]:
    """An SD above its mean both before and after."""
    pairs = ((row.mean_pre, row.sd_pre), (row.mean_post, row.sd_post))
    if not all(known(*pair) and 0 < pair[0] < _SWAPPED_CV * pair[1] for pair in pairs):
        return
    mean, sd = pairs[0]
    found = (
        f"SD {number(sd)} is above the mean {number(mean)}, a CV of {100 * sd / mean:.0f} %; "
        f"swapped it would be {100 * mean / sd:.0f} %"
    )
    yield Case("D06", (row,), "mean_pre", found, "Check whether mean and SD are swapped", "mean")


def heaped(rows: list[Row]) -> Iterator[Case]:
    """Trials whose means all end in .0 or .5 though more endings are printed.

    Not for weights: plates come in such steps, so that strength in kg heaps by itself.
    """
    trials: dict[tuple[str, str], list[tuple[Row, float]]] = {}
    for row in rows:
        if row.what.unit in STEPPED:
            continue
        for name in ("mean_pre", "mean_post"):
            value = float(getattr(row, name))
            if known(value) and row.half.get(name, 1.0) < _TENTHS:
                trials.setdefault((row.trial, row.what.unit), []).append((row, value))
    for (_, unit), found_rows in trials.items():
        values = [value for _, value in found_rows]
        if len(values) >= _HEAP and all((2 * value) % 1 == 0 for value in values):
            listed = ", ".join(number(value) for value in values[:4])
            found = f"all {len(values)} means in {unit} end in .0 or .5, such as {listed}"
            action = (
                "Were they read off a figure or rounded? Then their SDs are rougher than printed"
            )
            yield Case(
                "C15", (found_rows[0][0],), "mean_pre", found, action, "heaped", note_only=True
            )


def same_spreads(rows: list[Row]) -> Iterator[Case]:
    """The same numbers for two arms, the same SD for three, or before, after and of the change."""
    twins: dict[tuple[object, ...], Row] = {}
    arms: dict[tuple[str, str, str, str, float], list[Row]] = {}
    for row in rows:
        values = (row.mean_pre, row.sd_pre, row.mean_post, row.sd_post)
        if known(*values) and row.role != "contrast":
            twin = twins.setdefault((*row.group, *values), row)
            if twin.arm != row.arm:
                found = (
                    f"{row.arm} and {twin.arm} have the same numbers: {number(row.mean_pre)} ± "
                    f"{number(row.sd_pre)} before, {number(row.mean_post)} ± {number(row.sd_post)} "
                    "after"
                )
                action = "Check whether a row was copied"
                yield Case("C15", (row, twin), "mean_pre", found, action, "twins")
        for name in ("sd_pre", "sd_post", "sd_change"):
            value = float(getattr(row, name))
            if known(value) and value > 0:
                arms.setdefault((*row.group, name, value), []).append(row)
        if known(row.sd_pre) and row.sd_pre == row.sd_post == row.sd_change > 0:
            found = f"SD {number(row.sd_pre)} before, after and of the change"
            action = "Check whether one was copied over the others"
            yield Case("C15", (row,), "sd_change", found, action, "one row")
    for (_, _, _, name, value), found_rows in arms.items():
        if len({row.arm for row in found_rows}) >= 3:
            found = f"{len(found_rows)} arms have the same SD, {number(value)}"
            action = "A pooled SD? Then say so in `caution`; else check the copying"
            yield Case("C15", tuple(found_rows), name, found, action, "arms")
