"""One outcome of a trial: its means, its contrasts, and every other question its design carries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.contrasts import ContrastRows
from howlow.analysis.designs import cross_checks, fit_unit
from howlow.analysis.estimand.cards import card
from howlow.analysis.feasibility import refuse
from howlow.analysis.fit_findings import fit_findings, fit_row, left_out, refusal_of
from howlow.analysis.means import mean_rows, refuse_lonely
from howlow.analysis.primary import Fitted, Primary, judge_contrast
from howlow.analysis.questions.crossover import Crossover, crossover_rows
from howlow.analysis.questions.factorial import factorial_rows
from howlow.analysis.questions.moderators import moderator_rows
from howlow.analysis.questions.phases import phase_rows
from howlow.analysis.questions.response import response_rows
from howlow.analysis.questions.single_arm import fit_single_arm, single_arm_rows
from howlow.analysis.questions.steps import step_rows
from howlow.analysis.relative_means import relative_rows
from howlow.analysis.subjects import Subject
from howlow.config.trial import Contrast, sides
from howlow.errors import DesignError
from howlow.model import ModelError

if TYPE_CHECKING:
    from howlow.analysis.estimates import Estimate
    from howlow.analysis.questions.measurement_error import TypicalError
    from howlow.analysis.results import Results
    from howlow.analysis.units import Unit
    from howlow.config.settings import Config
    from howlow.data.published.printed_rows import PrintedRow


@dataclass
class Answers:
    """What has been answered of a trial, by outcome, contrast and visit, for what builds on it.

    `others` are the other readings of what a paper leaves out, by outcome and visit.
    """

    config: Config
    results: Results
    primaries: dict[tuple[str, str, str], tuple[Unit, Primary]] = field(default_factory=dict)
    subjects: dict[tuple[str, str], Subject] = field(default_factory=dict)
    others: dict[tuple[str, str], dict[str, Unit]] = field(default_factory=dict)

    def subject_of(self, found: Estimate) -> Subject | None:
        """The mixed model behind an estimate, if there is one."""
        return self.subjects.get((found.outcome, found.at))


def analyse_unit(
    unit: Unit, printed: list[PrintedRow], answers: Answers, error: TypicalError | None = None
) -> Iterator[Estimate]:
    """Every estimate of one outcome in one reading; what cannot be done is a finding.

    `error` is the measurement error that repeated baselines show.
    """
    config, results = answers.config, answers.results
    estimand = unit.trial.estimand or config.estimand
    unit = unit.counted(estimand)
    if not len(unit.cohort.people):
        results.findings.append(refusal_of(unit, "the estimand counts nobody"))
        return
    if estimand.missed_sessions == "per_protocol" and unit.per_protocol is None:
        reason = "per protocol: nobody's sessions are known, so everybody counts"
        results.findings.append(refusal_of(unit, reason))
    results.findings.extend(left_out(unit))
    # Periods of a crossover may do without a baseline.
    for at in unit.at if not unit.has_levels or unit.start in unit.cohort.visits else ():
        yield from mean_rows(unit, at, config)
    if unit.trial.design == "single_arm" and unit.trial.kind == "participants":
        yield from _single_arm(unit, answers)
    if unit.trial.design == "crossover" and unit.trial.kind == "participants":
        yield from _crossover(unit, answers)
        return
    unit, contrasts, refused = _feasible(unit, contrasts_of(unit, printed), answers)
    if not contrasts:
        return
    if unit.trial.kind == "summary":
        # Arms of a printed trial that do not serve the question stay out of its model.
        unit = unit.of_arms(tuple({arm: 0 for one in contrasts for arm in sides(one.contrast)}))
    try:
        fitted = _fitted(unit, contrasts[0], config)
    except (DesignError, ModelError) as refusal:
        results.findings.append(refusal_of(unit, str(refusal)))
        return
    results.fits.append(fit_row(unit, fitted))
    results.findings.extend(fit_findings(unit, fitted))
    subject = _subject(unit, fitted, answers)
    for at in unit.at:
        if any((one.contrast, at) not in refused for one in contrasts):
            results.relative.extend(relative_rows(unit, fitted.fit, at))
        for contrast in contrasts:
            there = all((arm, at) in fitted.fit.cells for arm in sides(contrast.contrast))
            if there and (contrast.contrast, at) not in refused:
                yield from _contrast_rows(unit, fitted, contrast, at, answers)
        if not unit.variant:
            yield from response_rows(unit, at, config, error)
        if subject is not None and not unit.variant:
            yield from _questions(subject, unit, at, answers)
    if subject is not None and not unit.variant:
        yield from phase_rows(subject)


def _questions(subject: Subject, unit: Unit, at: str, answers: Answers) -> Iterator[Estimate]:
    """What is asked of several arms at a visit."""
    yield from step_rows(subject, at)
    yield from factorial_rows(subject, at)
    try:
        yield from moderator_rows(subject, at)
    except DesignError as refusal:
        answers.results.findings.append(refusal_of(unit, str(refusal)))


def _feasible(
    unit: Unit, here: list[Contrast], answers: Answers
) -> tuple[Unit, list[Contrast], set[tuple[str, str]]]:
    """The visits and contrasts that data can speak to, and the pairs that were refused."""
    # Of individual data it is told, too, where nobody of an arm was measured.
    asked = unit.trial.contrasts if unit.trial.kind == "participants" else tuple(here)
    refused: set[tuple[str, str]] = set()
    for contrast in asked:
        for at in unit.at:
            meant = card(unit.trial, answers.config, unit.outcome, contrast.contrast, at)
            reason = refuse(unit.cohort, unit.trial, meant, unit.people)
            if reason:
                refused.add((contrast.contrast, at))
                answers.results.findings.append(refusal_of(unit, f"{contrast.contrast}: {reason}"))
    visits = tuple(at for at in unit.at if any((one.contrast, at) not in refused for one in asked))
    left = [one for one in here if any((one.contrast, at) not in refused for at in visits)]
    return replace(unit, at=visits), left, refused


def _single_arm(unit: Unit, answers: Answers) -> Iterator[Estimate]:
    """The mean change of a trial without contrasts, by a model of all visits."""
    try:
        fitted = fit_single_arm(unit, answers.config)
    except (DesignError, ModelError) as refusal:
        answers.results.findings.append(refusal_of(unit, str(refusal)))
        return
    answers.results.fits.append(fit_row(unit, fitted))
    answers.results.findings.extend(fit_findings(unit, fitted))
    subject = _subject(unit, fitted, answers)
    if subject is None:
        return
    for row in single_arm_rows(subject, unit.at):
        answers.subjects[row.outcome, row.at] = subject
        yield row


def _crossover(unit: Unit, answers: Answers) -> Iterator[Estimate]:
    """The contrasts of a crossover, each visit by a model of its own."""
    results = answers.results
    for at in unit.at:
        try:
            trial = Crossover.of(unit, at, answers.config)
        except (DesignError, ModelError) as refusal:
            results.findings.append(refusal_of(unit, str(refusal)))
            continue
        here = replace(unit, at=(at,))
        results.fits.append(fit_row(here, trial.fitted))
        results.findings.extend(fit_findings(here, trial.fitted))
        for contrast in unit.trial.contrasts:
            meant = card(unit.trial, answers.config, unit.outcome, contrast.contrast, at)
            try:
                found = trial.judged(meant)
            except DesignError as refusal:
                results.findings.append(refusal_of(unit, str(refusal)))
                continue
            results.cards.append(meant)
            yield from crossover_rows(trial, found)


def _fitted(unit: Unit, contrast: Contrast, config: Config) -> Fitted:
    """The primary fit; raise DesignError where the design cannot carry one."""
    for at in unit.at:
        refuse_lonely(unit.pairs(at))
    return fit_unit(unit, card(unit.trial, config, unit.outcome, contrast.contrast, unit.at[0]))


def _subject(unit: Unit, fitted: Fitted, answers: Answers) -> Subject | None:
    """The unit with its mixed model, kept for what builds on it; None where only changes are."""
    if unit.variant:
        for at in unit.at:
            answers.others.setdefault((unit.outcome, at), {})[unit.variant] = unit
    if fitted.model is None or unit.baseline is None:
        return None
    subject = Subject(
        unit.trial,
        unit.outcome,
        answers.config,
        fitted.cohort,
        fitted.model,
        fitted.fit,
        unit.baseline,
        unit.variant,
        unit.assumed,
    )
    if not unit.variant:
        answers.subjects.update({(unit.outcome, at): subject for at in unit.at})
    return subject if unit.has_levels else None


def _contrast_rows(
    unit: Unit, fitted: Fitted, contrast: Contrast, at: str, answers: Answers
) -> Iterator[Estimate]:
    """One contrast at one visit: the primary analysis, then the cross-checks."""
    meant = card(unit.trial, answers.config, unit.outcome, contrast.contrast, at)
    rows = ContrastRows(unit, at, answers.config, fitted.cohort)
    margin = None if unit.has_levels else rows.margin()
    found = judge_contrast(fitted, meant, margin)
    if not np.isfinite(found.value.se).all():
        reason = f"{fitted.fit.method} at {at}: the values leave no variance to judge by"
        answers.results.findings.append(refusal_of(unit, reason))
        return
    yield from rows.primary(found)
    if unit.variant:
        return
    answers.results.cards.append(meant)
    answers.primaries[unit.outcome, contrast.contrast, at] = (unit, found)
    for fit, note in cross_checks(unit, contrast.contrast, at):
        yield from rows.cross_check(fit, contrast.contrast, note)


def contrasts_of(unit: Unit, printed: list[PrintedRow]) -> list[Contrast]:
    """The declared contrasts whose two arms have data here and may serve the question."""
    here = [
        contrast
        for contrast in unit.trial.contrasts
        if set(sides(contrast.contrast)) <= set(unit.cohort.arms)
    ]
    if unit.trial.kind == "participants":
        return here
    serves = {
        row.arm: row.questions
        for row in printed
        if (row.use, row.role, row.outcome, row.visit)
        == ("fitted", "arm", unit.outcome, unit.at[0])
    }
    return [
        contrast
        for contrast in here
        if all(contrast.question in serves.get(arm, ()) for arm in sides(contrast.contrast))
    ]
