"""Standard deviations from what a table prints in their place: SE, CI, t or P."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy.special import stdtrit

from howlow.data.published.detective.cases import half_width, number
from howlow.findings import Finding, few

if TYPE_CHECKING:
    import pandas as pd

#: How far an SD and the one that an SE gives may lie apart before one of them is wrong.
SAME_SPREAD = 0.05
#: Level of the intervals that tables print.
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Spread:
    """An SD, what it was computed from (empty where printed) and the arithmetic."""

    sd: float
    half: float
    source: str = ""
    shown: str = ""


def spread_of(row: dict[str, float], printed: dict[str, str], part: str) -> Spread:
    """The SD of one part of a row: printed, else from the SE, the CI, t or P, in this order.

    `part` is pre, post or change; `printed` are the cells as text.
    """
    n, sd = row["n"], row[f"sd_{part}"]
    if not math.isnan(sd):
        return Spread(sd, half_width(printed.get(f"sd_{part}", "")))
    if math.isnan(n) or n < 2:
        return Spread(math.nan, math.nan)
    root = math.sqrt(n)
    se = row[f"se_{part}"]
    if not math.isnan(se):
        half = half_width(printed.get(f"se_{part}", "")) * root
        return Spread(se * root, half, "SE", f"{number(se)} × √{n:g} = {number(se * root)}")
    if part != "change":
        return Spread(math.nan, math.nan)
    low, high, change = row["ci_low"], row["ci_high"], row["mean_change"]
    if not math.isnan(low + high) and high > low:
        t = float(stdtrit(n - 1, (1 + LEVEL) / 2))
        found = (high - low) / 2 / t * root
        half = half_width(printed.get("ci_low", "")) / t * root
        shown = f"({number(high)} - {number(low)}) / 2 / {t:.2f} × √{n:g} = {number(found)}"
        return Spread(found, half, "CI", shown)
    if math.isnan(change) or change == 0:
        return Spread(math.nan, math.nan)
    t = abs(row["t_change"])
    if not math.isnan(t) and t > 0:
        found = abs(change) / t * root
        shown = f"{number(abs(change))} / {number(t)} × √{n:g} = {number(found)}"
        return Spread(found, half_width(printed.get("t_change", "")) / t * found, "t", shown)
    p = row["p_change"]
    if not math.isnan(p) and not may_be_bound(printed.get("p_change", "")):
        t = float(stdtrit(n - 1, 1 - p / 2))
        found = abs(change) / t * root
        shown = f"P {p:g} is t = {t:.2f}; {number(abs(change))} / {t:.2f} × √{n:g} = "
        return Spread(found, math.nan, "P", shown + number(found))
    return Spread(math.nan, math.nan)


def may_be_bound(cell: str) -> bool:
    """Whether a P may stand for `P < 0.05`: it has one digit that is not zero."""
    digits = cell.replace(".", "").replace("-", "").strip("0")
    return len(digits) <= 1


def computed_notes(rows: pd.DataFrame, spreads: list[dict[str, Spread]]) -> Iterator[Finding]:
    """A note for each trial and source: the arithmetic of the first SD, and how many others."""
    together: dict[tuple[str, str], list[tuple[int, str, Spread]]] = {}
    for trial, line, found in zip(rows["trial"], rows["__line__"], spreads, strict=True):
        for part, spread in found.items():
            if spread.source:
                listed = together.setdefault((trial, spread.source), [])
                listed.append((int(line), part, spread))
    for (trial, source), listed in together.items():
        line, part, spread = listed[0]
        more = f" (and {len(listed) - 1} more)" if len(listed) > 1 else ""
        found_words = f"SD from the {source}: {spread.shown}{more}"
        action = "Nothing to do; it is told beside the result"
        yield Finding("D10", "note", "", line, f"sd_{part}", found_words, action, trial)


def conflicts(rows: pd.DataFrame, numbers: pd.DataFrame) -> Iterator[Finding]:
    """A warning for each trial in which an SD and a standard error of one thing do not agree."""
    unlike: dict[str, list[Finding]] = {}
    values = numbers.to_dict("records")
    for trial, line, row in zip(rows["trial"], rows["__line__"], values, strict=True):
        for part in ("pre", "post", "change"):
            n, sd, se = row["n"], row[f"sd_{part}"], row[f"se_{part}"]
            if math.isnan(n + sd + se) or n < 2:
                continue
            made = se * math.sqrt(n)
            if abs(made - sd) <= SAME_SPREAD * max(made, sd):
                continue
            found = (
                f"the SE gives {number(se)} × √{n:g} = {number(made)}, but the SD says {number(sd)}"
            )
            action = "Check both and n; the SD is used"
            unlike.setdefault(trial, []).append(
                Finding("D09", "warning", "", int(line), f"sd_{part}", found, action, trial)
            )
    for findings in unlike.values():
        yield from few(findings, most=1)
