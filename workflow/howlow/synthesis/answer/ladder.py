"""The smallest dose whose gain over no training is shown to exceed the margin.

The doses are tested from the highest down, in the declared order, each one-sided at alpha / 2, and
the first that is not shown stops it; what stands below is not tested. So the chance of calling any
dose shown wrongly stays at alpha / 2, though several are tested (Westfall & Krishen 2001, J Stat
Plan Inference 99:25). A dose that no trial set against no training is passed over: whether there is
one is a matter of design, known before any result. A dose is shown where the lower limit of its
pooled gain lies above the margin, by five trials or more, and does so under every correlation that
papers leave out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.estimates import Estimate, assumptions_of, intervals
from howlow.analysis.questions.ratios import Ratio, fieller
from howlow.config.doses import NO_TRAINING
from howlow.config.settings import Config
from howlow.synthesis.answer.dose_pools import (
    DosePool,
    TrialDoses,
    dose_pool,
    pooled_covariance,
    trial_doses,
)
from howlow.synthesis.answer.sentences import POPULATIONS
from howlow.synthesis.pooling import FEW_TRIALS

if TYPE_CHECKING:
    from howlow.synthesis.arms import TrialArms
    from howlow.synthesis.material import Material

#: Readings of a correlation that papers leave out, under which a dose must stay shown.
READINGS = {
    "r_low": "the correlation between before and after at its lowest",
    "r_high": "the correlation between before and after at its highest",
    "limb_r_low": "the correlation between limbs at its lowest",
    "limb_r_high": "the correlation between limbs at its highest",
}
PASSED_OVER = "passed over, as no trial that can be used set it against no training"
NOT_TESTED = "not tested, as a dose before it was not shown"
#: The doses of each trial under a reading; `""` is how papers are read.
Reader = Callable[[str], Sequence[TrialDoses]]


@dataclass(frozen=True)
class Rung:
    """A dose of the sequence: its pool (None without a trial), whether it is shown, or why not."""

    dose: str
    pool: DosePool | None
    shown: bool
    why: str


@dataclass(frozen=True)
class Ladder:
    """The sequence of doses for a construct and a population (`all`, `young`, `older`)."""

    construct: str
    population: str
    rungs: tuple[Rung, ...]
    config: Config

    @property
    def margin(self) -> float:
        """The margin as a log ratio."""
        return _margin(self.construct, self.config)

    @property
    def shown(self) -> tuple[DosePool, ...]:
        """The pools of the doses that are shown, from the highest down."""
        return tuple(rung.pool for rung in self.rungs if rung.shown and rung.pool)

    @property
    def smallest(self) -> DosePool | None:
        """The smallest dose shown."""
        return self.shown[-1] if self.shown else None

    @property
    def best(self) -> DosePool | None:
        """Of the doses shown the one with the largest estimated gain."""
        return max(self.shown, key=lambda pool: pool.mean.estimate, default=None)

    @property
    def stopped_at(self) -> Rung | None:
        """The dose with trials that was not shown, and so ended the sequence."""
        return next((rung for rung in self.rungs if rung.pool and not rung.shown), None)

    @property
    def share(self) -> Ratio | None:
        """What share of the best gain the smallest dose brings; None where it is the best itself.

        A ratio of two log ratios, so that it is that of the two gains as pooled. The best is picked
        by its estimate, which makes the share err on the low side.
        """
        if self.smallest is None or self.best is None or self.smallest is self.best:
            return None
        df = min(self.smallest.mean.df, self.best.mean.df)
        return fieller(
            np.array([self.smallest.mean.estimate]),
            np.array([self.best.mean.estimate]),
            pooled_covariance(self.smallest, self.best)[None],
            np.array([df]),
            1 - self.config.alpha,
        ).one()

    def estimates(self) -> Iterator[Estimate]:
        """The gain of each dose with trials as a row of the table of estimates."""
        window = self.config.training_window
        for rung in self.rungs:
            if rung.pool is None:
                continue
            pool, mean = rung.pool, rung.pool.mean
            yield Estimate(
                study=f"pooled:ladder{'' if self.population == 'all' else ':' + self.population}",
                collection="",
                kind="pooled",
                construct=self.construct,
                outcome=self.construct,
                population=self.population,
                estimand="log ratio of means, random-effects mean over trials",
                tier="secondary",
                contrast=f"{rung.dose} - {NO_TRAINING}",
                at=f"{window.min_weeks:g}-{window.max_weeks:g} weeks",
                scale="log_ratio",
                unit="log ratio",
                method="reml-hksj-adhoc" if len(pool.trials) > 1 else "one trial",
                **intervals(mean, self.config.alpha),
                margin=self.margin,
                p=mean.p if len(pool.trials) >= FEW_TRIALS else None,
                n_participants=pool.participants,
                n_studies=len(pool.trials),
                converged=pool.converged,
                boundary=pool.tau2 == 0,
                assumed=assumptions_of(trial.assumed for trial in pool.trials),
                note=_note(rung),
            )


def ladders_of(material: Material) -> list[Ladder]:
    """A ladder for each construct that is pooled and has a margin, and each population."""
    config = material.config
    arms_as = cache(lambda reading: material.arms_as(reading) if reading else material.arms)
    ladders = []
    for construct, declared in config.constructs.items():
        if not declared.pooled or declared.margin_pct is None:
            continue
        for population in POPULATIONS:
            read = _reader(arms_as, construct, population, config)
            rungs = descend(read, _margin(construct, config), config)
            ladders.append(Ladder(construct, population, rungs, config))
    return ladders


def descend(read: Reader, margin: float, config: Config) -> tuple[Rung, ...]:
    """The doses of the sequence from the highest down, until one is not shown.

    Parameters
    ----------
    read
        The doses of each trial under a reading; asked for other readings than `""` only where a
        dose would be shown, as they can but weaken it.
    margin
        Log ratio that the gain must exceed.
    """
    rungs: list[Rung] = []
    stopped = False
    for dose in config.sequence:
        pool = dose_pool(dose, read(""))
        if pool is None:
            rungs.append(Rung(dose, None, False, PASSED_OVER))
        elif stopped:
            rungs.append(Rung(dose, pool, False, NOT_TESTED))
        else:
            why = _doubt(pool, read, margin, config)
            stopped = bool(why)
            rungs.append(Rung(dose, pool, not why, why))
    return tuple(rungs)


def _doubt(pool: DosePool, read: Reader, margin: float, config: Config) -> str:
    """Why a dose is not shown; nothing where it is."""
    count, level = len(pool.trials), 1 - config.alpha
    if count < FEW_TRIALS:
        return f"{count} trial{'' if count == 1 else 's'}, fewer than {FEW_TRIALS}"
    if not pool.mean.interval(level)[0] > margin:
        return "its interval does not lie above the margin"
    for reading, words in READINGS.items():
        weaker = dose_pool(pool.dose, read(reading))
        if weaker is None or not weaker.mean.interval(level)[0] > margin:
            return f"its interval does not lie above the margin with {words}"
    return ""


def _reader(
    arms_as: Callable[[str], list[TrialArms]], construct: str, population: str, config: Config
) -> Reader:
    """The doses of the trials of a construct and population, by reading."""

    @cache
    def read(reading: str) -> tuple[TrialDoses, ...]:
        mine = [
            trial_doses(arms, config)
            for arms in arms_as(reading)
            if arms.construct == construct and population in ("all", arms.trial.population.age)
        ]
        return tuple(found for found in mine if found is not None)

    return read


def _margin(construct: str, config: Config) -> float:
    """A construct's margin as a log ratio."""
    return float(np.log1p((config.constructs[construct].margin_pct or 0.0) / 100))


def _note(rung: Rung) -> str:
    """Whether a dose is shown, and that trials are few where they are."""
    count = len(rung.pool.trials) if rung.pool else 0
    notes = ["shown" if rung.shown else f"not shown: {rung.why}"]
    if count < FEW_TRIALS:
        notes.append(f"few trials: {count}, fewer than {FEW_TRIALS}, so no verdict")
    return "; ".join(notes)
