"""One outcome of a trial as arrays: who was measured when, and the values.

Everything that fits models takes a `Cohort`. Its `values` have a leading axis over responses: one
for a real trial, many for simulated trials that share a pattern of who was seen when, so that
calibration and planning run through the very code that analyses a real trial.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Vector = NDArray[np.float64]
    Positions = NDArray[np.int_]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Pairs:
    """Limbs (people, where arms are people) with a value before and one after.

    `pre` and `post` have shape (R, m), the others (m,). `pre` is NaN where a paper prints only
    changes, and `post` is then the change.
    """

    arms: tuple[str, ...]
    participant: Positions
    limb: Positions
    arm: Positions
    pre: Matrix
    post: Matrix

    @property
    def change(self) -> Matrix:
        """Change of each limb, shape (R, m)."""
        return self.post if np.isnan(self.pre).any() else self.post - self.pre

    def of_arms(self, names: Sequence[str]) -> Pairs:
        """The pairs of some arms."""
        wanted = [position for position, name in enumerate(self.arms) if name in names]
        return self.keep(np.isin(self.arm, wanted))

    def keep(self, kept: Flags) -> Pairs:
        """The pairs for which `kept`, shape (m,), is true; arms without any go."""
        arms, arm = _renumbered(self.arms, self.arm[kept])
        return replace(
            self,
            arms=arms,
            participant=self.participant[kept],
            limb=self.limb[kept],
            arm=arm,
            pre=self.pre[:, kept],
            post=self.post[:, kept],
        )


@dataclass(frozen=True)
class Cohort:
    """One outcome of a trial: a row is a measurement.

    Attributes
    ----------
    arms, visits
        Those with rows, in the declared order; the first visit is the baseline.
    weeks
        Week of each visit, NaN where it is not known, shape (visits,).
    participant, limb, arm, visit
        Number of each row's participant, limb within the participant (0 where arms are people), arm
        and visit, shape (rows,).
    values
        Shape (R, rows), in the outcome's unit.
    covariates
        Numbers by name, one a participant number, shape (people,); NaN where not known.
    period
        Period of each row in a crossover trial, from 0; else zeros.
    """

    arms: tuple[str, ...]
    visits: tuple[str, ...]
    weeks: Vector
    participant: Positions
    limb: Positions
    arm: Positions
    visit: Positions
    values: Matrix
    covariates: Mapping[str, Vector] = field(default_factory=dict)
    period: Positions | None = None

    @property
    def people(self) -> Positions:
        """Numbers of the participants with rows."""
        return np.unique(self.participant)

    @property
    def limbs(self) -> Positions:
        """A number for each row's limb that no other participant's limb has, shape (rows,)."""
        return self.participant * (int(self.limb.max(initial=0)) + 1) + self.limb

    @property
    def responses(self) -> int:
        """R, the number of responses."""
        return len(self.values)

    def arm_of(self) -> dict[int, int]:
        """Arm of each participant, where arms are people."""
        return dict(zip(self.participant.tolist(), self.arm.tolist(), strict=True))

    def keep(self, kept: Flags) -> Cohort:
        """The rows for which `kept`, shape (rows,), is true; arms and visits without rows go."""
        arms, arm = _renumbered(self.arms, self.arm[kept])
        visits, visit = _renumbered(self.visits, self.visit[kept])
        weeks = self.weeks[[self.visits.index(name) for name in visits]]
        return replace(
            self,
            arms=arms,
            visits=visits,
            weeks=weeks,
            participant=self.participant[kept],
            limb=self.limb[kept],
            arm=arm,
            visit=visit,
            values=self.values[:, kept],
            period=None if self.period is None else self.period[kept],
        )

    def without(self, participant: int) -> Cohort:
        """All but one participant."""
        return self.keep(self.participant != participant)

    def of_arms(self, names: Sequence[str]) -> Cohort:
        """The rows of some arms."""
        wanted = [position for position, name in enumerate(self.arms) if name in names]
        return self.keep(np.isin(self.arm, wanted))

    def of_visits(self, names: Sequence[str]) -> Cohort:
        """The rows of some visits."""
        wanted = [position for position, name in enumerate(self.visits) if name in names]
        return self.keep(np.isin(self.visit, wanted))

    def of_people(self, numbers: Positions) -> Cohort:
        """The rows of some participants."""
        return self.keep(np.isin(self.participant, numbers))

    def with_values(self, values: Matrix) -> Cohort:
        """The same pattern with other values, shape (R, rows)."""
        return replace(self, values=np.atleast_2d(np.asarray(values, dtype=float)))

    def complete(self, visits: Sequence[str] | None = None) -> Flags:
        """Whether each of `people` was seen at these visits (all of them) with every limb."""
        wanted = [self.visits.index(name) for name in visits or self.visits]
        limbs, place = np.unique(self.limbs, return_inverse=True)
        seen = np.zeros((len(limbs), len(self.visits)), dtype=bool)
        seen[place, self.visit] = True
        owner = np.zeros(len(limbs), dtype=np.intp)
        owner[place] = self.participant
        whole = owner[seen[:, wanted].all(axis=1)]
        people, numbers = np.unique(whole, return_counts=True)
        return np.isin(self.people, people[numbers == int(self.limb.max(initial=0)) + 1])

    def pairs(self, at: str, start: str | None = None) -> Pairs:
        """Limbs with a value at `start` (the baseline) and one at `at`: complete cases."""
        first = self.visits.index(start) if start is not None else 0
        after = np.flatnonzero(self.visit == self.visits.index(at))
        before = {
            limb: row for row, limb in enumerate(self.limbs.tolist()) if self.visit[row] == first
        }
        limbs = self.limbs
        kept = np.array([row for row in after.tolist() if limbs[row] in before], dtype=np.intp)
        rows = np.array([before[limbs[row]] for row in kept.tolist()], dtype=np.intp)
        return Pairs(
            arms=self.arms,
            participant=self.participant[kept],
            limb=self.limb[kept],
            arm=self.arm[kept],
            pre=self.values[:, rows],
            post=self.values[:, kept],
        )


def _renumbered(names: tuple[str, ...], numbers: Positions) -> tuple[tuple[str, ...], Positions]:
    """The names that are used, and the numbers that point to them."""
    used = np.unique(numbers)
    place = np.zeros(len(names), dtype=np.intp)
    place[used] = np.arange(len(used))
    return tuple(names[position] for position in used.tolist()), place[numbers]
