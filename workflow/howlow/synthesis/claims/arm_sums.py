"""Numbers of a trial that no declared contrast gives: weighted sums of its arms.

Of arms that were fitted together, with their covariance; else, for the direction only, of means
that are printed without a spread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from howlow.analysis.fitting.fits import Combination
from howlow.config.claim_rules import arm_fits
from howlow.config.doses import dose_class
from howlow.config.trial import sides
from howlow.synthesis.arms import QUESTIONS
from howlow.synthesis.claims.candidates import Sought
from howlow.synthesis.claims.numbers import TrialNumber, readings_of

if TYPE_CHECKING:
    from howlow.synthesis.arms import TrialArms

#: The trials' arms under a reading of the pages; nothing is the main one.
Arms = Callable[[str], list["TrialArms"]]


def arm_sum(sought: Sought, arms_as: Arms) -> TrialNumber | None:
    """The number of a trial from its arms; None where it lacks one that the claim needs."""
    if not any(one.question == sought.claim.question for one in sought.trial.contrasts):
        return None
    weights = _weights(sought)
    if weights is None:
        return None
    return _fitted(sought, weights, arms_as) or _described(sought, weights)


def _weights(sought: Sought) -> dict[str, float] | None:
    """The arms that the number needs, each with its weight; None if one is not there."""
    rule = sought.rule
    # As in curves and networks: arms of which no training contrast is declared have no part.
    asked = {
        name
        for one in sought.trial.contrasts
        if one.question in QUESTIONS
        for name in sides(one.contrast)
    }
    arms = {name: arm for name, arm in sought.trial.arms.items() if name in asked}
    fitting = [
        [name for name, arm in arms.items() if arm_fits(arm, need, sought.material.config)]
        for need in (*sought.claim.arms, *rule.against)
    ]
    if rule.number == "steps":
        # Of several arms that trained more often than once, the one that trained most.
        fitting[1].sort(key=lambda name: -(arms[name].sessions_per_week or 0.0))
    config = sought.material.config
    ways = (
        way
        for way in product(*fitting)
        if len(set(way)) == len(way)
        # A step in sessions a week is none where the load changes with it.
        and (rule.number != "steps" or len({dose_class(arms[k], config) for k in way[:2]}) == 1)
    )
    way = next(ways, None)
    sizes = {
        "contrast": (sought.turned, -sought.turned),
        "interaction": (1.0, -1.0, -1.0, 1.0),
        # (once - none) - (more - once)
        "steps": (2.0, -1.0, -1.0),
    }[rule.number]
    return None if way is None else dict(zip(way, sizes, strict=True))


def _fitted(sought: Sought, weights: dict[str, float], arms_as: Arms) -> TrialNumber | None:
    """A sum over arms that were fitted together."""
    trial = sought.trial
    arms = _find(arms_as(""), sought, weights)
    if arms is None or not sought.in_time(arms.weeks):
        return None
    value = _combine(arms, weights)
    readings = {}
    for reading in readings_of(sought.all_rows, arms.outcome, arms.at):
        other = _find(arms_as(reading), sought, weights)
        if other is not None:
            readings[reading] = _combine(other, weights)
    return TrialNumber(
        study=trial.id,
        cite=trial.cite,
        construct=sought.construct,
        age=trial.population.age or "",
        estimate=value.estimate,
        value=value,
        scale="log_ratio",
        n=float(sum(arms.n[arms.names.index(name)] for name in weights)),
        contrast=_in_words(weights),
        at=arms.at,
        weeks=arms.weeks,
        assumed=arms.assumed,
        readings=readings,
    )


def _find(arms: Iterable[TrialArms], sought: Sought, weights: dict[str, float]) -> TrialArms | None:
    """The arms of a trial on a construct, if all that are needed were fitted."""
    key = (sought.trial.id, sought.construct)
    mine = (found for found in arms if (found.trial.id, found.construct) == key)
    return next((found for found in mine if set(weights) <= set(found.names)), None)


def _combine(arms: TrialArms, weights: dict[str, float]) -> Combination:
    """A weighted sum of the arms' log ratios, with their covariance."""
    w = np.array([weights.get(name, 0.0) for name in arms.names])
    # ASSUME: arms fitted together have as many degrees of freedom as people less arms.
    df = max(1.0, float(arms.n.sum()) - len(arms.names))
    return Combination(float(w @ arms.gains), float(np.sqrt(w @ arms.covariance @ w)), df)


def _described(sought: Sought, weights: dict[str, float]) -> TrialNumber | None:
    """The direction of a trial whose arms have means but no spread."""
    trial = sought.trial
    means: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for row in sought.rows():
        if row["contrast"].startswith("mean(") and row["scale"] == "log_ratio":
            at = means.setdefault((row["outcome"], row["at"]), {})
            at[row["contrast"][5:-1]] = row
    whole = [found for found in means.values() if set(weights) <= set(found)]
    if not whole:
        return None
    first = next(iter(weights))
    best = min(whole, key=lambda found: sought.rank(found[first]))
    row = best[first]
    total = sum(weight * best[name]["estimate"] for name, weight in weights.items())
    return TrialNumber(
        study=trial.id,
        cite=trial.cite,
        construct=sought.construct,
        age=trial.population.age or "",
        estimate=sought.better(row["outcome"]) * total,
        value=None,
        scale="log_ratio",
        n=math.nan,
        contrast=_in_words(weights),
        at=row["at"],
        weeks=sought.material.placing(trial.id).weeks(row["outcome"], row["at"]),
        estimate_ids=tuple(best[name]["estimate_id"] for name in weights),
    )


def _in_words(weights: dict[str, float]) -> str:
    """`a - b`, or `2 a - b - c`."""
    words = []
    for name, weight in weights.items():
        size = "" if abs(weight) == 1 else f"{abs(weight):g} "
        words.append(f"{'-' if weight < 0 else '+'} {size}{name}")
    return " ".join(words).removeprefix("+ ")
