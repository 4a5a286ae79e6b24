"""Pooled evidence: a block for each question and construct, pooled where there is enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from howlow.analysis.estimates import Estimate
from howlow.report.effects import EffectLine, effect_line
from howlow.report.figures import Figure
from howlow.report.inputs import POOLED, Inputs
from howlow.report.lines import anchor_of
from howlow.report.numbers import Shown, count, percent_interval, plain_percent, shown
from howlow.report.words import CHANGES, QUESTIONS, QuestionWords
from howlow.synthesis.evidence import Effect

#: Questions whose trials stand side by side, and why.
NEVER_POOLED = {"countermeasure": "countermeasures differ too much"}


@dataclass(frozen=True)
class Pool:
    """The pooled estimate of a block."""

    anchor: str
    shown: Shown
    level: str
    verdict: str
    trials: int
    participants: str
    prediction: str
    notes: tuple[str, ...]
    assumed: str


@dataclass(frozen=True)
class Block:
    """One question and construct."""

    anchor: str
    label: str
    pool: Pool | None
    sentence: str
    direction: str
    figures: tuple[Figure, ...]
    effects: tuple[EffectLine, ...]


@dataclass(frozen=True)
class QuestionBlocks:
    """The blocks of one question."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]


def pooled_of(inputs: Inputs, figures: Iterable[Figure]) -> list[QuestionBlocks]:
    """The blocks of each question there is evidence on, in the order of the page."""
    forests = [figure for figure in figures if not figure.study and not figure.simulated]
    effects = [effect for effect in inputs.effects if not inputs.is_simulated(effect.study)]
    there = {effect.question for effect in effects}
    order = [name for name in QUESTIONS if name in there]
    order += sorted(there - QUESTIONS.keys())
    return [_question(name, inputs, effects, forests) for name in order]


def _question(
    name: str, inputs: Inputs, effects: list[Effect], forests: list[Figure]
) -> QuestionBlocks:
    """One question."""
    words = QUESTIONS.get(name) or QuestionWords(
        name.replace("_", " "), "is above zero", "is below zero"
    )
    mine = [effect for effect in effects if effect.question == name]
    there = {effect.construct for effect in mine}
    blocks = [
        _block(
            name,
            construct,
            words,
            [effect for effect in mine if effect.construct == construct],
            inputs,
            forests,
        )
        for construct in inputs.config.constructs
        if construct in there
    ]
    return QuestionBlocks(f"question-{name}", words.title, tuple(blocks))


def _block(
    question: str,
    construct: str,
    words: QuestionWords,
    effects: list[Effect],
    inputs: Inputs,
    forests: list[Figure],
) -> Block:
    """One construct of a question."""
    row = next(
        (
            found
            for found in inputs.by_study.get(f"{POOLED}{question}", [])
            if found.construct == construct
        ),
        None,
    )
    counted = [effect for effect in effects if effect.pooled] if row else effects
    figures = tuple(
        figure for figure in forests if (figure.question, figure.construct) == (question, construct)
    )
    return Block(
        anchor=f"question-{question}-{construct}",
        label=inputs.config.constructs[construct].label,
        pool=_pool(row, inputs) if row else None,
        sentence="" if row else _too_few(question, construct, effects, inputs),
        direction=_direction(counted, words, change=question in CHANGES),
        figures=figures,
        effects=tuple(effect_line(effect, inputs.trials.get(effect.study)) for effect in effects),
    )


def _pool(row: Estimate, inputs: Inputs) -> Pool:
    """The pooled estimate."""
    behind = inputs.pools[row.estimate_id]
    return Pool(
        anchor=anchor_of(row.estimate_id),
        shown=shown(row),
        level=plain_percent(100 * (row.ci_level or 0)),
        verdict=row.verdict,
        trials=row.n_studies,
        participants="" if row.n_participants is None else str(row.n_participants),
        prediction=percent_interval(behind.prediction_low, behind.prediction_high),
        notes=tuple(note for note in row.note.split("; ") if note),
        assumed=row.assumed,
    )


def _too_few(question: str, construct: str, effects: list[Effect], inputs: Inputs) -> str:
    """Why there is no pooled estimate."""
    trials = len({effect.study for effect in effects})
    if question in CHANGES:
        groups = count(len(effects), "change", "changes")
        return (
            f"{groups} over time in {count(trials, 'trial')}: changes within an arm, "
            "which are shown side by side and not pooled"
        )
    if not inputs.config.constructs[construct].pooled:
        return f"{count(trials, 'trial')}: outcomes of this kind are not pooled"
    reasons = Counter(effect.note.split("; ")[-1] for effect in effects if not effect.pooled)
    kept_out = ", ".join(f"{reason} ({amount})" for reason, amount in reasons.items() if reason)
    enters = len({effect.study for effect in effects if effect.pooled})
    if question in NEVER_POOLED:
        return f"{count(trials, 'trial')}: not pooled, because {NEVER_POOLED[question]}"
    few = f"{count(trials, 'trial')}: too few to pool"
    return f"{few} ({enters} could enter; kept out: {kept_out})" if kept_out else few


def _direction(effects: list[Effect], words: QuestionWords, *, change: bool) -> str:
    """In how many trials which side gained more, or how many arms gained and lost."""
    above = sum(effect.estimate > 0 for effect in effects)
    below = sum(effect.estimate < 0 for effect in effects)
    level = len(effects) - above - below
    parts = [
        (
            f"{amount} of {count(len(effects), 'arm')} {what}"
            if change
            else f"in {amount} of {count(len(effects), 'trial')} {what}"
        )
        for amount, what in ((above, words.above), (below, words.below), (level, words.level))
        if amount
    ]
    return "; ".join(parts)
