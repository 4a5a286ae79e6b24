"""Disuse and recovery: what each arm lost, what came back, and whether arms differ in it.

All phases are read off one model of all visits. The difference to baseline comes first; the share
of the loss that came back stands beside it, with the interval that a ratio of two noisy differences
has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.estimates import Estimate
from howlow.analysis.fitting.fits import Combination
from howlow.analysis.questions.ratios import ratio
from howlow.analysis.subjects import simulated
from howlow.config.trial import sides

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Vector
    from howlow.analysis.fitting.fits import Fit
    from howlow.analysis.subjects import Subject


@dataclass(frozen=True)
class Course:
    """The visits that stand for the phases of a trial: before, end of disuse, end of recovery."""

    before: str
    disuse: str
    recovery: str

    @property
    def spans(self) -> tuple[tuple[str, str], ...]:
        """The visits that are set against each other, the later first."""
        return (
            (self.disuse, self.before),
            (self.recovery, self.disuse),
            (self.recovery, self.before),
        )


def phase_rows(subject: Subject) -> Iterator[Estimate]:
    """Losses, recoveries and what is left of the loss, in each arm and between arms.

    Nothing where a trial has no phase of disuse followed by one of recovery. Changes within an arm
    have no P value. The difference between arms at a visit of comparison is the declared contrast
    itself, and is not given twice.
    """
    course = course_of(subject)
    if course is None:
        return
    arms = [arm for arm in subject.cohort.arms if _was_seen(subject.fit, arm, course)]
    for arm in arms:
        for late, early in course.spans:
            yield from _changes(subject, arm, late, early)
        yield from _fraction(subject, arm, course)
    for contrast in subject.trial.contrasts:
        first, second = sides(contrast.contrast)
        for late, early in course.spans if {first, second} <= set(arms) else ():
            if early != course.before or late not in subject.trial.at:
                yield from _differences(subject, (first, second), late, early)


def course_of(subject: Subject) -> Course | None:
    """The last visit of disuse and the last of recovery after it that the fit has means of."""
    weeks, phases = subject.trial.weeks, subject.trial.phases
    there = {visit for _, visit in subject.fit.cells}
    last = {
        phase: max((v for v in there if phases.get(v) == phase), key=weeks.__getitem__, default="")
        for phase in ("disuse", "recovery")
    }
    disuse, recovery = last["disuse"], last["recovery"]
    if not disuse or not recovery or weeks[recovery] <= weeks[disuse]:
        return None
    return Course(subject.start, disuse, recovery)


def _was_seen(fit: Fit, arm: str, course: Course) -> bool:
    """Whether an arm has a mean at each visit of a course."""
    return all((arm, v) in fit.cells for v in (course.before, course.disuse, course.recovery))


def change_weights(fit: Fit, arm: str, late: str, early: str) -> Vector:
    """Weights of an arm's change between two visits, shape (p,)."""
    return fit.weights({(arm, late): 1.0, (arm, early): -1.0})


def log_change(fit: Fit, arm: str, late: str, early: str) -> tuple[float, Vector] | None:
    """Log ratio of an arm's means at two visits, and its gradient, shape (p,) (delta method).

    None where a mean is not positive, or not known.
    """
    if fit.level is None:
        return None
    rows = [fit.weights({(arm, visit): 1.0}) for visit in (late, early)]
    means = np.array([float(fit.coefficients[0] @ row) for row in rows])
    means += float(np.mean(fit.level))
    if (means <= 0).any():
        return None
    return float(np.log(means[0] / means[1])), rows[0] / means[0] - rows[1] / means[1]


def _changes(subject: Subject, arm: str, late: str, early: str) -> Iterator[Estimate]:
    """An arm's change between two visits, in the unit and as a log ratio."""
    fit, contrast, at = subject.fit, f"mean({arm})", f"{late} - {early}"
    raw = fit.combine(change_weights(fit, arm, late, early)).one()
    row = subject.row(
        raw,
        contrast=contrast,
        at=at,
        estimand="mean change, missing at random",
        tested=False,
        **subject.numbers(arm),
    )
    yield _noted(row, _against_mdc(subject, raw.estimate))
    found = _on_log_scale(subject, arm, late, early)
    if found is not None:
        yield subject.row(
            _combined(fit, *found),
            contrast=contrast,
            at=at,
            estimand="log ratio of means, late to early, missing at random",
            scale="log_ratio",
            tested=False,
            **subject.numbers(arm),
        )


def _fraction(subject: Subject, arm: str, course: Course) -> Iterator[Estimate]:
    """The share of an arm's loss that came back, with Fieller's set; none if nothing was lost."""
    fit = subject.fit
    gained = change_weights(fit, arm, course.recovery, course.disuse)
    lost = change_weights(fit, arm, course.before, course.disuse)
    worse = 1.0 if subject.trial.outcomes[subject.outcome].higher_is == "better" else -1.0
    if worse * float(fit.coefficients[0] @ lost) <= 0:
        return
    found = ratio(fit, gained, lost, 1 - subject.config.alpha).one()
    low, high = found.limits
    notes = (simulated(subject.trial), found.note("the loss"))
    note = "; ".join(part for part in notes if part)
    yield subject.row(
        Combination(found.estimate, np.nan, found.df),
        contrast=f"recovery_fraction({arm})",
        at=f"{course.recovery} - {course.disuse}",
        estimand="share of the mean loss that came back, missing at random",
        scale="share",
        tested=False,
        se=None,
        ci_low=low,
        ci_high=high,
        note=note,
        **subject.numbers(arm),
    )


def _differences(
    subject: Subject, arms: tuple[str, str], late: str, early: str
) -> Iterator[Estimate]:
    """The difference between two arms in their change, in the unit and as a log ratio."""
    fit, (first, second) = subject.fit, arms
    contrast, at = f"{first} - {second}", f"{late} - {early}"
    weights = change_weights(fit, first, late, early) - change_weights(fit, second, late, early)
    yield subject.row(
        fit.combine(weights).one(),
        contrast=contrast,
        at=at,
        estimand=f"difference in mean change, missing at random{_kind(subject)}",
        tested=True,
        **subject.numbers(first, second),
    )
    logs = [_on_log_scale(subject, arm, late, early) for arm in arms]
    if logs[0] is not None and logs[1] is not None:
        (one, gradient), (other, subtracted) = logs[0], logs[1]
        yield subject.row(
            _combined(fit, one - other, gradient - subtracted),
            contrast=contrast,
            at=at,
            estimand=f"difference in log ratio of means, missing at random{_kind(subject)}",
            scale="log_ratio",
            tested=True,
        )


def _on_log_scale(subject: Subject, arm: str, late: str, early: str) -> tuple[float, Vector] | None:
    """`log_change`, where the outcome has a ratio scale."""
    if not subject.trial.outcomes[subject.outcome].ratio_scale:
        return None
    return log_change(subject.fit, arm, late, early)


def _combined(fit: Fit, estimate: float, gradient: Vector) -> Combination:
    """A smooth function of the coefficients with the precision of its gradient."""
    return replace(fit.combine(gradient).one(), estimate=estimate)


def _kind(subject: Subject) -> str:
    """What kind of statement a difference is."""
    if subject.trial.randomised == "no":
        return "; an association, as chance did not make the groups"
    return ""


def _against_mdc(subject: Subject, change: float) -> str:
    """A mean change against the minimal detectable change of one person, in words."""
    outcome = subject.trial.outcomes[subject.outcome]
    if outcome.mdc is None:
        return ""
    beyond = "beyond" if abs(change) > outcome.mdc else "within"
    return (
        f"mean {'loss' if change < 0 else 'gain'} {abs(change):.3g} {outcome.unit} is {beyond} what"
        f" one measurement of one person can tell (MDC95 {outcome.mdc:g} {outcome.unit})"
    )


def _noted(row: Estimate, note: str) -> Estimate:
    """A row with a note more."""
    return replace(row, note="; ".join(part for part in (row.note, note) if part))
