"""Values that were not seen, put in as their conditional means given those that were.

Under missing at random an unseen value is the participant's own arm's mean, moved by how the
participant's other values lie; under a reference-based assumption drop-outs follow the mean of
another arm (Carpenter, Roger & Kenward 2013, J Biopharm Stat 23:1352).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from howlow.analysis.fitting.cohort import Cohort, Pairs
from howlow.analysis.fitting.longitudinal import Model, fit_cells, mean_design

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Flags, Matrix, Positions
    from howlow.analysis.fitting.structures import Structure
    from howlow.model import BatchFit

Strategy = Literal["mar", "j2r", "cr", "cir"]


@dataclass(frozen=True)
class Completed:
    """A cohort of people, wide, with its gaps filled under missing at random.

    Attributes
    ----------
    cohort
        Every participant at every visit: person by person, visit by visit.
    seen
        Which values were measured, shape (people, visits).
    values
        Measured or predicted, shape (R, people, visits).
    covariance
        Fitted covariance over visits, shape (R, visits, visits).
    beta
        Fitted means, shape (R, p).
    model
        The model they are of.
    converged
        Shape (R,).
    """

    cohort: Cohort
    seen: Flags
    values: Matrix
    covariance: Matrix
    beta: Matrix
    model: Model
    converged: Flags

    @property
    def arm(self) -> Positions:
        """Arm of each person."""
        return self.cohort.arm[:: len(self.cohort.visits)]

    def means(self, arm: Positions | None = None) -> Matrix:
        """Means of the people, were they of these arms (their own), shape (R, people, visits)."""
        visits = len(self.cohort.visits)
        of = self.cohort if arm is None else replace(self.cohort, arm=np.repeat(arm, visits))
        design, _, _ = mean_design(of, self.model)
        found: Matrix = (self.beta @ design.T).reshape(len(self.beta), -1, visits)
        return found

    def pairs(self, values: Matrix, at: str) -> Pairs:
        """Baseline and one visit of everybody, from values of shape (R, people, visits)."""
        visits = self.cohort.visits
        people = self.cohort.participant[:: len(visits)]
        return Pairs(
            arms=self.cohort.arms,
            participant=people,
            limb=np.zeros_like(people),
            arm=self.arm,
            pre=values[:, :, 0],
            post=values[:, :, visits.index(at)],
        )


def complete(cohort: Cohort, model: Model) -> Completed:
    """Fit a model by REML and fill the gaps with conditional means under missing at random.

    Arms must be people, and every arm measured at every visit of the cohort.

    Raises
    ------
    ModelError
        As `fit_model`.
    """
    batch, _ = fit_cells(cohort, model)
    people, place = np.unique(cohort.participant, return_inverse=True)
    visits = len(cohort.visits)
    arm = np.zeros(len(people), dtype=np.intp)
    arm[place] = cohort.arm
    seen = np.zeros((len(people), visits), dtype=bool)
    seen[place, cohort.visit] = True
    values = np.full((cohort.responses, *seen.shape), np.nan)
    values[:, place, cohort.visit] = cohort.values
    full = replace(
        cohort,
        participant=np.repeat(people, visits),
        limb=np.zeros(seen.size, dtype=np.intp),
        arm=np.repeat(arm, visits),
        visit=np.tile(np.arange(visits), len(people)),
        values=np.zeros((1, seen.size)),
    )
    covariance = over_visits(batch, cohort, model.structure)
    found = Completed(
        full, seen, values, covariance, np.asarray(batch.beta), model, np.asarray(batch.converged)
    )
    means = found.means()
    for pattern in np.unique(seen[~seen.all(axis=1)], axis=0):
        who = np.flatnonzero((seen == pattern).all(axis=1))
        fill(values, who, pattern, means, covariance)
    return found


def fill(
    values: Matrix,
    who: Positions,
    known: Flags,
    means: Matrix,
    covariance: Matrix,
) -> None:
    """Set the values of some people that are not `known` to their means given the known ones.

    Parameters
    ----------
    values, means
        Shape (R, people, visits); `values` is changed.
    who, known
        The people, and which visits are known of all of them, shape (visits,).
    covariance
        Shape (R, visits, visits).
    """
    rows, seen, unseen = who[:, None], np.flatnonzero(known), np.flatnonzero(~known)
    slopes = np.linalg.solve(
        covariance[:, seen[:, None], seen], covariance[:, seen[:, None], unseen]
    )
    away = values[:, rows, seen] - means[:, rows, seen]
    values[:, rows, unseen] = means[:, rows, unseen] + away @ slopes


def follow(found: Completed, strategy: Strategy, arm: int, reference: int) -> Matrix:
    """The values where drop-outs of one arm follow a reference arm after they were last seen.

    `mar` is missing at random; `j2r` jumps to the mean of the reference; `cr` copies the reference
    from the start; `cir` copies its increments. Gaps before the last visit at which somebody was
    seen stay missing at random. Returns shape (R, people, visits).
    """
    if strategy == "mar":
        return found.values
    values, visits = found.values.copy(), found.seen.shape[1]
    own = found.means()
    # The arms change places, so that every column of the design is still there.
    swap = np.arange(len(found.cohort.arms))
    swap[[arm, reference]] = reference, arm
    other = found.means(swap[found.arm])
    last = visits - 1 - np.argmax(found.seen[:, ::-1], axis=1)
    for visit in range(visits - 1):
        who = np.flatnonzero((found.arm == arm) & (last == visit))
        known = np.arange(visits) <= visit
        before = other if strategy == "cr" else own
        after = other
        if strategy == "cir":
            after = own[:, :, [visit]] + other - other[:, :, [visit]]
        if len(who):
            fill(values, who, known, np.where(known, before, after), found.covariance)
    return values


def over_visits(batch: BatchFit, cohort: Cohort, structure: Structure) -> Matrix:
    """Fitted covariance of a person's values over visits, shape (R, visits, visits)."""
    visits = len(cohort.visits)
    one = replace(
        cohort,
        participant=np.zeros(visits, dtype=np.intp),
        limb=np.zeros(visits, dtype=np.intp),
        arm=np.zeros(visits, dtype=np.intp),
        visit=np.arange(visits),
        values=np.zeros((1, visits)),
    )
    random, residual = structure.parts(one)
    psi = np.asarray(batch.psi, dtype=np.float64)
    total = np.zeros((len(batch), visits, visits))
    start = visits * (visits + 1) // 2 if residual.over_visits else 1
    total += (
        _symmetric(psi[:, :start], visits)
        if residual.over_visits
        else (psi[:, :1, None] * np.eye(visits))
    )
    for term in random:
        effects = len(term.names)
        size = effects * (effects + 1) // 2
        total += term.columns @ _symmetric(psi[:, start : start + size], effects) @ term.columns.T
        start += size
    return total


def _symmetric(triangle: Matrix, order: int) -> Matrix:
    """Symmetric matrices from their lower triangles, row by row, shape (R, order, order)."""
    rows, columns = np.tril_indices(order)
    matrix = np.empty((len(triangle), order, order))
    matrix[:, rows, columns] = matrix[:, columns, rows] = triangle
    return matrix
