"""Rows of the evidence: one effect of one trial, turned to its question."""

from __future__ import annotations

from dataclasses import dataclass

from howlow.data.declaration import Declaration
from howlow.report.lines import anchor_of
from howlow.report.numbers import Shown, shown_as
from howlow.report.words import CHANGES, time_words
from howlow.synthesis.evidence import Effect


@dataclass(frozen=True)
class EffectLine:
    """One row of a forest plot as it is shown."""

    study: str
    cite: str
    label: str
    when: str
    n: str
    shown: Shown
    anchor: str
    tier: str
    pooled: bool
    assumed: str
    note: str


def effect_line(effect: Effect, trial: Declaration | None) -> EffectLine:
    """A row of the evidence in words."""
    values = (effect.estimate, effect.ci_low, effect.ci_high)
    return EffectLine(
        study=effect.study,
        cite=effect.cite,
        label=effect.label,
        when=_when(effect, trial),
        n="" if effect.n != effect.n else f"{effect.n:g}",
        shown=shown_as(effect.estimate_id, values, "%", ratio=True),
        anchor=anchor_of(effect.estimate_id),
        tier=effect.tier,
        pooled=effect.pooled,
        assumed=effect.assumed,
        note=effect.note,
    )


def _when(effect: Effect, trial: Declaration | None) -> str:
    """Weeks of training, or days of disuse, as short trials are counted."""
    if not effect.weeks > 0:
        return time_words(effect.at, trial.labels if trial else {})
    if effect.question in CHANGES and effect.weeks < 6:
        days = round(effect.weeks * 7)
        return f"{days} day{'' if days == 1 else 's'}"
    return f"{effect.weeks:g} week{'' if effect.weeks == 1 else 's'}"
