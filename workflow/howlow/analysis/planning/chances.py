"""The chance that a trial shows what is true, by simulating it and analysing it like a real one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import ndtri

from howlow.analysis.primary import Fitted, Primary, judge_contrast, primary_analysis
from howlow.analysis.simulating import draw, pattern
from howlow.analysis.verdicts import EQUIVALENT, TRIVIAL
from howlow.config.trial import sides
from howlow.errors import DesignError
from howlow.model import ModelError

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Cohort, Flags
    from howlow.analysis.planning.assumed import Assumed
    from howlow.config.planned import PlannedDesign

Aim = Literal["equivalence", "superiority"]
#: Responses that share one pattern of who is seen when.
PER_PATTERN = 50
#: Level of the Monte-Carlo intervals.
MONTE_CARLO_LEVEL = 0.95


@dataclass(frozen=True)
class Target:
    """What is to be shown, and the true difference it is tried at, in the outcome's unit.

    Equivalence is shown by a verdict that says so (or that the difference is trivial), superiority
    by an interval that leaves out zero.
    """

    aim: Aim
    difference: float


@dataclass(frozen=True)
class Setting:
    """One trial that could be run: `n` people in each arm, or altogether with limbs."""

    design: PlannedDesign
    n: int
    drop_out: float

    @property
    def people(self) -> int:
        """People in all, those who will leave among them."""
        return self.n if self.design == "within_participant" else 2 * self.n


@dataclass(frozen=True)
class Chance:
    """The share of simulated trials that showed a target, with its Monte-Carlo interval.

    `refused` counts trials that could not be analysed, or whose fit did not converge; they show
    nothing.
    """

    setting: Setting
    target: Target
    chance: float
    low: float
    high: float
    trials: int
    refused: int


def targets(assumed: Assumed) -> tuple[Target, ...]:
    """What a new cohort may be asked to show."""
    alike = (Target("equivalence", 0.0),) if assumed.can_be_alike else ()
    return (*alike, *(Target("superiority", size) for size in assumed.differences))


def simulate_chances(
    assumed: Assumed,
    setting: Setting,
    wanted: tuple[Target, ...],
    trials: int,
    seed: int,
) -> tuple[Chance, ...]:
    """The chance of each target in one setting.

    Trials are drawn without a difference. A true difference adds to one mean of the model and to
    nothing else, so each trial is fitted once and serves every target.
    """
    scenario = assumed.scenario(setting.design, setting.n, setting.drop_out)
    card = assumed.card_of(setting.design)
    # A setting has draws of its own, whichever others are tried.
    own = (seed, setting.design == "parallel", setting.n, round(1e6 * setting.drop_out))
    random = np.random.default_rng(own)
    shown, refused, done = dict.fromkeys(wanted, 0), 0, 0
    while done < trials:
        number = min(PER_PATTERN, trials - done)
        done += number
        sample = draw(pattern(scenario, random), scenario, random, number)
        if not _both_seen(sample, card.at):
            refused += number
            continue
        try:
            primary = primary_analysis(sample, card)
        except (DesignError, ModelError):
            refused += number
            continue
        sound = primary.fitted.fit.converged
        refused += int(np.sum(~sound))
        for target in wanted:
            shown[target] += int(np.sum(_shows(primary, target) & sound))
    return tuple(
        Chance(setting, target, count / trials, *wilson(count, trials), trials, refused)
        for target, count in shown.items()
    )


def _both_seen(sample: Cohort, at: str) -> bool:
    """Whether anybody of each arm is seen at the visit of comparison."""
    if at not in sample.visits:
        return False
    return len(np.unique(sample.arm[sample.visit == sample.visits.index(at)])) == 2


def _shows(primary: Primary, target: Target) -> Flags:
    """Which responses show a target, were the true difference that of the target, shape (R,)."""
    judged = judge_contrast(_moved(primary.fitted, primary, target.difference), primary.card)
    if target.aim == "equivalence":
        return np.isin(judged.verdict, (EQUIVALENT, TRIVIAL))
    return np.asarray((judged.low > 0) | (judged.high < 0))


def _moved(fitted: Fitted, primary: Primary, difference: float) -> Fitted:
    """A fit as it would be had the first arm's mean been larger by a difference."""
    fit, card = fitted.fit, primary.card
    coefficients = fit.coefficients.copy()
    coefficients[:, fit.cells[sides(card.contrast)[0], card.at]] += difference
    return replace(fitted, fit=replace(fit, coefficients=coefficients))


def wilson(count: int, trials: int) -> tuple[float, float]:
    """Interval of a share of simulated trials (Wilson 1927, J Am Stat Assoc 22:209)."""
    z = float(ndtri((1 + MONTE_CARLO_LEVEL) / 2))
    share = count / trials
    middle = share + z * z / (2 * trials)
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    # Without rounding errors, which could leave the share itself outside.
    return min(share, (middle - half) / scale), max(share, (middle + half) / scale)
