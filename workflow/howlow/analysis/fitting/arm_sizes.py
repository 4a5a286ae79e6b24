"""Arms of unlike size: where they need variances of their own, and can carry them.

A pooled covariance is right on average over equal arms, whatever their variances. Where the smaller
arm is the noisier one it makes the test reject a true null in 11 to 17 of 100 trials (9 people
against 18, SDs of the change 2 : 1), and too seldom where it is the quieter one. A covariance for
each arm keeps 5 to 6, given enough people; with fewer, changes from each arm's own baseline do
(benchmarks/results/analysis_calibration.json). Numbers alone decide, never the variances seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Cohort

#: Arms are unlike in number where the largest has more than so many times the people of the
#: smallest.
UNLIKE_NUMBERS = 1.5
#: Fewest people seen at every visit, and beyond one a visit, for a covariance of each arm with one
#: baseline mean for all; and for changes from a baseline mean of each arm.
COMPLETE_AN_ARM, SPARE_AN_ARM = 10, 6
SPARE_FOR_CHANGES = 2


def unlike_numbers(cohort: Cohort) -> bool:
    """Whether arms of people differ much in number."""
    if cohort.limb.any() or cohort.period is not None or len(cohort.arms) < 2:
        return False
    people = np.bincount(list(cohort.arm_of().values()), minlength=len(cohort.arms))
    return bool(people.max() > UNLIKE_NUMBERS * people.min())


def carries_each_arm(cohort: Cohort) -> bool:
    """Whether every arm has the numbers for a covariance of its own."""
    return _fewest(cohort) >= max(COMPLETE_AN_ARM, len(cohort.visits) + SPARE_AN_ARM)


def carries_changes(cohort: Cohort) -> bool:
    """Whether every arm has the numbers for a covariance and a baseline mean of its own.

    With two visits that is the comparison of changes by Welch's t.
    """
    return _fewest(cohort) >= len(cohort.visits) + SPARE_FOR_CHANGES


def _fewest(cohort: Cohort) -> int:
    """How many people seen at every visit the smallest arm has."""
    arm_of = cohort.arm_of()
    whole = [arm_of[person] for person in cohort.people[cohort.complete()].tolist()]
    return int(np.bincount(whole, minlength=len(cohort.arms)).min()) if whole else 0
