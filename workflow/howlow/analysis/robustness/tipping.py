"""Values that were not seen, shifted by a delta from what missing at random says of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.robustness.conditional_means import complete
from howlow.analysis.robustness.reference_based import on_right_side, shared_visits
from howlow.analysis.verdicts import judge_all
from howlow.config.trial import sides

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from howlow.analysis.estimand.cards import Card
    from howlow.analysis.fitting.cohort import Cohort, Flags, Positions, Vector
    from howlow.analysis.primary import Primary
    from howlow.analysis.subjects import Subject

#: The widest shift in SD of the baseline, where per cent of the baseline make no sense.
WIDEST_SD = 4.0
_STEPS = 1000


@dataclass(frozen=True)
class Shift:
    """The unseen of some arms shifted: `shifted` has 1 for an arm that goes with delta, -1 against.

    A unit is a person, or a limb where arms are limbs. `pull` is how much each participant's
    history before drop-out contributes to the contrast, shape (people,).
    """

    subject: Subject
    card: Card
    primary: Primary
    shifted: dict[str, float]
    pull: Vector

    def counts(self, arm: str) -> tuple[int, int]:
        """How many units of an arm were not seen at the visit, and how many there are."""
        units, _, unseen = _units(self.primary.fitted.cohort, arm, self.card.at)
        return int(unseen.sum()), len(units)

    @cached_property
    def slope(self) -> tuple[float, float, float]:
        """Change of the contrast a unit of delta, its variance, and its covariance with `pull`."""
        first, _ = sides(self.card.contrast)
        cohort = self.primary.fitted.cohort
        people, strata = cohort.people, strata_of(cohort)
        shares = np.zeros(len(people))
        for arm, way in self.shifted.items():
            _, owner, unseen = _units(cohort, arm, self.card.at)
            sign = way if arm == first else -way
            np.add.at(shares, np.searchsorted(people, owner), sign * unseen / len(unseen))
        both = np.zeros((2, 2))
        for stratum in np.unique(strata):
            here = np.stack([shares, self.pull])[:, strata == stratum]
            # Sums over n people: their covariance is n times that of one of them.
            both += np.cov(here) * here.shape[1] if here.shape[1] > 1 else 0.0
        return float(shares.sum()), float(both[0, 0]), float(both[0, 1])

    def at(self, delta: Vector) -> tuple[Vector, Vector, Vector, NDArray[np.str_]]:
        """Estimate, limits and verdict at each delta."""
        primary, card = self.primary, self.card
        mean, variance, covariance = self.slope
        estimate = float(primary.value.estimate[0, 0]) + delta * mean
        se = float(primary.value.se[0, 0])
        # The two cannot go together more closely than this without rounding being at work.
        most = 0.95 * se * np.sqrt(variance)
        together = np.clip(covariance, -most, most)
        wider = np.sqrt(se**2 + 2 * delta * together + delta**2 * variance) / se
        half = (primary.high[0] - primary.low[0]) / 2 * wider
        eq_half = (primary.eq_high[0] - primary.eq_low[0]) / 2 * wider
        low, high = estimate - half, estimate + half
        # ASSUME: the reference arm's gain, which assay sensitivity rests on, is as seen.
        verdict = judge_all(
            (low, high),
            (estimate - eq_half, estimate + eq_half),
            primary.margin[0],
            primary.assay_sensitive[0],
            not_inferior=on_right_side(low, high, card, float(primary.margin[0])),
        )
        return estimate, low, high, verdict

    def widest(self) -> float:
        """The widest shift that is tried: the baseline mean, or some SD of the baseline."""
        outcome = self.subject.trial.outcomes[self.card.outcome]
        if outcome.ratio_scale:
            return abs(self.subject.baseline)
        cohort = self.primary.fitted.cohort
        return WIDEST_SD * float(cohort.values[0, cohort.visit == 0].std(ddof=1))

    def tips(self) -> list[float]:
        """The smallest shift either way at which the verdict is not that of no shift."""
        found = []
        start = self.at(np.zeros(1))[3][0]
        for way in (-1.0, 1.0):
            low, high = 0.0, way * self.widest()
            for _ in range(2):
                delta = np.linspace(low, high, _STEPS + 1)
                other = np.flatnonzero(self.at(delta)[3] != start)
                if not len(other):
                    break
                low, high = float(delta[max(other[0] - 1, 0)]), float(delta[other[0]])
            else:
                found.append(high)
        return found


def strata_of(cohort: Cohort) -> Positions:
    """The stratum of each participant: the arm, or one for all where people have several arms."""
    if cohort.limb.any():
        return np.zeros(len(cohort.people), dtype=np.intp)
    arm_of = cohort.arm_of()
    return np.array([arm_of[person] for person in cohort.people.tolist()], dtype=np.intp)


def pulls(primary: Primary, card: Card) -> Vector:
    """What each participant's measured or predicted value adds to the contrast, shape (people,).

    It is away from the arm's mean, at the mean baseline (the change, where arms keep baselines of
    their own). Zero where it is not known: limbs, and arms not measured at every visit.
    """
    cohort, model = primary.fitted.cohort, primary.fitted.model
    found = np.zeros(len(cohort.people))
    # ASSUME: whether a limb is seen is unrelated to its values before.
    if model is None or cohort.limb.any() or shared_visits(cohort) is not cohort:
        return found
    try:
        completed = complete(cohort, replace(model, by_arm=False))
    except np.linalg.LinAlgError:
        return found
    values, covariance = completed.values[0], completed.covariance[0]
    visit = cohort.visits.index(card.at)
    slope = covariance[0, visit] / covariance[0, 0] if model.constrained else 1.0
    moved = values[:, visit] - slope * values[:, 0]
    for arm, sign in zip(sides(card.contrast), (1.0, -1.0), strict=True):
        here = completed.arm == cohort.arms.index(arm)
        found[here] = sign * (moved[here] - moved[here].mean()) / here.sum()
    return found


def _units(cohort: Cohort, arm: str, at: str) -> tuple[Positions, Positions, Flags]:
    """An arm's units (people or limbs), whose each is, and whether it has no value at the visit."""
    # ASSUME: who was never measured is not in the data, and does not count as unseen.
    here = cohort.arm == cohort.arms.index(arm)
    units, rows = np.unique(cohort.limbs[here], return_index=True)
    seen = cohort.limbs[here & (cohort.visit == cohort.visits.index(at))]
    return units, cohort.participant[here][rows], ~np.isin(units, seen)
