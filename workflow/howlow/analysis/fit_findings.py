"""What is told of a fit: its row in the table of fits, and findings, of what was refused too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from howlow.findings import Finding

if TYPE_CHECKING:
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
