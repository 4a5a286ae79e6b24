"""What is told of a fit: its row in the table of fits, and findings, of what was refused too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from howlow.findings import Finding

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Cohort, Positions
    from howlow.analysis.primary import Fitted
    from howlow.analysis.units import Unit


def fit_row(unit: Unit, fitted: Fitted) -> dict[str, object]:
    """One row of the table of fits."""
    fit = fitted.fit
    passed = fitted.choice.passed_over if fitted.choice else ()
    return {
        "study": unit.trial.id,
        "outcome": unit.outcome,
        "at": " ".join(unit.at),
        "method": f"{fit.method}[{unit.variant}]" if unit.variant else fit.method,
        "n_participants": fit.n_participants,
        "n_observations": fit.n_observations,
        "converged": bool(fit.converged[0]),
        "boundary": fit.boundary,
        "variances": "; ".join(f"{name} {value:.6g}" for name, value in fit.variances.items()),
        "messages": "; ".join((*fit.messages, *(f"not {reason}" for reason in passed))),
    }


def refusal_of(unit: Unit, reason: str) -> Finding:
    """An analysis that the data cannot carry."""
    action = "Descriptive values are given; no interval"
    return Finding("K11", "warning", "", 0, unit.outcome, reason, action, unit.trial.id)


def fit_findings(unit: Unit, fitted: Fitted) -> Iterator[Finding]:
    """A boundary or a failure to converge, for the data-quality section."""
    fit, trial = fitted.fit, unit.trial.id
    at = ", ".join(unit.at)
    if fit.boundary:
        what = f"{fit.method} at {at}: a variance component is zero (singular fit)"
        action = "An ordinary result of small trials; read with the paired analysis beside it"
        yield Finding("K20", "warning", "", 0, unit.outcome, what, action, trial)
    if not fit.converged[0]:
        what = f"{fit.method} at {at} did not converge"
        yield Finding("R11", "warning", "", 0, unit.outcome, what, "Do not rely on it", trial)


def left_out(unit: Unit) -> Iterator[Finding]:
    """P03: how many people of each arm the estimand does not count."""
    if unit.everyone is None or len(unit.everyone.people) == len(unit.cohort.people):
        return
    counts = []
    for arm in unit.everyone.arms:
        of_arm = [len(np.unique(_of(cohort, arm))) for cohort in (unit.everyone, unit.cohort)]
        counts.append(f"{arm} {of_arm[1]} of {of_arm[0]}")
    found = f"the estimand counts {', '.join(counts)} participants"
    action = "Chance made the arms of all, not of those who are counted"
    yield Finding("P03", "note", "", 0, unit.outcome, found, action, unit.trial.id)


def _of(cohort: Cohort, arm: str) -> Positions:
    """Numbers of the participants of an arm; none where nobody of it is left."""
    position = cohort.arms.index(arm) if arm in cohort.arms else -1
    found: Positions = cohort.participant[cohort.arm == position]
    return found
