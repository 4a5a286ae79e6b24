"""One defensible way to analyse a contrast, judged as the primary analysis is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from howlow.analysis.verdicts import (
    DIFFERENT,
    DIFFERENT_BEYOND,
    EQUIVALENT,
    NOT_INFERIOR,
    TRIVIAL,
    judge_all,
)
from howlow.errors import DesignError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from howlow.analysis.estimand.cards import Card
    from howlow.analysis.fitting.cohort import Cohort, Vector
    from howlow.analysis.fitting.fits import Combinations
    from howlow.analysis.fitting.longitudinal import Model
    from howlow.analysis.primary import Primary


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What a choice is in each respect in which choices differ; short words."""

    model: str
    covariance: str
    inference: str
    baseline: str
    covariates: str
    population: str
    scale: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One way to analyse a contrast and what it gives; arrays of shape (R,).

    Attributes
    ----------
    name, words
        A short id, and what is done in words for readers.
    traits
        What it is in each respect in which choices differ.
    left_out
        Whether it is the primary analysis without one participant.
    n_participants
        How many people were analysed.
    estimate, se
        In the outcome's unit; NaN where the fit of a response did not converge.
    df
        Degrees of freedom of the interval.
    ci_low, ci_high, eq_low, eq_high
        Intervals of levels 1 - alpha and 1 - 2 alpha.
    margin, verdict
        The margin in the unit, and the verdict against it.
    """

    name: str
    words: str
    traits: Traits
    left_out: bool
    n_participants: int
    estimate: Vector
    se: Vector
    df: Vector
    ci_low: Vector
    ci_high: Vector
    eq_low: Vector
    eq_high: Vector
    margin: Vector
    verdict: NDArray[np.str_]

    def claims(self) -> NDArray[np.int_]:
        """What each response is taken to show, as a number; 0 where there is no fit.

        1 nothing settled; 2 equivalent; 3 not inferior; 4 different, whether or not by more than
        the margin; 5 different but trivial. 4 and 5 carry the sign of the estimate. Two analyses
        agree where these numbers are equal. Without a margin there is no verdict: then it counts
        whether the interval excludes zero, and on which side.
        """
        apart = (self.ci_low > 0) | (self.ci_high < 0)
        sign = np.sign(self.estimate)
        conditions = [
            ~np.isfinite(self.estimate),
            self.verdict == EQUIVALENT,
            self.verdict == NOT_INFERIOR,
            self.verdict == TRIVIAL,
            np.isin(self.verdict, (DIFFERENT, DIFFERENT_BEYOND)) | ((self.verdict == "") & apart),
        ]
        shape = self.estimate.shape
        values = [np.zeros(shape), np.full(shape, 2.0), np.full(shape, 3.0), 5 * sign, 4 * sign]
        return np.select(conditions, values, 1.0).astype(np.intp)


@dataclass(frozen=True)
class Setting:
    """The question that all choices answer.

    Attributes
    ----------
    everyone
        Everybody allotted to an arm, at all visits.
    people
        Those whom the card's estimand counts, at all visits.
    primary, usual
        The primary analysis, and its traits.
    margin, baseline
        In the outcome's unit, shape (R,).
    """

    everyone: Cohort
    people: Cohort
    primary: Primary
    card: Card
    first: str
    second: str
    margin: Vector
    baseline: Vector
    usual: Traits

    @property
    def main(self) -> Cohort:
        """The rows of the primary analysis."""
        return self.primary.fitted.cohort

    @property
    def model(self) -> Model:
        """The mixed model of the primary analysis.

        Raises
        ------
        DesignError
            If it is none.
        """
        model = self.primary.fitted.model
        if model is None:
            raise DesignError("the primary analysis is no mixed model")
        return model

    def family_factor(self) -> Vector:
        """By how much the primary interval is wider than that of one comparison, shape (R,)."""
        # ASSUME: several comparisons widen the interval of every choice by the same factor.
        value, alpha = self.primary.value, self.card.alpha
        plain = stdtrit(value.df[:, 0], 1 - alpha / 2) * value.se[:, 0]
        return np.asarray((self.primary.high - value.estimate[:, 0]) / plain)

    def judge(
        self,
        name: str,
        words: str,
        traits: Traits,
        value: Combinations,
        people: int,
        *,
        margin: Vector | None = None,
        factor: Vector | float | None = None,
    ) -> Choice:
        """A choice from what it gives, of shape (R, 1), with intervals and verdict."""
        (found,) = self.judge_each((name,), words, traits, value, people, margin, factor)
        return found

    def judge_each(
        self,
        names: Sequence[str],
        words: str,
        traits: Traits,
        value: Combinations,
        people: int,
        margin: Vector | None = None,
        factor: Vector | float | None = None,
        left_out: bool = False,
    ) -> list[Choice]:
        """Choices of one kind from what they give, a column each: shape (R, names).

        Whether the trial could have shown a difference from no training is a property of the trial,
        and is taken from the primary analysis.
        """
        known = np.isfinite(value.se) & np.isfinite(value.estimate) & (value.se > 0)
        parts = (value.estimate, value.se, value.df)
        estimate, se, df = (np.where(known, part, np.nan) for part in parts)
        size = np.asarray(self.margin if margin is None else margin)[:, None]
        wider = self.family_factor() if factor is None else np.full(len(estimate), factor)
        alpha = self.card.alpha
        half = stdtrit(df, 1 - alpha / 2) * se * wider[:, None]
        eq_half = stdtrit(df, 1 - alpha) * se
        low, high = estimate - half, estimate + half
        eq_low, eq_high = estimate - eq_half, estimate + eq_half
        side = low > -size if self.card.higher_is == "better" else high < size
        verdict = judge_all(
            (low, high),
            (eq_low, eq_high),
            size,
            self.primary.assay_sensitive[:, None],
            not_inferior=side & (self.card.aim == "non_inferiority"),
        )
        return [
            Choice(
                name=name, words=words, traits=traits, left_out=left_out, n_participants=people,
                estimate=estimate[:, at], se=se[:, at], df=df[:, at], ci_low=low[:, at],
                ci_high=high[:, at], eq_low=eq_low[:, at], eq_high=eq_high[:, at],
                margin=size[:, 0], verdict=verdict[:, at],
            )
            for at, name in enumerate(names)
        ]  # fmt: skip


@dataclass(frozen=True)
class NotFitted:
    """A choice that could not be made, and why."""

    name: str
    words: str
    reason: str
