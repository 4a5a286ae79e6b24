"""Whether a trial's main fit can be trusted: checks with a value, a flag and words for the reader.

A flag is a reason to look, not a verdict; nothing is refitted because of one. Rows tell of cells
and of everybody together, never of a single person.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.longitudinal import fit_cells
from howlow.analysis.robustness import thresholds
from howlow.analysis.robustness.checks import Check
from howlow.analysis.robustness.conditional_means import over_visits
from howlow.analysis.robustness.influence import influence_checks
from howlow.analysis.robustness.residuals import residual_checks
from howlow.config.trial import sides
from howlow.model import MixedFit

if TYPE_CHECKING:
    from howlow.analysis.estimand.cards import Card
    from howlow.analysis.fitting.cohort import Cohort, Matrix
    from howlow.analysis.primary import Primary
    from howlow.analysis.subjects import Subject

#: Columns of a study's table of diagnostics.
DIAGNOSTIC_COLUMNS = (
    "study",
    "outcome",
    "check",
    "at",
    "arm",
    "value",
    "threshold",
    "flag",
    "words",
)
#: Largest length of the standardised gradient at an optimum: the log-likelihood could then still
#: rise by half its square.
GRADIENT = 1e-3


def diagnose(subject: Subject, card: Card, primary: Primary) -> list[dict[str, object]]:
    """Diagnostics of the fit that a card's contrast comes from, as rows with `DIAGNOSTIC_COLUMNS`.

    Of a trial known by printed moments only the arms' variances are compared: its single values are
    not data.
    """
    label, arms = subject.trial.labels, subject.trial.arms
    checks = list(_variances(card, primary, {name: arm.label for name, arm in arms.items()}))
    cohort, model = primary.fitted.cohort, primary.fitted.model
    if subject.trial.kind == "participants" and model is not None:
        batch, cells = fit_cells(cohort, model)
        fit = batch.fit(0)
        checks += residual_checks(fit, cohort)
        checks += influence_checks(card, primary, batch, cells)
        if not cohort.limb.any() and cohort.period is None and not model.by_arm:
            covariance = over_visits(batch, cohort, model.structure)[0]
            checks += list(_covariance(covariance, cohort))
        checks += _optimum(fit)
    return [
        {
            "study": card.study,
            "outcome": card.outcome,
            "check": check,
            "at": at,
            "arm": arm,
            "value": value,
            "threshold": threshold,
            "flag": flag,
            "words": words.replace("{at}", label.get(at) or at).replace(
                "{arm}", arms[arm].label if arm else ""
            ),
        }
        for check, at, arm, value, threshold, flag, words in checks
    ]


def _covariance(fitted: Matrix, cohort: Cohort) -> Iterator[Check]:
    """Fitted against empirical variances: at every visit, and of every change from baseline."""
    visits = len(cohort.visits)
    complete = cohort.of_people(cohort.people[cohort.complete()])
    degrees = len(complete.people) - len(complete.arms)
    if degrees < 2 or len(complete.arms) < len(cohort.arms):
        return
    order = np.lexsort((complete.visit, complete.participant))
    wide = complete.values[0, order].reshape(-1, visits)
    arm = complete.arm[order].reshape(-1, visits)[:, 0]
    away = np.concatenate([wide[arm == one] - wide[arm == one].mean(axis=0) for one in set(arm)])
    empirical = away.T @ away / degrees
    # A row of weights for each visit, then for each change.
    weights = np.concatenate([np.eye(visits), np.eye(visits)[1:] - np.eye(visits)[0]])
    found, model = (((weights @ one) * weights).sum(axis=1) for one in (empirical, fitted))
    # A variance of zero is told as a boundary.
    known = (found > 0) & (model > 0)
    ratios = np.ones(len(weights))
    ratios[known] = np.maximum(found[known] / model[known], model[known] / found[known])
    value = float(ratios.max())
    threshold = thresholds.largest_variance_ratio(degrees, len(weights))
    flag, place = value > threshold, int(ratios.argmax())
    at = cohort.visits[place if place < visits else place - visits + 1]
    what = "values" if place < visits else "changes from baseline"
    then = (
        "more than chance makes it: the model's picture of how people vary does not hold, and with "
        "it the interval."
        if flag
        else "within what chance makes of it."
    )
    words = (
        f"Among people seen at every visit the variance of {what} at {{at}} differs most from the "
        f"fitted one, by a factor of {value:.2g}; {then}"
    )
    yield Check("fitted covariance", at, "", value, threshold, flag, words)


def _variances(card: Card, primary: Primary, labels: dict[str, str]) -> Iterator[Check]:
    """Whether the two arms of a contrast change with the same SD."""
    cohort, (first, second) = primary.fitted.cohort, sides(card.contrast)
    if card.at not in cohort.visits or cohort.period is not None:
        return
    one, other = (_changes(cohort, arm, card.at) for arm in (first, second))
    if min(len(one), len(other)) < 3:
        return
    values = [np.array(list(changes.values())) for changes in (one, other)]
    if min(np.ptp(changes) for changes in values) == 0:
        return
    value = float(values[0].std(ddof=1) / values[1].std(ddof=1))
    shared = [person for person in one if person in other]
    if len(shared) > 3:
        both = [[changes[person] for person in shared] for changes in (one, other)]
        correlation = float(np.asarray(np.corrcoef(both))[0, 1])
        threshold = thresholds.paired_sd_ratio(len(shared), correlation)
    else:
        threshold = thresholds.sd_ratio(len(one), len(other))
    flag = max(value, 1 / value) > threshold
    then = (
        "beyond chance. The analysis with a variance for each arm, beside the main one, says "
        "whether it matters."
        if flag
        else "within chance."
    )
    words = (
        f"Changes to {{at}} spread {value:.2g} times as much in {labels[first]} as in "
        f"{labels[second]}: {then}"
    )
    yield Check("unequal variances", card.at, "", value, threshold, flag, words)


def _changes(cohort: Cohort, arm: str, at: str) -> dict[int, float]:
    """Change of each of an arm's participants from the baseline to a visit."""
    mine = cohort.of_arms((arm,))
    if len(cohort.visits) == 1:
        # Where there is one visit, its values are changes.
        return dict(zip(mine.participant.tolist(), mine.values[0].tolist(), strict=True))
    pairs = mine.pairs(at)
    return dict(zip(pairs.participant.tolist(), pairs.change[0].tolist(), strict=True))


def _optimum(fit: MixedFit) -> Iterator[Check]:
    """How the maximisation ended."""
    steep = fit.gradient_norm > GRADIENT
    yield Check(
        "gradient",
        "",
        "",
        fit.gradient_norm,
        GRADIENT,
        steep,
        "The likelihood still rises where the fit stopped: its numbers are not the best ones."
        if steep
        else "The likelihood is flat where the fit stopped, as it has to be at its top.",
    )
    yield Check(
        "converged",
        "",
        "",
        float(fit.converged),
        None,
        not fit.converged,
        "The fit reached its optimum."
        if fit.converged
        else f"The fit did not end at an optimum: {'; '.join(fit.messages)}. Do not use it.",
    )
    terms = ", ".join(fit.boundary_terms)
    yield Check(
        "boundary",
        "",
        "",
        float(len(fit.boundary_terms)),
        None,
        fit.boundary,
        f"A variance is estimated as zero, or a correlation as one ({terms}): common in small "
        "trials; the degrees of freedom allow for it."
        if fit.boundary
        else "No variance is estimated as zero.",
    )
