"""Crossover trials: each participant is in every arm in turn, a period each: their own control.

Period and arm are fixed, the participant is random (Senn 2002, Cross-over Trials in Clinical
Research, 2nd ed.), so that a participant with one period still counts. Carry-over is not tested for
before arms are compared: a test of it first, and the first period alone where it is significant,
rejects a true null too often (Freeman 1989, Stat Med 8:1421).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.cohort import Pairs
from howlow.analysis.fitting.fits import SmallSample
from howlow.analysis.fitting.longitudinal import Model, described, fit_design, mean_design
from howlow.analysis.fitting.regression import ancova_by_statsmodels, fit_changes
from howlow.analysis.fitting.structures import RANDOM_PERSON
from howlow.model import BatchInference

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Cohort, Vector
    from howlow.analysis.fitting.fits import Fit


@dataclass(frozen=True)
class Periods:
    """A crossover at one visit of its periods: a row is a participant in a period.

    Attributes
    ----------
    cohort
        The values at the visit; one response, periods numbered from 0 without gaps.
    before
        Each row's value at the baseline of its own period, shape (rows,), NaN where not known; None
        where no period has one.
    """

    cohort: Cohort
    before: Vector | None

    @classmethod
    def of(cls, cohort: Cohort, at: str, start: str) -> Periods:
        """A crossover's rows at a visit, with what was measured at `start` of the same period."""
        rows = cohort.of_visits((at,))
        assert rows.period is not None
        rows = replace(rows, period=np.unique(rows.period, return_inverse=True)[1])
        if start not in cohort.visits:
            return cls(rows, None)
        earlier = cohort.keep(cohort.visit == cohort.visits.index(start))
        known = dict(zip(_keys(earlier), earlier.values[0].tolist(), strict=True))
        here = cohort.keep(cohort.visit == cohort.visits.index(at))
        before = np.array([known.get(key, np.nan) for key in _keys(here)])
        return cls(rows, None if np.isnan(before).all() else before)

    def fit(self, covariates: tuple[str, ...] = ()) -> tuple[Model, Fit]:
        """The mean of each arm at equal shares of the periods, and the model it is from.

        A baseline enters twice: as the mean of the participant's baselines, and as its distance
        from that. One slope for both would carry differences between people into the comparison
        within them (Kenward & Roger 2010, Biostatistics 11:1).

        Raises
        ------
        ModelError
            If arms cannot be told from periods.
        """
        model = Model(RANDOM_PERSON, constrained=False, covariates=covariates)
        fit = self._fitted(self.cohort, model)
        return model, replace(
            fit, method="crossover" if self.before is None else "crossover-ancova"
        )

    def fit_by_period(self, covariates: tuple[str, ...] = ()) -> Fit:
        """The same with a mean of each arm in each period; the cells' visits are `period 1`, ..."""
        period = self.cohort.period
        assert period is not None
        names = tuple(f"period {number + 1}" for number in range(int(period.max()) + 1))
        weeks = np.full(len(names), np.nan)
        cohort = replace(self.cohort, visits=names, weeks=weeks, visit=period, period=None)
        # Covariates of people go with the mean of all periods, not with each of them.
        fit = self._fitted(cohort, Model(RANDOM_PERSON, constrained=False), covariates)
        return replace(fit, method="crossover-by-period", subtract=None)

    def first_period(self, arms: Sequence[str]) -> Fit | None:
        """Arms compared in the first period alone, as in a parallel trial; None with too few.

        Analysis of covariance where everybody has a baseline, else variances of the arms' own.
        """
        cohort = self.cohort
        assert cohort.period is not None
        rows = cohort.period == 0
        before = np.full(len(rows), np.nan) if self.before is None else self.before
        pairs = Pairs(
            cohort.arms, cohort.participant, cohort.limb, cohort.arm, before[None], cohort.values
        )
        pairs = pairs.keep(rows).of_arms(arms)
        numbers = np.bincount(pairs.arm, minlength=2)
        if len(pairs.arms) < 2 or numbers.min() < 2 or len(pairs.arm) < 5:
            return None
        at = cohort.visits[0]
        if np.isnan(pairs.pre).any() or np.ptp(pairs.pre) == 0:
            pairs = replace(pairs, pre=np.full_like(pairs.pre, np.nan))
            return fit_changes(pairs, at, 0.0, "first-period")
        return replace(ancova_by_statsmodels(pairs, at), method="first-period-ancova")

    def in_both(self, first: str, second: str) -> int:
        """How many people have a value in both arms."""
        people = [
            set(self.cohort.participant[self.cohort.arm == self.cohort.arms.index(arm)].tolist())
            if arm in self.cohort.arms
            else set()
            for arm in (first, second)
        ]
        return len(people[0] & people[1])

    def _fitted(self, cohort: Cohort, model: Model, covariates: tuple[str, ...] = ()) -> Fit:
        """A model of the rows with the baselines of their periods."""
        design, names, cells = mean_design(cohort, model)
        columns, labels = [design], list(names)
        for name in covariates:
            value = cohort.covariates[name]
            centred = np.nan_to_num(value - np.nanmean(value[cohort.people]))
            columns.append(centred[cohort.participant][:, None])
            labels.append(name)
        for name, column in self._baselines():
            columns.append(column[:, None])
            labels.append(name)
        batch = fit_design(cohort, model, np.hstack(columns), labels)
        precision = SmallSample(BatchInference(batch, model.inference))
        return described(cohort, model, batch, cells, precision)

    def _baselines(self) -> Iterator[tuple[str, Vector]]:
        """The two columns of the baseline, centred; 0, their mean, where it is not known."""
        if self.before is None:
            return
        people, known = self.cohort.participant, ~np.isnan(self.before)
        number = np.bincount(people, known)
        mean = np.bincount(people, np.where(known, self.before, 0.0)) / np.maximum(number, 1)
        within = np.where(known, self.before - mean[people], 0.0)
        between = np.where(number > 0, mean - mean[number > 0].mean(), 0.0)[people]
        for name, column in (("baseline within people", within), ("baseline of people", between)):
            if np.ptp(column) > 0:
                yield name, column


def _keys(cohort: Cohort) -> list[tuple[int, int]]:
    """Participant and period of each row."""
    assert cohort.period is not None
    return list(zip(cohort.participant.tolist(), cohort.period.tolist(), strict=True))
