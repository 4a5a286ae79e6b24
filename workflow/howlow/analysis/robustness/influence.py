"""What one participant does to a contrast: the main analysis without each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.fits import SmallSample
from howlow.analysis.fitting.longitudinal import described
from howlow.analysis.primary import judge_contrast
from howlow.analysis.robustness.checks import Check
from howlow.analysis.robustness.thresholds import largest_residual
from howlow.config.trial import sides
from howlow.model import BatchInference, ModelError, refit_without_each

if TYPE_CHECKING:
    from howlow.analysis.estimand.cards import Card
    from howlow.analysis.fitting.cohort import Cohort, Flags, Matrix, Vector
    from howlow.analysis.fitting.fits import Cell
    from howlow.analysis.primary import Primary
    from howlow.model import BatchFit


def influence_checks(
    card: Card, primary: Primary, batch: BatchFit, cells: Mapping[Cell, int]
) -> Iterator[Check]:
    """Largest shift of the contrast, and for how many people the verdict hangs on them.

    The shift is in standard errors of the main analysis, as DFBETAS (Belsley, Kuh & Welsch 1980).
    `batch` and `cells` are the fit by the engine and the columns of its cells.

    That a verdict changes without somebody is flagged only where that person also shifts the
    contrast by more than is to be expected: near a margin a verdict changes easily.
    """
    model = primary.fitted.model
    if model is None:
        return
    shift, changed = _without_each(card, primary, batch, cells)
    threshold = _largest_shift(card, primary, model.covariates)
    known = ~np.isnan(shift)
    value, people = float(np.abs(shift[known]).max(initial=0.0)), len(shift)
    flag = bool(value > threshold)
    yield Check(
        "leave one out: shift",
        card.at,
        "",
        value,
        None if np.isinf(threshold) else threshold,
        flag,
        f"Leaving out one of the {people} participants moves the contrast by at most {value:.2g} "
        "standard errors; "
        + (
            f"in a sound trial it seldom reaches {threshold:.2g}. Look at the raw values of who "
            "moves it."
            if flag
            else "no more than is to be expected."
        ),
    )
    number = int(changed.sum())
    who = "nobody" if number == 0 else f"{number} of {people} participants"
    yield Check(
        "leave one out: verdict",
        card.at,
        "",
        float(number),
        None,
        bool((changed & (np.abs(shift) > threshold)).any()),
        f"The verdict “{primary.verdict[0]}” "
        + (
            "stays whoever is left out."
            if number == 0
            else f"hangs on {who}: without any one of them it is another one."
        ),
    )


def _without_each(
    card: Card, primary: Primary, batch: BatchFit, cells: Mapping[Cell, int]
) -> tuple[Vector, Flags]:
    """Shift of the contrast without each participant in SE, and whether the verdict changes.

    NaN and no change where the rest cannot be fitted.
    """
    fitted, model = primary.fitted, primary.fitted.model
    people = len(fitted.cohort.people)
    shift, changed = np.full(people, np.nan), np.zeros(people, dtype=bool)
    if model is None:
        return shift, changed
    try:
        left = refit_without_each(batch, fitted.cohort.participant)
    except ModelError:
        return shift, changed
    precision = SmallSample(BatchInference(left.batch, model.inference))
    fit = described(fitted.cohort, model, left.batch, dict(cells), precision)
    found = judge_contrast(replace(fitted, fit=fit), card, float(primary.margin[0]))
    away = (primary.value.estimate[0, 0] - found.value.estimate[:, 0]) / primary.value.se[0, 0]
    shift[left.estimable] = np.where(fit.converged, away, np.nan)
    changed[left.estimable] = fit.converged & (found.verdict != primary.verdict[0])
    return shift, changed


def _largest_shift(card: Card, primary: Primary, covariates: Sequence[str]) -> float:
    """The shift that a sound trial seldom reaches, as in an analysis of covariance.

    There leaving out person i shifts a contrast by its leverage w_i times the studentised residual,
    whose largest value is bounded (Cook & Weisberg 1982, Residuals and Influence, section 3.4).
    """
    design, contrast = _ancova(primary.fitted.cohort, card, covariates)
    rows, columns = design.shape
    if rows < columns + 2 or np.linalg.matrix_rank(design) < columns:
        return np.inf
    inverse = np.linalg.inv(design.T @ design)
    hat = ((design @ inverse) * design).sum(axis=1)
    # A person alone in an arm cannot be left out.
    free = hat < 1 - 1e-9
    leverage = np.abs(design @ inverse @ contrast)[free] / np.sqrt(1 - hat[free])
    size = float(leverage.max() / np.sqrt(contrast @ inverse @ contrast))
    return size * largest_residual(rows, rows, columns)


def _ancova(cohort: Cohort, card: Card, covariates: Sequence[str]) -> tuple[Matrix, Vector]:
    """Design of the values at the visit, or of their differences where people have both arms."""
    arms = sides(card.contrast)
    pairs = cohort.of_arms(arms).pairs(card.at)
    first = pairs.arm == pairs.arms.index(arms[0])
    other = ~first
    both, one, two = np.intersect1d(
        pairs.participant[first], pairs.participant[other], return_indices=True
    )
    pre = pairs.pre[0]
    if len(both):
        columns = [np.ones(len(both)), pre[first][one], pre[other][two]]
        contrast = np.array([1.0, pre[first][one].mean(), pre[other][two].mean()])
        return np.column_stack(columns), contrast
    more = [cohort.covariates[name][pairs.participant] for name in covariates]
    design = np.column_stack([first, other, pre, *more]).astype(float)
    return design, np.array([1.0, -1.0, 0.0, *(0.0 for _ in more)])
