"""What happened over time to those who did not train: one number for a trial."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from howlow.analysis.fitting.fits import Combination
from howlow.synthesis.claims.candidates import Sought
from howlow.synthesis.claims.numbers import TrialNumber, averaged, combination, other_readings
from howlow.synthesis.evidence import Effect


def change_number(sought: Sought, effects: list[Effect]) -> TrialNumber:
    """The change of a trial: of its groups together, at one visit of one outcome."""
    trial = sought.trial
    rows = {row["estimate_id"]: row for row in sought.all_rows}
    ranked = sorted(effects, key=lambda one: sought.rank(rows[one.estimate_id]))
    best = rows[ranked[0].estimate_id]
    mine = [one for one in ranked if _alike(rows[one.estimate_id], best)]
    groups = [_group(sought, rows[one.estimate_id]) for one in mine]
    known = [group for group in groups if group is not None]
    value = averaged([group.value for group in known]) if known else None
    raw = [
        combination(rows[one.estimate_id], sought.better(best["outcome"]), "raw") for one in mine
    ]
    in_unit = [value for value in raw if value is not None]
    readings = {
        reading: averaged([group.readings.get(reading, group.value) for group in known])
        for reading in sorted({name for group in known for name in group.readings})
    }
    cautions = [sought.cautions(rows[one.estimate_id]) for one in mine]
    n = sum(one.n for one in mine if not math.isnan(one.n))
    return TrialNumber(
        study=trial.id,
        cite=trial.cite,
        construct=sought.construct,
        age=trial.population.age or "",
        estimate=value.estimate if value else sum(one.estimate for one in mine) / len(mine),
        value=value,
        scale=mine[0].scale,
        n=float(n) or math.nan,
        contrast=" and ".join(one.contrast for one in mine),
        at=mine[0].at,
        weeks=mine[0].weeks,
        assumed="; ".join(dict.fromkeys(words for words in cautions if words)),
        estimate_ids=tuple(one.estimate_id for one in mine),
        in_unit=averaged(in_unit) if in_unit else None,
        readings=readings,
    )


@dataclass(frozen=True)
class _Group:
    """One group's change, and the same under other readings of its page."""

    value: Combination
    readings: dict[str, Combination]


def _group(sought: Sought, row: dict[str, Any]) -> _Group | None:
    """A group's change; None where it has no spread, or is in its own unit."""
    sign = sought.better(row["outcome"])
    value = combination(row, sign)
    return None if value is None else _Group(value, other_readings(sought.all_rows, row, sign))


def _alike(row: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two rows are of one outcome at one visit, in one unit."""
    return all(row[name] == other[name] for name in ("outcome", "at", "scale"))
