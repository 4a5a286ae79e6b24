"""Whether an effect depends on who is trained: one test of the interaction, none in a subgroup.

The main model is given a slope over the moderator: one before, which all arms share where chance
made them, and one for each arm at each later visit. That slopes differ between two arms is what is
tested. The effects at two levels of the moderator are shown beside it with their intervals, without
P values: a difference between "significant" and "not significant" is itself no finding (Gelman &
Stern 2006, Am Stat 60:328).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from howlow.analysis.estimates import Estimate
from howlow.analysis.fitting.fits import Fit, SmallSample
from howlow.analysis.fitting.longitudinal import described, fit_design, mean_design
from howlow.analysis.subjects import simulated
from howlow.config.trial import sides
from howlow.errors import DesignError
from howlow.model import BatchInference, ModelError

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Cohort, Matrix, Vector
    from howlow.analysis.fitting.fits import Cell
    from howlow.analysis.fitting.longitudinal import Model
    from howlow.analysis.subjects import Subject

#: Moderators with two levels: those that count 0 and 1 in a cohort's covariates.
LEVELS = {
    "sex": ("F", "M"),
    "training": ("untrained", "trained"),
    "age_group": ("young", "older"),
}
#: Moderators that are numbers: how much of which unit an interaction is told for.
STEPS = {"age": (10.0, "years"), "height": (10.0, "cm")}
#: Fewest people of each level, or with a known number, that each of two arms needs at the visit.
FEWEST_AT_LEVEL, FEWEST_KNOWN = 2, 4


@dataclass(frozen=True)
class ModeratedFit:
    """The fit of a model with slopes over a moderator.

    Attributes
    ----------
    slopes
        The column of the slope of each arm at each visit.
    average
        The moderator's mean over people, at which the cells' means hold.
    left_out
        How many people were left out, as the moderator is not known of them.
    """

    cohort: Cohort
    fit: Fit
    slopes: dict[Cell, int]
    average: float
    left_out: int

    def slope(self, first: str, second: str, at: str) -> Vector:
        """Weights of the difference in slope between two arms at a visit, shape (p,)."""
        weights = np.zeros(self.fit.coefficients.shape[1])
        for arm, sign in ((first, 1.0), (second, -1.0)):
            weights[self.slopes[arm, at]] += sign
            if self.fit.subtract is not None:
                weights[self.slopes[arm, self.fit.subtract]] -= sign
        return weights


def moderator_rows(subject: Subject, at: str) -> Iterator[Estimate]:
    """The interaction of each declared moderator with each contrast, and the effects behind it.

    Raises
    ------
    DesignError
        After the rows of the others, with all that the numbers of people do not carry.
    """
    refused: list[str] = []
    for name in subject.trial.moderators:
        try:
            found = fit_moderated(subject.cohort, subject.model, name)
        except (DesignError, ModelError) as error:
            refused.append(f"moderator {name}: {error}")
            continue
        for contrast in subject.trial.contrasts:
            arms = sides(contrast.contrast)
            lacking = _lacking(found, name, arms, at)
            if lacking:
                refused.append(f"moderator {name}: {lacking}")
            else:
                yield from _rows(subject, found, name, arms, at)
    if refused:
        raise DesignError("; ".join(dict.fromkeys(refused)))


def fit_moderated(cohort: Cohort, model: Model, name: str) -> ModeratedFit:
    """Fit a model with slopes over a covariate of a cohort, those without it left out.

    Raises
    ------
    DesignError
        If too few people are left for the covariance of the model.
    ModelError
        If the rows cannot tell the slopes apart.
    """
    people = cohort.people
    values = cohort.covariates[name]
    known = people[~np.isnan(values[people])]
    kept = cohort.of_people(known)
    if not len(known) or (lacks := model.structure.lacks(kept)):
        raise DesignError(lacks if len(known) else "it is not known of anybody")
    mean = replace(model, covariates=tuple(c for c in model.covariates if c != name))
    design, names, cells = mean_design(kept, mean)
    average = float(values[known].mean())
    centred = (values - average)[kept.participant]
    columns, slopes = _slope_columns(kept, centred, design.shape[1], shared=model.constrained)
    names = (*names, *(f"{name} {number}" for number in range(columns.shape[1])))
    batch = fit_design(kept, mean, np.column_stack([design, columns]), names)
    precision = SmallSample(BatchInference(batch, model.inference))
    fit = described(kept, mean, batch, cells, precision)
    if not fit.converged[0]:
        raise DesignError("; ".join(fit.messages) or "the fit did not converge")
    return ModeratedFit(kept, fit, slopes, average, len(people) - len(known))


def _slope_columns(
    cohort: Cohort, centred: Vector, first: int, *, shared: bool
) -> tuple[Matrix, dict[Cell, int]]:
    """Columns of the moderator, shape (rows, k), and that of each cell, counted from `first`.

    Before, all arms have one slope where they are `shared`. A cell in which everybody is alike has
    none of its own.
    """
    columns: list[Vector] = []
    slopes: dict[Cell, int] = {}
    for position, visit in enumerate(cohort.visits):
        here = cohort.visit == position
        together = position == 0 and shared
        groups = [cohort.arms] if together else [(arm,) for arm in cohort.arms]
        for group in groups:
            rows = here & np.isin(cohort.arm, [cohort.arms.index(arm) for arm in group])
            if rows.any() and np.ptp(centred[rows]) > 0:
                slopes.update({(arm, visit): first + len(columns) for arm in group})
                columns.append(np.where(rows, centred, 0.0))
    return np.column_stack(columns) if columns else np.zeros((len(centred), 0)), slopes


def _lacking(found: ModeratedFit, name: str, arms: tuple[str, str], at: str) -> str:
    """What two arms lack for the interaction at a visit, in words."""
    cohort, start = found.cohort, found.fit.subtract
    for arm in arms:
        if (arm, at) not in found.fit.cells:
            return f"nobody of {arm} at {at}"
        mine = (cohort.arm == cohort.arms.index(arm)) & (cohort.visit == cohort.visits.index(at))
        people = np.unique(cohort.participant[mine])
        values = cohort.covariates[name][people]
        if name in LEVELS:
            for number, level in enumerate(LEVELS[name]):
                if (values == number).sum() < FEWEST_AT_LEVEL:
                    return f"fewer than {FEWEST_AT_LEVEL} of level {level} in {arm} at {at}"
        elif len(people) < FEWEST_KNOWN or np.ptp(values) == 0:
            return f"too few people of different {name} in {arm} at {at}"
        if start is not None and (arm, start) not in found.slopes:
            return f"too few people of different {name} in {arm} at {start}"
    return ""


def _rows(
    subject: Subject, found: ModeratedFit, name: str, arms: tuple[str, str], at: str
) -> Iterator[Estimate]:
    """The interaction of one contrast, and its effect at two levels."""
    contrast = f"{arms[0]} - {arms[1]}"
    effect, slope = found.fit.contrast(*arms, at), found.slope(*arms, at)
    if name in LEVELS:
        low, high = LEVELS[name]
        step, what = 1.0, f"{high} - {low}"
        shown = {low: 0.0, high: 1.0}
    else:
        step, unit = STEPS[name]
        what = f"per {step:g} {unit}"
        values = found.cohort.covariates[name][found.cohort.people]
        shown = {f"{v:.0f}": float(round(v)) for v in np.percentile(values, [10, 90])}
    yield _row(
        subject, found, step * slope, at,
        contrast=f"({contrast}) by {name} ({what})",
        estimand=f"interaction: how the difference in mean depends on {name}, missing at random",
        tested=True,
    )  # fmt: skip
    for label, value in shown.items():
        yield _row(
            subject, found, effect + (value - found.average) * slope, at,
            contrast=f"({contrast}) at {name} {label}",
            estimand=f"difference in mean at {name} {label}, missing at random; no subgroup test, "
            "as only the interaction is tested",
            tested=False,
        )  # fmt: skip


def _row(
    subject: Subject, found: ModeratedFit, weights: Vector, at: str, **fields: Any
) -> Estimate:
    """One row of the moderated fit."""
    fit = found.fit
    notes = [simulated(subject.trial), _left_out(found.left_out, subject.config.privacy.small_cell)]
    return subject.row(
        fit.combine(weights).one(),
        at=at,
        method=f"{fit.method}-moderated",
        n_participants=fit.n_participants,
        n_observations=fit.n_observations,
        converged=bool(fit.converged[0]),
        boundary=fit.boundary,
        note="; ".join(note for note in notes if note),
        **fields,
    )


def _left_out(number: int, small_cell: int) -> str:
    """How many people were left out, told only where they are not few."""
    if number == 0:
        return ""
    told = str(number) if number >= small_cell else f"fewer than {small_cell}"
    return f"{told} participants are left out, as the moderator is not known of them"
