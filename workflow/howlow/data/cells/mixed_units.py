"""Values of one outcome in two units, told by how they change within a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from howlow.config.study import Participants
from howlow.config.units import UNITS, factor
from howlow.data.categories import places
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
#: One person's value is a unit's factor from what is expected only if it is as near as this.
_VERY_NEAR = 0.05
#: A value so many times the largest of the other people is none that a body gives.
_ABOVE_ALL = 2.0
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
_POINTS = (10.0, 100.0)


class _Moved(NamedTuple):
    """People whose ratio at one visit of one outcome lies about a factor from that of the others.

    `rows` are their rows, and `before` those of their first visit; `near` says of each whether it
    is very near the factor.
    """

    outcome: str
    visit: str
    rows: Whole
    before: Whole
    near: npt.NDArray[np.bool_]
    up: bool
    times: float
    units: str
    found: str


def mixed_units(
    tidy: pd.DataFrame,
    study: Participants,
    outcomes: Mapping[str, Whole],
    told: npt.NDArray[np.bool_],
) -> Iterator[Finding]:
    """C09: people whose value at a visit is a unit's factor times what the others' change predicts.

    For each outcome and visit, the ratio of a person's value to that at the earliest visit.
    `outcomes` has the positions of each outcome's rows. Rows that are `told` already are left out,
    and those told here are added to them.
    """
    import numpy as np

    value = tidy["value"].to_numpy(dtype=float)
    visits = list(study.visits)
    visit = places(tidy["visit"], visits)
    unit = places(tidy["participant"])
    if "limb" in tidy:
        limb = places(tidy["limb"])
        unit *= limb.max(initial=0) + 1
        unit += limb
    if study.columns.period is not None:
        period = places(tidy["period"])
        unit *= period.max(initial=0) + 1
        unit += period
    moved: list[_Moved] = []
    for name, rows in outcomes.items():
        kind = study.outcomes[name].unit
        if not UNITS.get(kind):
            continue  # counts have no other unit, and from 2 to 20 repetitions is no slip
        own, at = value[rows], visit[rows]
        sound = (own > 0) & np.isfinite(own) & (at >= 0) & ~told[rows]
        rows, own, at = rows[sound], own[sound], at[sound]
        later, first, log_ratio = _ratios(own, unit[rows], at, len(visits))
        for number, when in enumerate(visits):
            here = at[later] == number
            if here.any():
                chosen, before, ratios = rows[later[here]], rows[first[here]], log_ratio[here]
                typical, spread = _typical(ratios)
                of_some = list(_of_visit(chosen, before, ratios, typical, spread, name, when, kind))
                moved += of_some
                for fault in () if of_some else _of_all(tidy, chosen, typical, name, when, kind):
                    told[chosen] |= fault.severity == "error"
                    yield fault
    for some in moved:
        severe = _severity(tidy, some, moved)
        told[some.rows] |= severe == "error"
        yield _told(severe, tidy, some.rows, some.outcome, some.found, some.times, some.units)


def _severity(tidy: pd.DataFrame, some: _Moved, moved: Sequence[_Moved]) -> Severity:
    """An error where it can only be the unit, else a warning.

    Several people do not gain or lose by the same factor of 10. One may, for a test can fail, at
    the first visit or later: then it takes a value far above those of everybody else, or another
    test of the same person that moved by the same factor.
    """
    if len(some.rows) > 1:
        return "error"
    if some.times < _NEVER_REAL:
        return "warning"
    row, before = int(some.rows[0]), int(some.before[0])
    value = tidy["value"].to_numpy(dtype=float)
    person = tidy["participant"].iloc[row]
    others = (tidy["outcome"] == some.outcome) & (tidy["participant"] != person)
    if max(value[row], value[before]) > _ABOVE_ALL * tidy["value"][others].max():
        return "error"
    # A slip at the first visit moves all later visits of its outcome: only others tell.
    alike = any(
        other.outcome != some.outcome
        and (other.visit, other.up, other.times) == (some.visit, some.up, some.times)
        and bool((other.near & (tidy["participant"].iloc[other.rows] == person).to_numpy()).any())
        for other in moved
    )
    return "error" if alike and some.near.all() else "warning"


def _ratios(value: Numbers, unit: Whole, visit: Whole, visits: int) -> tuple[Whole, Whole, Numbers]:
    """Positions of the values at later visits, those of the earliest visit, their log ratios."""
    import numpy as np

    order = np.argsort(unit * visits + visit, kind="stable")
    unit = unit[order]
    first = np.r_[True, unit[1:] != unit[:-1]] if len(unit) else np.zeros(0, dtype=bool)
    start = order[np.flatnonzero(first)][np.cumsum(first) - 1]
    later = visit[order] > visit[start]
    order, start = order[later], start[later]
    return order, start, np.log(value[order] / value[start])


def _of_visit(
    rows: Whole,
    before: Whole,
    log_ratio: Numbers,
    typical: float,
    spread: float,
    name: str,
    when: str,
    unit: str,
) -> Iterator[_Moved]:
    """What the ratios at one visit of one outcome tell of some of its people."""
    import numpy as np

    moved = log_ratio - typical
    # Most ratios are far from any factor; the few others are compared with each of them.
    far = np.flatnonzero(np.abs(moved) > max(_SAME, _OUTLYING * spread))
    if len(far) == 0:
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
            some = near & (nearest == number) & (np.sign(moved[far]) == sign)
            chosen = far[some]
            if len(chosen) == 0:
                continue
            ratio = float(np.exp(np.median(log_ratio[chosen])))
            who = f"{len(chosen)} participants have" if len(chosen) > 1 else "one participant has"
            found = f"{who} at {when} {ratio:.3g} times the value of the first visit"
            if len(far) < len(rows):
                found += f", the others {np.exp(typical):.3g} times"
            close = away.min(axis=1)[some] < _VERY_NEAR
            yield _Moved(
                name, when, rows[chosen], before[chosen], close, sign > 0, times, units, found
            )


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
    for times in _POINTS:
        words[times] = f"{words[times]}, or {point}" if times in words else point
    return words


def _of_all(
    tidy: pd.DataFrame, rows: Whole, typical: float, name: str, when: str, unit: str
) -> Iterator[Finding]:
    """A visit at which most values differ from those before by about a unit's factor.

    A group may double its strength, so that kg and lb are no more than a warning; it does not
    become ten times as strong.
    """
    import numpy as np

    if len(rows) < _FEWEST or abs(typical) < _SAME:
        return
    for times, units in factors_beside(unit).items():
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
    if severity == "error":
        action += "; a `unit` step with `where` turns some rows alone"
    else:
        action = f"If it is the unit: {action[0].lower()}{action[1:]}; a true value may stay"
    return row_fault("C09", severity, tidy, which, name, found, action)
