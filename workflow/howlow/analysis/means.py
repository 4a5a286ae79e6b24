"""Rows of estimates for what each arm did: mean change over time, without a P value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.estimates import Estimate
from howlow.analysis.fitting.regression import fit_changes
from howlow.analysis.scales import log_change
from howlow.analysis.subjects import identity, simulated
from howlow.errors import DesignError

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Pairs
    from howlow.analysis.units import Unit
    from howlow.config.settings import Config


def mean_rows(unit: Unit, at: str, config: Config) -> Iterator[Estimate]:
    """Mean change of each arm at a visit, in the unit and as a log ratio; complete cases.

    An arm of one participant has none: it would tell what that person did.
    """
    outcome = unit.trial.outcomes[unit.outcome]
    whole = unit.pairs(at)
    shared = tuple(arm for arm in whole.arms if _people(whole, arm) > 1)
    if not shared:
        return
    pairs = whole.of_arms(shared)
    fit = fit_changes(pairs, at, unit.baseline)
    notes = [simulated(unit.trial)]
    if not unit.has_levels and outcome.unit == "%":
        notes.append("mean of percentages")
    for position, arm in enumerate(pairs.arms):
        values = {"raw": fit.combine(fit.weights({(arm, at): 1.0})).one()}
        if outcome.ratio_scale:
            ratio = log_change(pairs, fit, arm, at, unit.baseline)
            values |= {"log_ratio": ratio} if ratio is not None else {}
        mine = pairs.arm == position
        for scale, value in values.items():
            interval = value.interval(1 - config.alpha)
            yield Estimate(
                **identity(unit.trial, unit.outcome),
                estimand="mean change" if scale == "raw" else "log ratio of means, after to before",
                tier="sensitivity" if unit.variant else "secondary",
                contrast=f"mean({arm})",
                at=f"{at} - {unit.start}",
                scale=scale,  # type: ignore[arg-type]
                estimate=value.estimate,
                unit=outcome.unit if scale == "raw" else "log ratio",
                method=f"change[{unit.variant}]" if unit.variant else "change",
                se=value.se,
                df=value.df,
                ci_low=interval[0],
                ci_high=interval[1],
                ci_level=1 - config.alpha,
                n_participants=people(unit, pairs, mine),
                n_observations=int(mine.sum()),
                assumed=unit.assumed,
                note="; ".join(note for note in notes if note),
            )


def refuse_lonely(pairs: Pairs) -> None:
    """Raise DesignError if an arm has one participant, or none has any."""
    if not pairs.arms:
        raise DesignError("nobody has a value before and after")
    for arm in pairs.arms:
        if _people(pairs, arm) < 2:
            raise DesignError(f"{arm} has one participant; at least two are needed")


def _people(pairs: Pairs, arm: str) -> int:
    """How many people an arm has."""
    return len(np.unique(pairs.participant[pairs.arm == pairs.arms.index(arm)]))


def people(unit: Unit, pairs: Pairs, kept: np.ndarray) -> int | None:
    """How many people gave these limbs; not known where limbs are treated as independent arms."""
    if unit.trial.independent_limbs:
        return None
    return len(np.unique(pairs.participant[kept]))
