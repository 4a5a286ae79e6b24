"""Whether a verdict hangs on one choice: the multiverse, drop-out and diagnostics of a trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from howlow.analysis.designs import fit_unit
from howlow.analysis.fitting.regression import fit_changes_alike
from howlow.analysis.primary import judge_contrast
from howlow.analysis.robustness.diagnostics import diagnose
from howlow.analysis.robustness.missing import missing_rows, tipping_table
from howlow.analysis.robustness.multiverse import SHARED, Multiverse, multiverse, of_analyses
from howlow.config.trial import sides

if TYPE_CHECKING:
    from howlow.analysis.asking import Answers
    from howlow.analysis.estimates import Estimate
    from howlow.analysis.primary import Primary
    from howlow.analysis.units import Unit
    from howlow.data.declaration import Declaration


def check_robustness(
    trial: Declaration, primary: Estimate | None, answers: Answers
) -> Iterator[Estimate]:
    """Sensitivity estimates of the primary contrast, and its tables among the results.

    Of individual data every outcome's first contrast at the first visit is checked.
    """
    for unit, found in _checked(trial, primary, answers):
        card, results = found.card, answers.results
        subject = answers.subjects.get((unit.outcome, card.at))
        others = answers.others.get((unit.outcome, card.at), {})
        if subject is None or not unit.has_levels:
            results.multiverse.extend(_of_changes(unit, found, others).table())
            continue
        summary = trial.kind == "summary"
        made = multiverse(
            unit.everyone or unit.cohort,
            found,
            card,
            *sides(card.contrast),
            summary=summary,
            per_protocol=unit.per_protocol,
            variants={name: other.cohort for name, other in others.items()},
            leave_one_out=not summary,
            ratio_scale=trial.outcomes[unit.outcome].ratio_scale,
        )
        results.multiverse.extend(made.table())
        results.diagnostics.extend(diagnose(subject, card, found))
        results.missing.extend(tipping_table(subject, card, found))
        yield from missing_rows(subject, card, found)


def _of_changes(unit: Unit, found: Primary, others: Mapping[str, Unit]) -> Multiverse:
    """What the moments of printed changes allow: one variance for all arms, and other readings."""
    card, margin = found.card, found.margin
    tried: dict[str, tuple[str, Primary]] = {}
    pairs = unit.pairs(card.at)
    if found.fitted.model is None and len(pairs.arm) > len(pairs.arms):
        shared = fit_changes_alike(pairs, card.at, unit.baseline)
        words = "all arms share one variance of the change"
        analysed = judge_contrast(replace(found.fitted, fit=shared), card, margin)
        tried[SHARED] = (words, analysed)
    for name, other in others.items():
        words = f"the primary analysis with another reading: {name}"
        tried[name] = (words, judge_contrast(fit_unit(other, card), card, margin))
    return of_analyses(card, found, tried)


def _checked(
    trial: Declaration, primary: Estimate | None, answers: Answers
) -> Iterator[tuple[Unit, Primary]]:
    """The contrasts that are checked."""
    if trial.kind == "summary":
        key = (primary.outcome, primary.contrast, primary.at) if primary else ("", "", "")
        if key in answers.primaries:
            yield answers.primaries[key]
        return
    seen: set[str] = set()
    for (outcome, _, _), found in answers.primaries.items():
        if outcome not in seen:
            seen.add(outcome)
            yield found
