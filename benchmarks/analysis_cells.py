"""Simulated trials whose whole analysis is calibrated: what is true, and how it is analysed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from howlow.analysis.estimand.cards import Card
from howlow.analysis.fitting.cohort import Cohort
from howlow.analysis.fitting.fits import Combinations
from howlow.analysis.fitting.periods import Periods
from howlow.analysis.primary import Fitted, fit_chain, judge_contrast
from howlow.analysis.questions.ratios import ratio
from howlow.analysis.questions.response import between_arms
from howlow.analysis.questions.steps import biggest_step
from howlow.analysis.simulating import Scenario, growing
from howlow.analysis.verdicts import EQUIVALENT, TRIVIAL

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SIZES = (5, 6, 8, 12, 20)
#: The true difference at the last visit, which is also the margin: many standard errors, where the
#: error of a test of equivalence is largest.
MARGIN = 6.0
#: True SD of individual response, where changes without it have an SD of 1.1.
RESPONSE = 0.8


@dataclass(frozen=True)
class Found:
    """What the analysis of a batch of responses said, arrays of shape (R,).

    `missed` tells whether the interval (with several comparisons: any of them) excludes the truth,
    `claimed` whether a claim was made that is false, at the boundary where it would become true.
    """

    missed: Flags
    half_width: Floats
    fitted: Fitted
    claimed: Flags | None = None


@dataclass(frozen=True)
class Cell:
    """Trials of one kind at several sizes: their truth, and how they are analysed.

    `responses` share a pattern of who was seen when.
    """

    truth: Callable[[int], Scenario]
    analyse: Callable[[Cohort, Scenario], Found]
    sizes: tuple[int, ...] = SIZES
    finish: Callable[[Cohort, np.random.Generator], Cohort] = lambda cohort, rng: cohort
    responses: int = 10


def scenario(
    design: str,
    people: int,
    visits: int,
    person: Floats,
    arms: int = 2,
    limb: Floats | None = None,
    drop_out: float = 0.15,
    weeks: tuple[float, ...] | None = None,
) -> Scenario:
    """A trial whose first arm gains three margins by the last visit, and the others one more."""
    names = ("a", "b", "c", "d", "e")[:arms]
    gain = (np.linspace(0.0, 1.0, visits) if visits > 1 else np.ones(1)) * MARGIN
    return Scenario(
        design=design,  # type: ignore[arg-type]
        arms=names,
        people=people,
        visits=tuple(f"visit {number}" for number in range(visits)),
        weeks=weeks or tuple(float(week) for week in 4 * np.arange(visits)),
        means={name: tuple(50.0 + gain * (3 + (name != "a"))) for name in names},
        person=person,
        limb=limb,
        drop_out=drop_out,
    )


def card(truth: Scenario, contrast: str = "b - a", comparisons: tuple[str, ...] = ()) -> Card:
    """The declared analysis of a scenario: superiority and equivalence at its last visit."""
    return Card(
        study="calibration", outcome="outcome", contrast=contrast, at=truth.visits[-1],
        question="load", role="primary", population="", design=truth.design,
        baseline="one for all arms", covariates=(), missed_sessions="as_randomised",
        per_protocol_pct=0.0, drop_out="missing_at_random", aim="difference", unit="kg",
        margin=MARGIN, margin_pct=None, alpha=0.05, comparisons=comparisons,
    )  # fmt: skip


def difference(cohort: Cohort, truth: Scenario, compared: tuple[str, ...] = ()) -> Found:
    """The last visit's difference to the first arm, of every other arm where there are several."""
    family = tuple(f"{name} - a" for name in truth.arms[1:])
    family = family if len(family) > 1 else ()
    declared = card(truth, comparisons=family)
    fitted = fit_chain(cohort, declared, compared or truth.visits[-1:])
    found = [
        judge_contrast(fitted, replace(declared, contrast=contrast))
        for contrast in family or ("b - a",)
    ]
    missed = np.any([(one.low > MARGIN) | (one.high < MARGIN) for one in found], axis=0)
    first = found[0]
    alike = None if family else np.isin(first.verdict, (EQUIVALENT, TRIVIAL))
    return Found(missed, (first.high - first.low) / 2, fitted, alike)


def at_every_visit(cohort: Cohort, truth: Scenario) -> Found:
    """As `difference`, where arms are compared at every visit, so that no visit can be left out."""
    return difference(cohort, truth, truth.visits[1:])


def change(cohort: Cohort, truth: Scenario) -> Found:
    """The mean change of the first arm from the first to the last visit."""
    fitted = fit_chain(cohort, card(truth), truth.visits[-1:])
    first, last = truth.visits[0], truth.visits[-1]
    weights = fitted.fit.weights({("a", last): 1.0, ("a", first): -1.0})
    return against(fitted, weights, truth.means["a"][-1] - truth.means["a"][0])


def turns(cohort: Cohort, truth: Scenario) -> Found:
    """The difference between the arms of a crossover, from periods with or without a baseline."""
    start = truth.visits[0] if len(truth.visits) > 1 else ""
    model, fit = Periods.of(cohort, truth.visits[-1], start).fit()
    fitted = Fitted(cohort, None, model, fit)
    return against(fitted, fit.contrast("b", "a", truth.visits[-1]), MARGIN)


def recovery(cohort: Cohort, truth: Scenario) -> Found:
    """The difference between arms in the change from the second to the last of three visits."""
    middle, last = truth.visits[1:]
    fitted = fit_chain(cohort, card(truth), truth.visits[1:])
    weights = fitted.fit.contrast("b", "a", last) - fitted.fit.contrast("b", "a", middle)
    return against(fitted, weights, MARGIN / 2)


def biggest(cohort: Cohort, truth: Scenario) -> Found:
    """The claim that the first step is the biggest, where the second is as big."""
    fitted = fit_chain(cohort, card(truth), truth.visits[-1:])
    at = truth.visits[-1]
    shown = biggest_step(fitted.fit, truth.arms, at, 0.05).shown(0.05)
    found = against(fitted, fitted.fit.contrast("b", "a", at), MARGIN)
    return replace(found, claimed=shown)


def share(cohort: Cohort, truth: Scenario) -> Found:
    """The share of the last arm's gain that the second brings, with Fieller's set."""
    at = truth.visits[-1]
    fitted = fit_chain(cohort, card(truth), (at,))
    fit, top = fitted.fit, truth.arms[-1]
    part, whole = (truth.means[name][-1] - truth.means["a"][-1] for name in ("b", top))
    found = ratio(fit, fit.contrast("b", "a", at), fit.contrast(top, "a", at), 0.95)
    bounded = np.where(found.kind == "interval", (found.high - found.low) / 2, np.inf)
    return Found(~found.holds(part / whole), bounded, fitted)


def fraction(cohort: Cohort, truth: Scenario) -> Found:
    """The share of an arm's loss that came back, with Fieller's set."""
    before, disuse, last = truth.visits
    fitted = fit_chain(cohort, card(truth), truth.visits[1:])
    fit, means = fitted.fit, truth.means["a"]
    gained = fit.weights({("a", last): 1.0, ("a", disuse): -1.0})
    lost = fit.weights({("a", before): 1.0, ("a", disuse): -1.0})
    found = ratio(fit, gained, lost, 0.95)
    true = (means[2] - means[1]) / (means[0] - means[1])
    bounded = np.where(found.kind == "interval", (found.high - found.low) / 2, np.inf)
    return Found(~found.holds(true), bounded, fitted)


def response(cohort: Cohort, truth: Scenario) -> Found:
    """The SD of individual response of the second arm beyond the first."""
    at = truth.visits[-1]
    fitted = fit_chain(cohort, card(truth), (at,))
    found = between_arms(cohort.pairs(at), "b", "a", 0.95)
    missed = (found.low > RESPONSE) | (found.high < RESPONSE)
    return Found(missed, (found.high - found.low) / 2, fitted)


def responding(cohort: Cohort, rng: np.random.Generator) -> Cohort:
    """Responses of their own for the people of the second arm, at the last visit."""
    own = rng.normal(0, RESPONSE, (cohort.responses, int(cohort.participant.max()) + 1))
    treated = (cohort.arm == 1) & (cohort.visit == cohort.visit.max())
    return cohort.with_values(cohort.values + own[:, cohort.participant] * treated)


def half_as_many_twice_as_noisy(cohort: Cohort, rng: np.random.Generator) -> Cohort:
    """The second arm with every other person gone, and its deviations from the mean doubled."""
    second, last = cohort.arm == 1, len(cohort.visits) - 1
    mean = 50.0 + 4 * MARGIN * cohort.visit / last
    values = np.where(second, mean + 2 * (cohort.values - mean), cohort.values)
    return cohort.with_values(values).keep(~second | (cohort.participant % 2 == 0))


def against(fitted: Fitted, weights: Floats, true: float) -> Found:
    """A combination of cell means against its true value."""
    value: Combinations = fitted.fit.combine(weights)
    low, high = (limit[:, 0] for limit in value.interval(0.95))
    return Found((low > true) | (high < true), (high - low) / 2, fitted)


def sloping(weeks: tuple[float, ...], sds: tuple[float, float, float]) -> Floats:
    """Covariance over visits of a level and a slope of each person's own, and an error."""
    time = np.array(weeks) / weeks[-1]
    level, slope, error = sds
    found: Floats = level**2 + slope**2 * np.outer(time, time) + error**2 * np.eye(len(time))
    return found


#: Days of a long bed-rest campaign with its recovery, in weeks.
CAMPAIGN = (0.0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)


def parallel(visits: int, arms: int = 2) -> Callable[[int], Scenario]:
    """Arms of people whose variance grows over visits."""
    return lambda n: scenario("parallel", n, visits, growing(1.0, 0.6, 1.4, visits), arms)


def limbs(visits: int) -> Callable[[int], Scenario]:
    """Two limbs a person; people differ in their response, limbs of one person less so."""
    person, limb = growing(1.0, 0.6, 1.4, visits), growing(0.6, 0.5, 1.3, visits)
    return lambda n: scenario("within_participant", n, visits, person, limb=limb)


def in_turn(visits: int) -> Callable[[int], Scenario]:
    """A crossover, with what is measured in each period."""
    person, period = growing(1.0, 0.6, 1.2, visits), growing(0.7, 0.5, 1.2, visits)
    return lambda n: scenario("crossover", n, visits, person, limb=period)


def ladder(gains: tuple[float, ...]) -> Callable[[int], Scenario]:
    """Arms of people, before and after, with these gains."""

    def truth(n: int) -> Scenario:
        found = parallel(2, len(gains))(n)
        means = {name: (50.0, 50.0 + gain) for name, gain in zip(found.arms, gains, strict=True)}
        return replace(found, means=means)

    return truth


def disuse(loss: float) -> Callable[[int], Scenario]:
    """One arm that loses and gets half of it back."""
    return lambda n: replace(single(3)(n), means={"a": (50.0, 50.0 - loss, 50.0 - loss / 2)})


def single(visits: int) -> Callable[[int], Scenario]:
    """One arm."""
    return lambda n: scenario("single_arm", n, visits, growing(1.0, 0.6, 1.4, visits), arms=1)


def campaign(person: Floats) -> Callable[[int], Scenario]:
    """Three arms and thirteen visits, as in the long campaigns of bed rest."""
    return lambda n: scenario("parallel", n, 13, person, arms=3, weeks=CAMPAIGN)


#: Both sizes of a ratio's denominator: well known, and hardly told from zero.
FEW = (6, 12, 20)
CELLS: dict[str, Cell] = {
    "two arms, 2 visits": Cell(parallel(2), difference, (3, 4, *SIZES)),
    "two arms, 3 visits": Cell(parallel(3), difference),
    "two arms, 5 visits": Cell(parallel(5), difference),
    "two arms, 3 visits, all compared": Cell(parallel(3), at_every_visit),
    "two arms, 5 visits, all compared": Cell(parallel(5), at_every_visit),
    "three arms, 2 visits, Dunnett": Cell(parallel(2, 3), difference),
    "three arms, 3 visits, Dunnett": Cell(parallel(3, 3), difference),
    "limbs, 2 visits": Cell(limbs(2), difference, (5, 6, 8, 10, 12, 20)),
    "limbs, 5 visits": Cell(limbs(5), difference),
    "limbs, 3 visits, all compared": Cell(limbs(3), at_every_visit, (6, 8, 12, 16, 20)),
    "crossover": Cell(in_turn(1), turns, (6, 8, 12, 20)),
    "crossover with baselines": Cell(in_turn(2), turns, (6, 8, 12, 20), responses=1),
    "one arm, 3 visits, mean change": Cell(single(3), change),
    "recovery, change from visit 2 to 3": Cell(parallel(3), recovery),
    "three arms, 13 visits, slopes": Cell(
        campaign(sloping(CAMPAIGN, (1.0, 1.0, 0.4))), at_every_visit, (9,)
    ),
    "three arms, 13 visits, last compared": Cell(
        campaign(growing(1.0, 0.6, 1.4, 13)), difference, (9,)
    ),
    "four arms, biggest step": Cell(ladder((0.0, MARGIN, 2 * MARGIN, 2 * MARGIN)), biggest, FEW),
    "share of gain, well known": Cell(ladder((0.0, 3.0, 5.0, 6.0)), share, FEW),
    "share of gain, hardly known": Cell(ladder((0.0, 0.5, 0.8, 1.0)), share, FEW),
    "recovery fraction, well known": Cell(disuse(4.0), fraction, (8, 12, 20)),
    "recovery fraction, hardly known": Cell(disuse(0.6), fraction, (8, 12, 20)),
    "SD of individual response": Cell(parallel(2), response, (8, 12, 20), responding),
    # n is that of the smaller arm.
    "two unlike arms, 2 visits": Cell(
        lambda n: parallel(2)(2 * n), difference, (8, 10, 12, 20), half_as_many_twice_as_noisy
    ),
    "two unlike arms, 3 visits": Cell(
        lambda n: parallel(3)(2 * n), difference, (8, 10, 12, 20), half_as_many_twice_as_noisy
    ),
}
