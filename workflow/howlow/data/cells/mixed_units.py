"""Values of one outcome in two units, told by how they change within a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from howlow.config.study import Participants
from howlow.config.units import UNITS, factor
from howlow.data.cells.telling import row_fault
from howlow.findings import Finding, Severity

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Numbers = npt.NDArray[np.float64]
    Whole = npt.NDArray[np.int64]

#: Training can double a person's strength; from this factor on it is the unit in any case.
_NEVER_REAL = 5.0
#: Log ratios this near to each other belong to people whose values are in one unit.
_SAME = 0.35
#: How many times the spread of the others a person's change lies from theirs.
_OUTLYING = 5.0
#: Share of people that must agree, for the others to be told from them.
_AGREE = 0.4
_FEWEST = 3
#: Units of mass and of force that tables of strength mix though they measure different things.
_WEIGHT = ("kg", "kgf", "N")
#: A decimal point that got lost.
_POINT = 10.0


def mixed_units(
    tidy: pd.DataFrame, study: Participants, told: npt.NDArray[np.bool_]
) -> Iterator[Finding]:
    """C09: people whose value at a visit is a unit's factor times what the others' change predicts.

    For each outcome and visit, the ratio of a person's value to that at the earliest visit. Rows
    that are `told` already are left out, and those told here are added to them.
    """
    import numpy as np

    positions, log_ratio, outcome, visit = _ratios(tidy, study, told)
    visits, outcomes = list(study.visits), list(study.outcomes)
    cell = outcome * len(visits) + visit
    order = np.argsort(cell, kind="stable")
    bounds = np.flatnonzero(np.diff(cell[order])) + 1
    for part in np.split(order, bounds):
        if len(part) == 0:
            continue
        name, when = outcomes[int(outcome[part[0]])], visits[int(visit[part[0]])]
        unit = study.outcomes[name].unit
        if not UNITS.get(unit):
            continue  # counts have no other unit, and from 2 to 20 repetitions is no slip
        yield from _of_visit(tidy, positions[part], log_ratio[part], name, when, unit, told)


def _ratios(
    tidy: pd.DataFrame, study: Participants, told: npt.NDArray[np.bool_]
) -> tuple[Whole, Numbers, Whole, Whole]:
    """Row, log ratio to the person's earliest visit, outcome and visit, of all later visits."""
    import numpy as np

    value = tidy["value"].to_numpy(dtype=float)
    outcome = _codes(tidy["outcome"], list(study.outcomes))
    visit = _codes(tidy["visit"], list(study.visits))
    rows = np.flatnonzero((value > 0) & np.isfinite(value) & (outcome >= 0) & (visit >= 0) & ~told)
    person = _codes(tidy["participant"])[rows]
    limb = _codes(tidy["limb"])[rows] if "limb" in tidy else np.zeros(len(rows), dtype=np.int64)
    unit = (person * (limb.max(initial=0) + 1) + limb) * len(study.outcomes) + outcome[rows]
    order = np.argsort(unit * len(study.visits) + visit[rows], kind="stable")
    unit, rows = unit[order], rows[order]
    first = np.r_[True, unit[1:] != unit[:-1]] if len(unit) else np.zeros(0, dtype=bool)
    start = np.maximum.accumulate(np.where(first, np.arange(len(unit)), 0))
    later = visit[rows] > visit[rows[start]] if len(rows) else first
    rows, start = rows[later], rows[start[later]]
    return rows, np.log(value[rows] / value[start]), outcome[rows], visit[rows]


def _codes(column: pd.Series, words: list[str] | None = None) -> Whole:
    """A whole number for each word: its place among the given ones, or any; -1 for a stranger."""
    import numpy as np
    import pandas as pd

    cells = column if isinstance(column.dtype, pd.CategoricalDtype) else column.astype("category")
    codes: Whole = cells.cat.codes.to_numpy(dtype=np.int64)
    if words is None:
        return codes
    place = {word: number for number, word in enumerate(words)}
    lookup = np.array([place.get(word, -1) for word in cells.cat.categories] + [-1], dtype=np.int64)
    return np.asarray(lookup[codes])


def _of_visit(
    tidy: pd.DataFrame,
    rows: Whole,
    log_ratio: Numbers,
    name: str,
    when: str,
    unit: str,
    told: npt.NDArray[np.bool_],
) -> Iterator[Finding]:
    """What the ratios at one visit of one outcome tell."""
    import numpy as np

    typical, spread = _typical(log_ratio)
    moved = log_ratio - typical
    # Most ratios are far from any factor; the few others are compared with each of them.
    far = np.flatnonzero(np.abs(moved) > max(_SAME, _OUTLYING * spread))
    if len(far) == 0 and abs(typical) < _SAME:
        return
    factors = factors_beside(unit)
    steps = np.log(np.array(list(factors)))
    away = np.abs(np.abs(moved[far])[:, None] - steps)
    nearest = away.argmin(axis=1)
    sure = steps[nearest] > np.log(_NEVER_REAL)
    near = away.min(axis=1) < np.minimum(0.05 + 2 * spread, np.where(sure, 0.3, 0.12))
    near &= sure | (len(rows) - len(far) >= _FEWEST)
    for number in np.unique(nearest[near]):
        times, units = list(factors.items())[number]
        for sign in (1, -1):
            chosen = far[near & (nearest == number) & (np.sign(moved[far]) == sign)]
            if len(chosen) == 0:
                continue
            ratio = float(np.exp(np.median(log_ratio[chosen])))
            who = f"{len(chosen)} participants have" if len(chosen) > 1 else "one participant has"
            found = f"{who} at {when} {ratio:.3g} times the value of the first visit"
            if len(far) < len(rows):
                found += f", the others {np.exp(typical):.3g} times"
            # One person may gain or lose so much; several do not by the same factor.
            severe: Severity = "error" if len(chosen) > 1 or times > _NEVER_REAL else "warning"
            told[rows[chosen]] |= severe == "error"
            yield _told(severe, tidy, rows[chosen], name, found, times, units)
    if len(rows) >= _FEWEST and not near.any():
        for fault in _of_all(tidy, rows, typical, name, when, factors):
            told[rows] |= fault.severity == "error"
            yield fault


def factors_beside(unit: str) -> dict[float, str]:
    """The factors between a unit and those it may be mixed with, each with what it lies between."""
    found: dict[float, list[str]] = {}
    for other in UNITS:
        multiply = factor(unit, other)
        if multiply is not None and not 0.6 < multiply < 1.6 and 1e-4 < multiply < 1e4:
            found.setdefault(round(max(multiply, 1 / multiply), 4), []).append(other)
    if unit in _WEIGHT:
        others = found.setdefault(9.8066, [])
        others += [other for other in ("N" if unit != "N" else "kg",) if other not in others]
    words = {times: f"{unit} and {' or '.join(others)}" for times, others in found.items()}
    point = "a value and one that lost its decimal point"
    words[_POINT] = f"{words[_POINT]}, or {point}" if _POINT in words else point
    return words


def _of_all(
    tidy: pd.DataFrame, rows: Whole, typical: float, name: str, when: str, factors: dict[float, str]
) -> Iterator[Finding]:
    """A visit at which most values differ from those before by about a unit's factor.

    A group may double its strength, so that kg and lb are no more than a warning; it does not
    become ten times as strong.
    """
    import numpy as np

    for times, units in factors.items():
        # What training adds comes on top of the factor, and disuse is taken from it.
        if -0.2 < abs(typical) - np.log(times) < 0.3:
            severe: Severity = "error" if times > _NEVER_REAL else "warning"
            found = (
                f"most values at {when} are {np.exp(typical):.3g} times those of the first visit"
            )
            yield _told(severe, tidy, rows, name, found, times, units)
            return


def _typical(log_ratio: Numbers) -> tuple[float, float]:
    """How most people changed, and how much people differ in it; (0, 0.1) where no group agrees."""
    import numpy as np

    if len(log_ratio) >= _FEWEST:
        for middle in np.quantile(log_ratio, [0.5, 0.25, 0.75]):
            core = log_ratio[np.abs(log_ratio - middle) < _SAME]
            if len(core) >= max(_AGREE * len(log_ratio), 2):
                centre = float(np.median(core))
                return centre, float(1.4826 * np.median(np.abs(core - centre)))
    return 0.0, 0.1


def _told(
    severity: Severity,
    tidy: pd.DataFrame,
    rows: Whole,
    name: str,
    found: str,
    times: float,
    units: str,
) -> Finding:
    """A finding for some rows, with the factor and what mends it."""
    import numpy as np

    which = np.zeros(len(tidy), dtype=bool)
    which[rows] = True
    found += f"; a factor of {times:.5g} lies between {units}"
    action = "Write all in one unit, or name a column of units under `columns: {unit: ...}`"
    return row_fault("C09", severity, tidy, which, name, found, action)
