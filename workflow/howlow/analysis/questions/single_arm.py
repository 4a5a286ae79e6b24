"""One arm alone: how far its mean moved, by a model of all visits; no effect of training.

Without a control nothing tells training from time, from learning the test or from regression to the
mean, so that there is an interval, and neither a P value nor a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from howlow.analysis.estimand.cards import card
from howlow.analysis.primary import Fitted, fit_chain
from howlow.analysis.questions.phases import change_weights, log_change, phase_rows
from howlow.analysis.subjects import simulated

if TYPE_CHECKING:
    from howlow.analysis.estimates import Estimate
    from howlow.analysis.subjects import Subject
    from howlow.analysis.units import Unit
    from howlow.config.settings import Config

#: What is said of every mean change of a trial without a control.
NO_CONTROL = "a change, not an effect of training: there is no control"


def fit_single_arm(unit: Unit, config: Config) -> Fitted:
    """The model of all visits of a trial with one arm; a missed visit loses nobody.

    Raises
    ------
    DesignError, ModelError
        As `fit_chain`.
    """
    meant = card(unit.trial, config, unit.outcome, f"mean({unit.cohort.arms[0]})", unit.at[0])
    return fit_chain(unit.cohort, meant, unit.at)


def single_arm_rows(subject: Subject, visits: Iterable[str]) -> Iterator[Estimate]:
    """The mean change up to each visit, in the unit and as a log ratio, and that of each phase."""
    phases = [replace(row, note=_noted(row.note)) for row in phase_rows(subject)]
    told = {row.estimate_id for row in phases}
    yield from (
        row for at in visits for row in _changes(subject, at) if row.estimate_id not in told
    )
    yield from phases


def _changes(subject: Subject, at: str) -> Iterator[Estimate]:
    """The mean change up to one visit."""
    fit, when = subject.fit, f"{at} - {subject.start}"
    for arm in subject.cohort.arms:
        if not {(arm, at), (arm, subject.start)} <= fit.cells.keys():
            continue
        told: dict[str, Any] = {"contrast": f"mean({arm})", "at": when, "tested": False}
        told["note"] = _noted(simulated(subject.trial))
        raw = fit.combine(change_weights(fit, arm, at, subject.start)).one()
        words = f"mean change by a model of all visits; {NO_CONTROL}"
        yield subject.row(raw, estimand=words, **told)
        ratio = log_change(fit, arm, at, subject.start)
        if ratio is not None and subject.trial.outcomes[subject.outcome].ratio_scale:
            value = replace(fit.combine(ratio[1]).one(), estimate=ratio[0])
            words = f"log ratio of means, after to before, by a model of all visits; {NO_CONTROL}"
            yield subject.row(value, estimand=words, scale="log_ratio", **told)


def _noted(note: str) -> str:
    """A note, and what a change without a control is not."""
    return "; ".join(word for word in (NO_CONTROL, note) if word)
