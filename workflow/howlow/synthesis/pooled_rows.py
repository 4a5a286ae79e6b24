"""Pooled rows: each question and construct over all ages and by age, with what stands beside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from howlow.analysis.estimates import Estimate
from howlow.analysis.tiers import weakened
from howlow.synthesis.evidence import Effect
from howlow.synthesis.material import Material
from howlow.synthesis.meta.small_studies import FEWEST, rank_test, regression_test
from howlow.synthesis.pool_frame import PoolFrame, pool_together
from howlow.synthesis.pool_influence import influence_of
from howlow.synthesis.pool_members import is_uncautioned, on_baseline_sd
from howlow.synthesis.pooling import Pool
from howlow.synthesis.pools import (
    BETWEEN,
    MAIN,
    ONE_TRIAL,
    UNCAUTIONED,
    Influence,
    PoolDetails,
    SmallStudies,
)

#: The arms that a pooled contrast sets against each other.
CLASSES = {
    "load": "light - heavy",
    "frequency": "fewer - more sessions",
    "volume": "fewer - more sets",
    "failure": "short of failure - failure",
    "training": "training - none",
}
#: The ages that are pooled by themselves too.
POPULATIONS = ("young", "older")


@dataclass(frozen=True)
class PoolResults:
    """Pooled rows, and what stands behind them."""

    rows: list[Estimate] = field(default_factory=list)
    details: list[PoolDetails] = field(default_factory=list)
    influence: list[Influence] = field(default_factory=list)
    small_studies: list[SmallStudies] = field(default_factory=list)

    def add(self, other: PoolResults) -> None:
        """Put another pool's results behind these."""
        self.rows.extend(other.rows)
        self.details.extend(other.details)
        self.influence.extend(other.influence)
        self.small_studies.extend(other.small_studies)


def pool_effects(effects: list[Effect], material: Material) -> PoolResults:
    """Pools where a question and construct has two trials: of all ages, and of one."""
    groups: dict[tuple[str, str], list[Effect]] = {}
    for effect in effects:
        if effect.pooled and material.config.constructs[effect.construct].pooled:
            groups.setdefault((effect.question, effect.construct), []).append(effect)
    found = PoolResults()
    for (question, construct), members in groups.items():
        by_age = {"all": members} | {
            age: [one for one in members if material.trials[one.study].population.age == age]
            for age in POPULATIONS
        }
        for population, mine in by_age.items():
            if len(mine) >= 2:
                suffix = "" if population == "all" else f":{population}"
                found.add(
                    pool_of(
                        mine,
                        material,
                        study=f"pooled:{question}{suffix}",
                        construct=construct,
                        contrast=CLASSES[question],
                        population=population,
                    )
                )
    return found


def pool_of(
    members: list[Effect],
    material: Material,
    *,
    study: str,
    construct: str,
    contrast: str,
    at: str = "",
    population: str = "all",
) -> PoolResults:
    """Pool any effects on the log ratio of means; one by itself gets its own interval.

    The verdict stands on the row `reml-hksj`: the weakest of its own, of the cautious interval, and
    of every correlation (or unknown type of spread) that a member assumes.

    Parameters
    ----------
    members
        One effect of each trial, none without a standard error.
    study, construct, contrast, at, population
        What the rows are named by; `at` is the window of weeks of training unless given.
    """
    window = material.config.training_window
    weeks = f"{window.min_weeks:g}-{window.max_weeks:g} weeks"
    frame = PoolFrame(material, study, construct, contrast, at or weeks, population)
    if not members:
        return PoolResults()
    if len(members) == 1:
        return PoolResults([frame.alone(members[0], ONE_TRIAL, "secondary")])
    return _several(members, frame)


def _several(members: list[Effect], frame: PoolFrame) -> PoolResults:
    """The rows of two trials or more, and what stands behind them."""
    material, found = frame.material, pool_together(members)
    main, cautious = frame.row(members, found, MAIN), list(frame.cautious(members, found))
    readings = list(frame.readings(members))
    main = next(weakened([main, *readings]))
    left = [one for one in members if is_uncautioned(one, material)]
    without = frame.beside(left, UNCAUTIONED, "sensitivity", f"{len(left)} of {found.k} left")
    if not left:
        none = "no trial is left without cautioned or selectively printed rows"
        main = replace(main, note=f"{main.note}; {none}")
    on_sd = [one for one in (on_baseline_sd(one, material) for one in members) if one is not None]
    of_all = f"{len(on_sd)} of {found.k} with a baseline SD"
    method = MAIN if len(on_sd) > 1 else ONE_TRIAL
    as_d = list(frame.beside(on_sd, method, "secondary", of_all))
    details = [_details(main.estimate_id, members, found, frame.level)]
    if len(on_sd) > 1:
        details.append(_details(as_d[0].estimate_id, on_sd, pool_together(on_sd), frame.level))
    return PoolResults(
        [main, *cautious, *without, *readings, *as_d],
        details,
        list(influence_of(main, members, material.config.alpha)),
        list(_small_studies(main.estimate_id, members)),
    )


def _details(name: str, members: list[Effect], found: Pool, level: float) -> PoolDetails:
    """Heterogeneity and the prediction interval of a pool."""
    between = found.heterogeneity(level)
    low, high = found.prediction.interval(level)
    return PoolDetails(
        estimate_id=name,
        tau=float(np.sqrt(found.tau2)),
        i2=between.i2,
        q=between.q,
        prediction_low=low,
        prediction_high=high,
        q_df=between.df,
        q_p=between.p,
        tau2_low=between.tau2_low,
        tau2_high=between.tau2_high,
        members=BETWEEN.join(one.estimate_id for one in members),
    )


def _small_studies(name: str, members: list[Effect]) -> Iterator[SmallStudies]:
    """Whether small trials show other effects, where there are enough of them."""
    if len(members) < FEWEST:
        return
    effects = np.array([one.estimate for one in members], dtype=float)
    variances = np.array([one.se**2 for one in members], dtype=float)
    for found in (regression_test(effects, variances), rank_test(effects, variances)):
        yield SmallStudies(name, found.test, found.statistic, found.df, found.p, len(members))
