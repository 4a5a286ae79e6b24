"""Rows of estimates for what each arm did: mean change over time, without a P value."""

from __future__ import annotations

from collections.abc import Iterator

from howlow.analysis.contrasts import identity, people, simulated
from howlow.analysis.designs import ArmFit, baseline_mean
from howlow.analysis.estimates import Estimate
from howlow.analysis.regression import fit_by_arm
from howlow.analysis.scales import change, log_change
from howlow.analysis.units import AnalysisUnit
from howlow.config.settings import Config
from howlow.errors import DesignError


def mean_rows(unit: AnalysisUnit, config: Config, assumed: str) -> Iterator[Estimate]:
    """Mean change of each arm, in the unit and as a log ratio.

    Raises
    ------
    DesignError
        If an arm has one participant.
    """
    counts = unit.frame.groupby("arm")["participant"].nunique()
    if (counts < 2).any():
        raise DesignError(f"{counts.idxmin()} has one participant; at least two are needed")
    outcome = unit.trial.outcomes[unit.outcome]
    fit = fit_by_arm(unit.values("change"), unit.positions(), unit.arms)
    baseline = baseline_mean(unit)
    changes = ArmFit(fit, baseline, baseline, main=True)
    notes = [simulated(unit.trial)]
    if not unit.has_levels and outcome.unit == "%":
        notes.append("mean of percentages")
    for arm in unit.arms:
        values = {"raw": change(unit, changes, arm)}
        ratio = log_change(unit, changes, arm) if outcome.ratio_scale else None
        if ratio is not None:
            values["log_ratio"] = ratio
        mine = unit.frame[unit.frame["arm"] == arm]
        for scale, value in values.items():
            interval = value.interval(1 - config.alpha)
            yield Estimate(
                **identity(unit.trial, unit.outcome),
                estimand="mean change" if scale == "raw" else "log ratio of means, after to before",
                tier="sensitivity" if unit.variant else "secondary",
                contrast=f"mean({arm})",
                at=f"{unit.visit} - {unit.start}",
                scale=scale,  # type: ignore[arg-type]
                estimate=value.estimate,
                unit=outcome.unit if scale == "raw" else "log ratio",
                method=f"change[{unit.variant}]" if unit.variant else "change",
                se=value.se,
                df=value.df,
                ci_low=interval[0],
                ci_high=interval[1],
                ci_level=1 - config.alpha,
                n_participants=people(unit, mine),
                n_observations=len(mine),
                assumed=assumed,
                note="; ".join(note for note in notes if note),
            )
