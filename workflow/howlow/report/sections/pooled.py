"""Pooled evidence: a block for each question and construct, pooled where there is enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from howlow.analysis.estimates import Estimate
from howlow.present.effects import last_reason
from howlow.report.effects import EffectLine, effect_line
from howlow.report.figures import Figure
from howlow.report.inputs import POOLED, Inputs
from howlow.report.numbers import count
from howlow.report.sections.pools import Pool, pool_of
from howlow.report.words import (
    ABOVE_ZERO_ONLY,
    CHANGES,
    COUNTED_FROM,
    QUESTIONS,
    QuestionWords,
    reasons,
)
from howlow.synthesis.evidence import Effect

#: Questions whose trials stand side by side, and why.
NEVER_POOLED = {"countermeasure": "countermeasures differ too much"}
#: Kinds of figures that stand in sections of their own.
ELSEWHERE = ("claims", "curve", "evidence-map", "ladder", "network")
#: Kinds of figures that are folded beside a pool.
BESIDE = ("influence", "funnel")
#: How notes begin that say no more than that an effect has no baseline and enters no pool.
SAID = ("baseline not printed", "no baseline printed", "changes over time are not pooled")


@dataclass(frozen=True)
class Block:
    """One question and construct."""

    anchor: str
    label: str
    pool: Pool | None
    sentence: str
    direction: str
    figures: tuple[Figure, ...]
    influence: Figure | None
    funnel: Figure | None
    effects: tuple[EffectLine, ...]
    own_unit: tuple[EffectLine, ...]


@dataclass(frozen=True)
class QuestionBlocks:
    """The blocks of one question."""

    anchor: str
    title: str
    counted_from: str
    blocks: tuple[Block, ...]


def pooled_of(inputs: Inputs, figures: Iterable[Figure]) -> list[QuestionBlocks]:
    """The blocks of each question there is evidence on, in the order of the page."""
    forests = [
        figure
        for figure in figures
        if not (figure.study or figure.simulated) and figure.kind not in ELSEWHERE
    ]
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
    return QuestionBlocks(
        f"question-{name}", words.title, COUNTED_FROM.get(name, ""), tuple(blocks)
    )


def _block(
    question: str,
    construct: str,
    words: QuestionWords,
    effects: list[Effect],
    inputs: Inputs,
    forests: list[Figure],
) -> Block:
    """One construct of a question."""
    rows = list(_rows(question, construct, inputs))
    ratios = [effect for effect in effects if effect.scale == "log_ratio"]
    own_unit = [effect for effect in effects if effect.scale != "log_ratio"]
    counted = [effect for effect in ratios if effect.pooled] if rows else ratios
    figures = tuple(
        figure for figure in forests if (figure.question, figure.construct) == (question, construct)
    )
    return Block(
        anchor=f"question-{question}-{construct}",
        label=inputs.config.constructs[construct].label,
        pool=pool_of(rows, more_words(question, ratios, own_unit), inputs) if rows else None,
        sentence="" if rows else _not_pooled(question, construct, ratios, own_unit, inputs),
        direction=_direction(counted, words, question),
        figures=tuple(figure for figure in figures if figure.kind not in BESIDE),
        influence=next((figure for figure in figures if figure.kind == "influence"), None),
        funnel=next((figure for figure in figures if figure.kind == "funnel"), None),
        effects=_lines(ratios, inputs),
        own_unit=tuple(replace(line, note=_rest(line.note)) for line in _lines(own_unit, inputs)),
    )


def _rows(question: str, construct: str, inputs: Inputs) -> Iterator[Estimate]:
    """Every pooled row of a question and construct: all ages first, then each population."""
    study = f"{POOLED}{question}"
    for name, rows in inputs.by_study.items():
        if name == study or name.startswith(f"{study}:"):
            yield from (found for found in rows if found.construct == construct)


def _lines(effects: list[Effect], inputs: Inputs) -> tuple[EffectLine, ...]:
    """Effects as lines of a table."""
    return tuple(
        effect_line(effect, inputs.trials.get(effect.study), inputs.by_id.get(effect.estimate_id))
        for effect in effects
    )


def _rest(note: str) -> str:
    """A note without what the head of the table of effects in their own unit says already."""
    return "; ".join(part for part in reasons(note) if not part.startswith(SAID))


def _not_pooled(
    question: str, construct: str, ratios: list[Effect], own_unit: list[Effect], inputs: Inputs
) -> str:
    """Why there is no pooled estimate."""
    if not ratios:
        what = _changes(own_unit) if question in CHANGES else _trials(own_unit)
        return f"{what}: in {_own(len(own_unit))} only, so not pooled"
    more = more_words(question, ratios, own_unit)
    return _too_few(question, construct, ratios, inputs) + (f"; {more}" if more else "")


def more_words(question: str, ratios: list[Effect], own_unit: list[Effect]) -> str:
    """How many more there are that cannot be put in per cent."""
    if question in CHANGES:
        more = len(own_unit)
    else:
        more = len({effect.study for effect in own_unit} - {effect.study for effect in ratios})
    return f"{more} more in {_own(more)}" if more else ""


def _own(amount: int) -> str:
    """`its own unit`, `their own unit`."""
    return f"{'its' if amount == 1 else 'their'} own unit"


def _too_few(question: str, construct: str, effects: list[Effect], inputs: Inputs) -> str:
    """Why effects that could be put in per cent are not pooled."""
    if question in CHANGES:
        beside = "shown side by side" if len(effects) > 1 else "shown"
        return f"{_changes(effects)}: {beside}, not pooled"
    trials = _trials(effects)
    if not inputs.config.constructs[construct].pooled:
        return f"{trials}: outcomes of this kind are not pooled"
    if question in NEVER_POOLED:
        return f"{trials}: not pooled, because {NEVER_POOLED[question]}"
    kept_out = Counter(last_reason(effect.note) for effect in effects if not effect.pooled)
    why = ", ".join(f"{reason} ({amount})" for reason, amount in kept_out.items() if reason)
    enters = len({effect.study for effect in effects if effect.pooled})
    few = f"{trials}: too few to pool"
    return f"{few} ({enters} could enter; kept out: {why})" if why else few


def _trials(effects: list[Effect]) -> str:
    """How many trials there are."""
    return count(len({effect.study for effect in effects}), "trial")


def _changes(effects: list[Effect]) -> str:
    """How many changes within an arm there are."""
    return f"{count(len(effects), 'change')} over time within an arm, in {_trials(effects)}"


def _direction(effects: list[Effect], words: QuestionWords, question: str) -> str:
    """In how many trials which side gained more, or how many groups lie above zero."""
    above = sum(effect.estimate > 0 for effect in effects)
    if not effects:
        return ""
    if question in ABOVE_ZERO_ONLY:
        return f"{above} of {count(len(effects), 'group')} above zero"
    below = sum(effect.estimate < 0 for effect in effects)
    level = len(effects) - above - below
    noun = "group" if question in CHANGES else "trial"
    of, before = count(len(effects), noun), "" if question in CHANGES else "in "
    return "; ".join(
        f"{before}{f'{amount} of {of}' if len(effects) > 1 else f'the one {noun}'} {what}"
        for amount, what in ((above, words.above), (below, words.below), (level, words.level))
        if amount
    )
