"""Assumptions: every value that no paper printed, and what changes where it is another."""

from __future__ import annotations

from dataclasses import dataclass

from howlow.analysis.estimates import Estimate
from howlow.report.contrasts import contrast_words
from howlow.report.inputs import Inputs, Source
from howlow.report.lines import anchor_of
from howlow.report.numbers import Shown, plain_percent, shown
from howlow.report.words import (
    method_words,
    outcome_words,
    time_words,
    variant_words,
)

#: The word that the analysis adds where a verdict changes within the range of a correlation.
DEPENDS = "depends on r"


@dataclass(frozen=True)
class ConstructRow:
    """What is assumed for a construct."""

    label: str
    margin: str
    correlation: str
    range: str


@dataclass(frozen=True)
class AssumedRow:
    """One thing a paper does not print."""

    cite: str
    anchor: str
    what: str
    outcomes: str
    because: str


@dataclass(frozen=True)
class VerdictChange:
    """A verdict that another reading would change."""

    cite: str
    anchor: str
    what: str
    outcome: str
    when: str
    shown: Shown
    verdict: str
    others: tuple[tuple[str, str, Shown], ...]


@dataclass(frozen=True)
class Assumptions:
    """Everything assumed."""

    constructs: tuple[ConstructRow, ...]
    limbs: str
    limbs_range: str
    assumed: tuple[AssumedRow, ...]
    independent: tuple[tuple[str, str], ...]
    percentages: tuple[tuple[str, str], ...]
    changes: tuple[VerdictChange, ...]
    contrasts: int


def assumptions_of(inputs: Inputs) -> Assumptions:
    """Collect what is assumed; simulated studies are not part of it."""
    limbs = inputs.config.limb_correlation
    changes, contrasts = _verdict_changes(inputs)
    percentages = dict.fromkeys(
        found.study for found in inputs.estimates if "mean of percentages" in found.note
    )
    return Assumptions(
        constructs=tuple(_constructs(inputs)),
        limbs=f"{limbs.value:g}",
        limbs_range=f"{limbs.low:g} to {limbs.high:g}",
        assumed=tuple(row for source in inputs.sources for row in _assumed(source, inputs)),
        independent=tuple(_independent(inputs)),
        percentages=tuple(
            (inputs.trials[name].cite, f"study-{name}")
            for name in percentages
            if name in inputs.trials and not inputs.is_simulated(name)
        ),
        changes=tuple(changes),
        contrasts=contrasts,
    )


def _constructs(inputs: Inputs) -> list[ConstructRow]:
    """Margins and correlations of the constructs that are used."""
    used = {found.construct for found in inputs.estimates if not inputs.is_simulated(found.study)}
    rows = []
    for name, construct in inputs.config.constructs.items():
        if name in used and (construct.margin_pct or construct.correlation):
            r = construct.correlation
            rows.append(
                ConstructRow(
                    construct.label,
                    plain_percent(construct.margin_pct) if construct.margin_pct else "",
                    f"{r.value:g}" if r else "",
                    f"{r.low:g} to {r.high:g}" if r else "",
                )
            )
    return rows


def _assumed(source: Source, inputs: Inputs) -> list[AssumedRow]:
    """What is presumed or derived, trial by trial."""
    rows = []
    for name, trial in source.declared.items():
        if name not in inputs.by_study:
            continue
        for found in trial.assume:
            outcomes = inputs.trials[name].outcomes
            labels = [outcomes[outcome].label for outcome in found.outcomes]
            what = (
                f"± is taken as {found.taken_as}"
                if found.what == "spread"
                else f"n derived: {found.low} to {found.high} in an arm"
            )
            rows.append(
                AssumedRow(
                    trial.cite, f"study-{name}", what, ", ".join(labels) or "all", found.because
                )
            )
    return rows


def _independent(inputs: Inputs) -> list[tuple[str, str]]:
    """Trials whose limbs are treated as if each arm were other people."""
    return [
        (trial.cite, f"study-{name}")
        for source in inputs.sources
        for name, trial in source.declared.items()
        if trial.analyse_as == "independent arms" and name in inputs.by_study
    ]


def _verdict_changes(inputs: Inputs) -> tuple[list[VerdictChange], int]:
    """Contrasts whose verdict is another one in a variant, and how many have variants at all."""
    variants: dict[tuple[str, ...], list[Estimate]] = {}
    for found in inputs.estimates:
        if found.tier == "sensitivity" and found.verdict and "[" in found.method:
            variants.setdefault(_key(found), []).append(found)
    changes: dict[tuple[str, ...], VerdictChange] = {}
    tried = set()
    for found in inputs.estimates:
        others = variants.get(_key(found), [])
        main = found.tier in ("primary", "secondary") and not inputs.is_simulated(found.study)
        if not main or not others:
            continue
        # A contrast counts once, in its own unit if its verdict changes there.
        contrast = (found.study, found.outcome, found.contrast, found.at)
        tried.add(contrast)
        differ = [other for other in others if other.verdict != found.verdict]
        if contrast not in changes and (differ or DEPENDS in found.note):
            changes[contrast] = _change(found, differ, inputs)
    return list(changes.values()), len(tried)


def _change(found: Estimate, others: list[Estimate], inputs: Inputs) -> VerdictChange:
    """One verdict that changes."""
    trial = inputs.trials[found.study]
    return VerdictChange(
        cite=trial.cite,
        anchor=anchor_of(found.estimate_id),
        what=contrast_words(found.contrast, trial.arms),
        outcome=outcome_words(found, trial),
        when=time_words(found.at, trial.labels),
        shown=shown(found),
        verdict=found.verdict,
        others=tuple(
            (variant_words(other.method) or method_words(other.method), other.verdict, shown(other))
            for other in others
        ),
    )


def _key(found: Estimate) -> tuple[str, ...]:
    """What a reading and its variants share; the chain may choose another model for one."""
    return (found.study, found.outcome, found.contrast, found.at, found.scale)
