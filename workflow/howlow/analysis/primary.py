"""The primary analysis of a contrast: one code path for real trials, calibration and planning.

Estimand, covariance by the declared chain, constrained mixed model, Kenward-Roger interval, verdict
against the margin; batched over the responses of a cohort.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.estimand.cards import Card
from howlow.analysis.estimand.population import population
from howlow.analysis.fitting.arm_sizes import carries_changes, carries_each_arm, unlike_numbers
from howlow.analysis.fitting.fits import Combinations, Fit
from howlow.analysis.fitting.longitudinal import Model, fit_model
from howlow.analysis.fitting.structures import (
    UNSTRUCTURED,
    Choice,
    carries_one_baseline,
    chain_of,
    choose,
)
from howlow.analysis.questions.several_arms import simultaneous
from howlow.analysis.verdicts import judge_all
from howlow.config.trial import sides
from howlow.errors import DesignError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from howlow.analysis.fitting.cohort import Cohort, Positions, Vector


@dataclass(frozen=True)
class Fitted:
    """A cohort as it was analysed: its rows, the member of the chain, the model and its fit.

    Printed changes of arms of people need no mixed model: `choice` and `model` are then None.
    """

    cohort: Cohort
    choice: Choice | None
    model: Model | None
    fit: Fit


@dataclass(frozen=True)
class Primary:
    """The primary analysis of one contrast in every response; arrays of shape (R,).

    Attributes
    ----------
    weights
        The contrast as weights of the fit's coefficients, shape (p,).
    value
        Estimate, standard error and degrees of freedom, shape (R, 1).
    low, high
        Interval of level 1 - alpha; simultaneous over `card.comparisons` where there are several.
    eq_low, eq_high
        Interval of level 1 - 2 alpha that equivalence is judged by; simultaneous likewise.
    p, p_adjusted
        Two-sided P, and that for several comparisons with one reference (else NaN).
    margin, verdict, assay_sensitive
        The margin in the outcome's unit (NaN without one), the verdict, and whether the reference
        arm was shown to gain more than the margin.
    assay
        Against what the reference arm's gain was counted.
    """

    fitted: Fitted
    card: Card
    weights: Vector
    value: Combinations
    low: Vector
    high: Vector
    eq_low: Vector
    eq_high: Vector
    p: Vector
    p_adjusted: Vector
    margin: Vector
    verdict: NDArray[np.str_]
    assay_sensitive: NDArray[np.bool_]
    assay: str


def primary_analysis(
    cohort: Cohort,
    card: Card,
    margin: float | Vector | None = None,
    *,
    compared: Sequence[str] = (),
    per_protocol: Positions | None = None,
) -> Primary:
    """Analyse one contrast as its card says.

    Parameters
    ----------
    cohort
        Everybody who was allotted to an arm, with what was measured.
    card
        The analysis as it was declared.
    margin
        In the outcome's unit; None for the card's own, of the pooled baseline mean.
    compared
        Visits at which arms are compared (`card.at` alone).
    per_protocol
        Numbers of the participants who count as per protocol, where the card asks for them.

    Raises
    ------
    DesignError
        If the numbers of participants and visits carry no member of the chain.
    ModelError
        If the rows cannot tell the arms apart.
    """
    chosen = population(cohort, card, (card.at,), per_protocol)
    return judge_contrast(fit_chain(chosen, card, compared or (card.at,)), card, margin)


def fit_chain(cohort: Cohort, card: Card, compared: Sequence[str]) -> Fitted:
    """Fit the first model of the declared chain that the numbers carry.

    Its unstructured members are tried with all visits, then the whole chain with the baseline and
    the visits of comparison alone: a covariance that is right over two visits is worth more than
    the visits between (benchmarks/results/analysis_calibration.json). Where arms are unlike in
    number each has an unstructured covariance of its own, if its people carry that.

    Raises
    ------
    DesignError
        If they carry none.
    ModelError
        As `fit_model`.
    """
    chain = chain_of(cohort)
    passed: list[str] = []
    few = cohort.of_visits((cohort.visits[0], *compared))
    free = tuple(structure for structure in chain if structure.free)
    rest = tuple(structure for structure in chain if not structure.free)
    tries = [(cohort, free), (few, free), (few, rest)]
    if len(few.visits) == len(cohort.visits):
        del tries[1]
    for rows, members in tries:
        if not members:
            continue
        try:
            choice = choose(rows, members)
        except DesignError as error:
            passed.append(str(error))
            continue
        unlike = choice.structure is UNSTRUCTURED and unlike_numbers(rows)
        if unlike and not carries_each_arm(rows) and len(rows.visits) > len(few.visits):
            passed.append("a covariance of each arm over all visits: too few people in one")
            continue
        by_arm = unlike and (carries_each_arm(rows) or carries_changes(rows))
        constrained = card.baseline == "one for all arms" and len(rows.visits) > 1
        constrained = constrained and (not by_arm or carries_each_arm(rows))
        constrained = constrained and carries_one_baseline(rows, choice.structure)
        # One arm has a baseline mean of its own either way.
        constrained = constrained and len(rows.arms) > 1
        model = Model(choice.structure, constrained, card.covariates, by_arm)
        choice = Choice(choice.structure, (*passed, *choice.passed_over))
        return Fitted(rows, choice, model, fit_model(rows, model))
    raise DesignError(passed[-1])


def judge_contrast(
    fitted: Fitted,
    card: Card,
    margin: float | Vector | None = None,
    assay: tuple[NDArray[np.bool_], str] | None = None,
) -> Primary:
    """Interval and verdict of a card's contrast in a fit that is at hand.

    `assay` says whether the reference arm was shown to gain more than the margin, and against what,
    where the fit cannot tell.
    """
    fit, (first, second) = fitted.fit, sides(card.contrast)
    weights = fit.contrast(first, second, card.at)
    value = fit.combine(weights)
    size = margins(fitted.cohort, card) if margin is None else margin
    size = np.broadcast_to(np.asarray(size, dtype=float), value.estimate[:, 0].shape)
    low, high = (limit[:, 0] for limit in value.interval(1 - card.alpha))
    eq_low, eq_high = (limit[:, 0] for limit in value.interval(1 - 2 * card.alpha))
    adjusted = np.full(len(low), np.nan)
    place = [other for other in card.comparisons if _is_in(fit, other, card)]
    family = [fit.contrast(*sides(other), card.at) for other in place]
    if len(family) > 1:
        rows = np.array(family)
        together = simultaneous(fit, rows, 1 - card.alpha)
        wide = together.critical * value.se[:, 0]
        narrow = simultaneous(fit, rows, 1 - 2 * card.alpha).critical * value.se[:, 0]
        low, high = value.estimate[:, 0] - wide, value.estimate[:, 0] + wide
        eq_low, eq_high = value.estimate[:, 0] - narrow, value.estimate[:, 0] + narrow
        adjusted = together.p_adjusted[:, place.index(card.contrast)]
    sensitive, how = assay or assay_sensitivity(fitted, card, second, size)
    side = low > -size if card.higher_is == "better" else high < size
    verdict = judge_all(
        (low, high),
        (eq_low, eq_high),
        size,
        sensitive,
        not_inferior=side & (card.aim == "non_inferiority"),
    )
    verdict = np.where(fit.converged, verdict, "")
    return Primary(
        fitted, card, weights, value, low, high, eq_low, eq_high, value.p[:, 0], adjusted, size,
        verdict, sensitive, how,
    )  # fmt: skip


def _is_in(fit: Fit, contrast: str, card: Card) -> bool:
    """Whether both arms of a contrast have a mean at the card's visit."""
    return all((arm, card.at) in fit.cells for arm in sides(contrast))


def margins(cohort: Cohort, card: Card) -> Vector:
    """The margin of each response in the outcome's unit, shape (R,); NaN without one."""
    if card.margin is not None:
        return np.full(cohort.responses, card.margin)
    if card.margin_pct is None:
        return np.full(cohort.responses, np.nan)
    found: Vector = card.margin_pct / 100 * np.abs(baseline_means(cohort))
    return found


def baseline_means(cohort: Cohort) -> Vector:
    """The mean before, over all arms, of each response, shape (R,)."""
    found: Vector = cohort.values[:, cohort.visit == 0].mean(axis=1)
    return found


def assay_sensitivity(
    fitted: Fitted, card: Card, reference: str, margin: Vector
) -> tuple[NDArray[np.bool_], str]:
    """Whether the reference arm was shown to gain more than the margin, and against what.

    Where the reference does not train there is nothing to show: to be like it is the very claim.
    """
    fit, control = fitted.fit, card.control
    if control == reference:
        return np.ones(margin.shape, dtype=bool), "the reference does not train"
    if control and (control, card.at) in fit.cells:
        weights = fit.contrast(reference, control, card.at)
        against = "gain of the reference arm over no training"
    else:
        # Where there is one visit, its values are changes.
        start = fitted.cohort.visits[0]
        cells = {(reference, card.at): 1.0} | (
            {(reference, start): -1.0} if start != card.at else {}
        )
        weights = fit.weights(cells)
        against = "gain of the reference arm over baseline only"
    low, high = (limit[:, 0] for limit in fit.combine(weights).interval(1 - card.alpha))
    found = low > margin if card.higher_is == "better" else high < -margin
    return found, f"assay sensitivity: {against}"
