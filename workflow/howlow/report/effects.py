"""Rows of the evidence: one effect of one trial, turned to its question."""

from __future__ import annotations

import math
from dataclasses import dataclass

from howlow.analysis.estimates import Estimate
from howlow.data.declaration import Declaration
from howlow.report.lines import anchor_of
from howlow.report.numbers import Shown, percent_interval, shown_as
from howlow.report.words import outcome_words, reasons, weeks_words
from howlow.synthesis.evidence import Effect


@dataclass(frozen=True)
class EffectLine:
    """One row of a forest plot, or of the table of effects in their own unit, as it is shown."""

    study: str
    cite: str
    label: str
    outcome: str
    when: str
    n: str
    shown: Shown
    anchor: str
    tier: str
    pooled: bool
    assumed: str
    note: str
    borrowed: str


def effect_line(
    effect: Effect, trial: Declaration | None, found: Estimate | None = None
) -> EffectLine:
    """A row of the evidence in words; `found` is the estimate that it is."""
    ratio = effect.scale == "log_ratio"
    values = (effect.estimate, effect.ci_low, effect.ci_high)
    return EffectLine(
        study=effect.study,
        cite=effect.cite,
        label=effect.label,
        outcome=outcome_words(found, trial) if found else "",
        when=weeks_words(effect.weeks, effect.question),
        n="" if effect.n != effect.n else f"{effect.n:g}",
        shown=shown_as(effect.estimate_id, values, "%" if ratio else _unit(effect), ratio=ratio),
        anchor=anchor_of(effect.estimate_id),
        tier=effect.tier,
        pooled=effect.pooled,
        assumed=effect.assumed,
        note="; ".join(reasons(effect.note)),
        borrowed=_borrowed(effect),
    )


def _borrowed(effect: Effect) -> str:
    """The interval that a described row would have with a spread borrowed from other trials."""
    if math.isnan(effect.borrowed_low):
        return ""
    return f"{percent_interval(effect.borrowed_low, effect.borrowed_high)}: {effect.borrowed}"


def _unit(effect: Effect) -> str:
    """The unit of an effect; a difference between percentages is in percentage points."""
    points = effect.unit == "%" and not effect.contrast.startswith("mean(")
    return "percentage points" if points else effect.unit
