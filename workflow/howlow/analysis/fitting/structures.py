"""How the measurements of one participant vary together: the declared chain of covariance models.

Which member of a chain is fitted follows from the number of participants and visits alone, never
from a P value or from whether another member converged; a chain tried after looking would not keep
its error rate. A random intercept or compound symmetry alone is in no chain: where variances grow
over visits it rejects a true null in an eighth of trials, however large they are
(benchmarks/results/calibration.json).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from howlow.errors import DesignError
from howlow.model import RandomTerm, Residual

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Cohort

# What the numbers below were decided by: benchmarks/results/analysis_calibration.json.

#: Participants that each visit of an unstructured covariance needs.
PEOPLE_A_VISIT = 6
#: Participants that each limb at each visit of an unstructured covariance over both needs.
PEOPLE_A_SLOT = 3
#: Participants seen at every visit, beyond one for each visit and each arm, that it needs.
SPARE_COMPLETE = 4
#: Fewest participants for a random slope, whose three covariances are those of people.
PEOPLE_FOR_SLOPES = 10


@dataclass(frozen=True)
class Structure:
    """A covariance model: its name, words for readers, what it needs, and its parts.

    `lacks` says in words what a cohort lacks for it, or nothing. `free` tells that it assumes
    nothing about how variances and correlations change over visits.
    """

    name: str
    words: str
    lacks: Callable[[Cohort], str]
    parts: Callable[[Cohort], tuple[tuple[RandomTerm, ...], Residual]]
    free: bool = False


@dataclass(frozen=True)
class Choice:
    """The member of a chain that a cohort gets, and why those before it were passed over."""

    structure: Structure
    passed_over: tuple[str, ...] = ()


def choose(cohort: Cohort, chain: tuple[Structure, ...]) -> Choice:
    """The first member of a chain that the numbers of participants and visits carry.

    Raises
    ------
    DesignError
        If they carry none, with what the last one lacks.
    """
    reasons: list[str] = []
    for structure in chain:
        lacking = structure.lacks(cohort)
        if not lacking:
            return Choice(structure, tuple(reasons))
        reasons.append(f"{structure.words}: {lacking}")
    raise DesignError(reasons[-1])


def chain_of(cohort: Cohort) -> tuple[Structure, ...]:
    """The declared chain: for limbs within people, for a crossover, or for arms of people."""
    if cohort.period is not None:
        return (RANDOM_PERSON,)
    if cohort.limb.any():
        return (LIMB_BY_VISIT, PERSON_AND_LIMB, PERSON_BY_VISIT, PERSON_BY_VISIT_AR1H)
    return (UNSTRUCTURED, AR1H)


def carries_one_baseline(cohort: Cohort, structure: Structure) -> bool:
    """Whether the numbers carry a model in which all arms share one baseline mean.

    A shared mean makes the baseline a covariate whose slope is estimated, and Kenward & Roger's
    degrees of freedom do not count that: with four people an arm a true null is rejected in 7 % of
    trials, with three in 10 %. Changes from each arm's own baseline keep 5 %, and their intervals
    are no wider there. Where limbs share one residual variance it must be changes at any size, as
    the variance of a single visit is not what that variance says.
    """
    if structure in (PERSON_BY_VISIT, PERSON_BY_VISIT_AR1H):
        return False
    return structure is not UNSTRUCTURED or not _too_few_complete(cohort, len(cohort.visits))


def _too_few_complete(cohort: Cohort, columns: int, people_each: int = PEOPLE_A_VISIT) -> str:
    """What is missing for a free matrix over that many columns, in words."""
    people = len(cohort.people)
    if people < people_each * columns:
        return f"{people} participants; {people_each * columns} are needed"
    complete, needed = int(cohort.complete().sum()), columns + len(cohort.arms) + SPARE_COMPLETE
    if complete < needed:
        return f"{complete} participants were seen at every visit; {needed} are needed"
    return ""


def _lacks_for_unstructured(cohort: Cohort) -> str:
    """What an unstructured covariance over visits lacks."""
    if len(cohort.visits) == 2:
        # Two visits have no simpler model that is not a wrong one: only what must exist counts.
        complete, needed = int(cohort.complete().sum()), 2 + len(cohort.arms)
        return "" if complete >= needed else f"{complete} complete participants; {needed} needed"
    return _too_few_complete(cohort, len(cohort.visits))


def _unstructured(cohort: Cohort) -> tuple[tuple[RandomTerm, ...], Residual]:
    """A free covariance matrix over visits."""
    return (), _over_visits("unstructured", cohort)


def _over_visits(kind: str, cohort: Cohort) -> Residual:
    """A residual covariance over visits within limbs (people, where arms are people)."""
    levels = list(range(len(cohort.visits)))
    return Residual(kind, visit=cohort.visit, subject=cohort.limbs, visit_levels=levels)


def _lacks_for_slopes(cohort: Cohort) -> str:
    """What a random slope lacks."""
    if len(cohort.visits) < 3:
        return "two visits"
    if np.isnan(cohort.weeks).any() or len(np.unique(cohort.weeks)) < len(cohort.weeks):
        return "the weeks of the visits are not known"
    people = len(cohort.people)
    return "" if people >= PEOPLE_FOR_SLOPES else f"{people} participants"


def _random_slope(cohort: Cohort) -> tuple[tuple[RandomTerm, ...], Residual]:
    """A level and a slope over weeks of each participant's own."""
    weeks = (cohort.weeks - cohort.weeks[0]) / (cohort.weeks[-1] - cohort.weeks[0])
    columns = np.column_stack([np.ones(len(cohort.visit)), weeks[cohort.visit]])
    names = ("(Intercept)", "week")
    return (RandomTerm(columns, cohort.participant, names, label="participant"),), Residual()


def _lacks_for_ar1h(cohort: Cohort) -> str:
    """What a first-order autoregression lacks."""
    complete, needed = int(cohort.complete().sum()), 2 + len(cohort.arms)
    if len(cohort.visits) < 2:
        return "one visit"
    pairs = len(cohort.people) >= needed if len(cohort.visits) > 2 else complete >= needed
    return "" if pairs else f"{complete} complete participants; {needed} are needed"


def _ar1h(cohort: Cohort) -> tuple[tuple[RandomTerm, ...], Residual]:
    """A first-order autoregression with a variance for each visit."""
    return (), _over_visits("ar1h", cohort)


def _lacks_for_limb_by_visit(cohort: Cohort) -> str:
    """What a free matrix over limbs and visits lacks."""
    if len(cohort.arms) != 2:
        return f"{len(cohort.arms)} arms, and two limbs"
    if len(cohort.visits) > 2:
        return "more than two visits"
    return _too_few_complete(cohort, 2 * len(cohort.visits), PEOPLE_A_SLOT)


def _limb_by_visit(cohort: Cohort) -> tuple[tuple[RandomTerm, ...], Residual]:
    """A free covariance matrix over arms and visits within people, each limb being one arm."""
    slots = len(cohort.arms) * len(cohort.visits)
    slot = cohort.arm * len(cohort.visits) + cohort.visit
    levels = list(range(slots))
    return (), Residual("unstructured", visit=slot, subject=cohort.participant, visit_levels=levels)


def _lacks_for_person_and_limb(cohort: Cohort) -> str:
    """What free matrices over visits of people and of limbs lack."""
    return _too_few_complete(cohort, len(cohort.visits))


def _person_and_limb(cohort: Cohort) -> tuple[tuple[RandomTerm, ...], Residual]:
    """Free covariance matrices over visits, one of people and one of their limbs."""
    dummies = (cohort.visit[:, None] == np.arange(len(cohort.visits))).astype(float)
    person = RandomTerm(dummies, cohort.participant, cohort.visits, label="participant")
    return (person,), _over_visits("unstructured", cohort)


def _lacks_for_random_person(cohort: Cohort) -> str:
    """What a random intercept of people lacks."""
    people = len(cohort.people)
    return "" if people >= 3 else f"{people} participants; three are needed"


def _lacks_for_person_by_visit(cohort: Cohort) -> str:
    """What random intercepts of people, people at visits, and limbs lack."""
    # Limbs then vary alike at all visits. One change has one variance; several do not.
    return "more than two visits" if len(cohort.visits) > 2 else _lacks_for_random_person(cohort)


def _person_by_visit(cohort: Cohort) -> tuple[tuple[RandomTerm, ...], Residual]:
    """Random intercepts of people, of people at each visit, and of limbs."""
    ones = np.ones(len(cohort.visit))
    here = cohort.participant * len(cohort.visits) + cohort.visit
    return (
        RandomTerm(ones, cohort.limbs, label="limb"),
        RandomTerm(ones, here, label="participant by visit"),
        RandomTerm(ones, cohort.participant, label="participant"),
    ), Residual()


def _person_by_visit_ar1h(cohort: Cohort) -> tuple[tuple[RandomTerm, ...], Residual]:
    """Random intercepts of people and of people at each visit; limbs as in `_ar1h`."""
    ones = np.ones(len(cohort.visit))
    here = cohort.participant * len(cohort.visits) + cohort.visit
    return (
        RandomTerm(ones, here, label="participant by visit"),
        RandomTerm(ones, cohort.participant, label="participant"),
    ), _over_visits("ar1h", cohort)


def _random_person(cohort: Cohort) -> tuple[tuple[RandomTerm, ...], Residual]:
    """A random intercept of the participant."""
    term = RandomTerm(np.ones(len(cohort.visit)), cohort.participant, label="participant")
    return (term,), Residual()


UNSTRUCTURED = Structure(
    "unstructured",
    "unstructured covariance over visits",
    _lacks_for_unstructured,
    _unstructured,
    free=True,
)
RANDOM_SLOPE = Structure(
    "slope", "random slope over weeks for each participant", _lacks_for_slopes, _random_slope
)
AR1H = Structure(
    "ar1h", "first-order autoregression with a variance for each visit", _lacks_for_ar1h, _ar1h
)
LIMB_BY_VISIT = Structure(
    "limb-by-visit",
    "unstructured covariance over limbs and visits within participants",
    _lacks_for_limb_by_visit,
    _limb_by_visit,
    free=True,
)
PERSON_AND_LIMB = Structure(
    "person-and-limb",
    "unstructured covariances over visits, of participants and of their limbs",
    _lacks_for_person_and_limb,
    _person_and_limb,
    free=True,
)
PERSON_BY_VISIT = Structure(
    "person-by-visit",
    "random intercepts of participants, of participants at each visit, and of limbs",
    _lacks_for_person_by_visit,
    _person_by_visit,
)
PERSON_BY_VISIT_AR1H = Structure(
    "person-by-visit-ar1h",
    "random intercepts of participants and of participants at each visit, and a first-order "
    "autoregression of limbs with a variance for each visit",
    _lacks_for_random_person,
    _person_by_visit_ar1h,
)
RANDOM_PERSON = Structure(
    "random-person", "random intercept of participants", _lacks_for_random_person, _random_person
)
#: Every structure by its name.
STRUCTURES = {
    one.name: one
    for one in (
        UNSTRUCTURED,
        RANDOM_SLOPE,
        AR1H,
        LIMB_BY_VISIT,
        PERSON_AND_LIMB,
        # Before the one whose name it starts with: methods are known by the start of their name.
        PERSON_BY_VISIT_AR1H,
        PERSON_BY_VISIT,
        RANDOM_PERSON,
    )
}
