"""Simulated cohorts of a known truth: who is seen when, and the values; for planning and checking.

A scenario says what is true. `pattern` draws who is seen when, `draw` many responses for the same
people and visits, so that they are fitted at once. Every draw comes from the generator that is
given: the same seed, the same cohort.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.cohort import Cohort

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Flags, Matrix, Positions
    from howlow.config.trial import Design


@dataclass(frozen=True, eq=False)
class Scenario:
    """The truth about one outcome of a trial that may be run; all in the outcome's unit.

    A unit is what an arm is given to: a person; a limb, where each person gives one to every arm;
    or a person's period of a crossover, where each person is in every arm in turn.

    Attributes
    ----------
    design
        As declared: parallel, within_participant (limbs), crossover or single_arm.
    people
        People in each arm; altogether, where limbs or periods are units.
    visits, weeks
        The baseline first. In a crossover they are those of each period.
    means
        True mean of each arm at each visit.
    person
        Covariance over visits between people, shape (visits, visits), measurement error included
        where arms are people.
    limb
        The same between the limbs (or periods) of one person; None where arms are people.
    drop_out
        Chance of a person to have left for good by the last visit; the visit from which on a
        person is not seen is spread evenly over those after the first.
    missed
        Chance to miss any one visit after the first, for each person who has not left.
    """

    design: Design
    arms: tuple[str, ...]
    people: int
    visits: tuple[str, ...]
    weeks: tuple[float, ...]
    means: Mapping[str, tuple[float, ...]]
    person: Matrix
    limb: Matrix | None = None
    drop_out: float = 0.0
    missed: float = 0.0

    @property
    def within(self) -> bool:
        """Whether each person is in every arm, with limbs or in turn."""
        return self.design in ("within_participant", "crossover")


def pattern(scenario: Scenario, rng: np.random.Generator) -> Cohort:
    """Who is seen when in one trial of a scenario; all values are zero.

    Rows are ordered by person, limb (or period) and visit. People take the arms of a crossover, and
    their limbs the arms, in orders that occur equally often.
    """
    arms, visits = len(scenario.arms), len(scenario.visits)
    units = arms if scenario.within else 1
    people = scenario.people if scenario.within else scenario.people * arms
    person, unit, visit = (axis.ravel() for axis in np.indices((people, units, visits)))
    # Person k starts with arm k, the next limb or period takes the next arm, and so on around.
    arm = (person + unit) % arms if scenario.within else person // scenario.people
    in_turn = scenario.design == "crossover"
    occasion = unit * visits + visit if in_turn else visit
    nothing = np.zeros_like(unit)
    whole = Cohort(
        arms=scenario.arms,
        visits=scenario.visits,
        weeks=np.asarray(scenario.weeks, dtype=float),
        participant=person,
        limb=nothing if in_turn else unit,
        arm=arm,
        visit=visit,
        values=np.zeros((1, len(person))),
        period=unit if in_turn else None,
    )
    return whole.keep(
        _seen(scenario, people, units * visits if in_turn else visits, rng)[person, occasion]
    )


def _seen(scenario: Scenario, people: int, occasions: int, rng: np.random.Generator) -> Flags:
    """Whether each person is seen on each occasion, shape (people, occasions)."""
    leaves = rng.random(people) < scenario.drop_out
    last = np.where(leaves, rng.integers(1, max(occasions, 2), people), occasions)
    there = np.arange(occasions) < last[:, None]
    there[:, 1:] &= rng.random((people, occasions - 1)) >= scenario.missed
    return there


def draw(cohort: Cohort, scenario: Scenario, rng: np.random.Generator, responses: int) -> Cohort:
    """A pattern with values drawn from the scenario's truth, shape (responses, rows)."""
    place = np.array([scenario.visits.index(name) for name in cohort.visits], dtype=np.intp)
    visit = place[cohort.visit]
    means = np.array([scenario.means[name] for name in cohort.arms])
    values = means[cohort.arm, visit] + _deviations(
        scenario.person, cohort.participant, visit, rng, responses
    )
    if scenario.within and scenario.limb is not None:
        unit = cohort.limb if cohort.period is None else cohort.period
        limbs = cohort.participant * len(scenario.arms) + unit
        values += _deviations(scenario.limb, limbs, visit, rng, responses)
    return cohort.with_values(values)


def _deviations(
    covariance: Matrix,
    unit: Positions,
    visit: Positions,
    rng: np.random.Generator,
    responses: int,
) -> Matrix:
    """Normal deviations of each row's unit at its visit, shape (responses, rows)."""
    # By eigenvalues, as a covariance may be singular (a random slope without error).
    values, vectors = np.linalg.eigh(np.asarray(covariance, dtype=float))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    units, place = np.unique(unit, return_inverse=True)
    free = rng.standard_normal((responses, len(units), len(root)))
    found: Matrix = (free @ root.T)[:, place, visit]
    return found


def growing(sd: float, correlation: float, growth: float, visits: int) -> Matrix:
    """A covariance over visits whose variance grows, as people respond differently.

    The standard deviation rises evenly from `sd` to `growth * sd`. `correlation` is that of the
    first and the last visit; between visits it falls with the square root of their distance, fast
    at first and slowly later, so that no covariance model but an unstructured one is right. Shape
    (visits, visits); a covariance for every correlation from 0 to 1 (Polya 1949).
    """
    spread = sd * np.linspace(1.0, growth, visits)
    step = np.arange(visits)
    distance = np.abs(step[:, None] - step) / max(visits - 1, 1)
    alike = 1.0 - (1.0 - correlation) * np.sqrt(distance)
    found: Matrix = np.outer(spread, spread) * alike
    return found
