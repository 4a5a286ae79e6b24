"""Pooled evidence: a block for each question and construct, pooled where there is enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from howlow.analysis.estimates import Estimate
from howlow.present.effects import expected, last_reason
from howlow.report.effects import EffectLine, effect_line
from howlow.report.figures import Figure, interval_width
from howlow.report.inputs import POOLED, Inputs
from howlow.report.lines import anchor_of
from howlow.report.numbers import Shown, count, percent_interval, plain_percent, shown
from howlow.report.words import (
    ABOVE_ZERO_ONLY,
    CHANGES,
    COUNTED_FROM,
    QUESTIONS,
    WIDENED,
    QuestionWords,
    reasons,
)
from howlow.synthesis.evidence import Effect

#: Questions whose trials stand side by side, and why.
NEVER_POOLED = {"countermeasure": "countermeasures differ too much"}
#: How notes begin that say no more than that an effect has no baseline and enters no pool.
SAID = ("baseline not printed", "no baseline printed", "changes over time are not pooled")


@dataclass(frozen=True)
class Pool:
    """The pooled estimate of a block by its widest interval; beside it the one not widened."""

    anchor: str
    shown: Shown
    widened: str
    beside: Shown | None
    beside_anchor: str
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
    rows = [
        found
        for found in inputs.by_study.get(f"{POOLED}{question}", [])
        if found.construct == construct
    ]
    ratios = [effect for effect in effects if effect.scale == "log_ratio"]
    own_unit = [effect for effect in effects if effect.scale != "log_ratio"]
    counted = [effect for effect in ratios if effect.pooled] if rows else ratios
    figures = tuple(
        figure for figure in forests if (figure.question, figure.construct) == (question, construct)
    )
    return Block(
        anchor=f"question-{question}-{construct}",
        label=inputs.config.constructs[construct].label,
        pool=_pool(rows, more_words(question, ratios, own_unit), inputs) if rows else None,
        sentence="" if rows else _not_pooled(question, construct, ratios, own_unit, inputs),
        direction=_direction(counted, words, question),
        figures=figures,
        effects=_lines(ratios, inputs),
        own_unit=tuple(replace(line, note=_rest(line.note)) for line in _lines(own_unit, inputs)),
    )


def _lines(effects: list[Effect], inputs: Inputs) -> tuple[EffectLine, ...]:
    """Effects as lines of a table."""
    return tuple(
        effect_line(effect, inputs.trials.get(effect.study), inputs.by_id.get(effect.estimate_id))
        for effect in effects
    )


def _rest(note: str) -> str:
    """A note without what the head of the table of effects in their own unit says already."""
    return "; ".join(part for part in reasons(note) if not part.startswith(SAID))


def _pool(rows: list[Estimate], more: str, inputs: Inputs) -> Pool:
    """The pooled estimate, by the widest of its intervals."""
    row = next((found for found in rows if found.estimate_id in inputs.pools), rows[0])
    widest, narrow = max(rows, key=interval_width), min(rows, key=interval_width)
    limits = (widest.ci_low or 0.0, widest.ci_high or 0.0)
    prediction = expected(inputs.pools.get(row.estimate_id), row.n_studies or 0, *limits)
    is_widened = widest is not narrow
    return Pool(
        anchor=anchor_of(widest.estimate_id),
        shown=shown(widest),
        widened=WIDENED if is_widened else "",
        beside=shown(narrow) if is_widened else None,
        beside_anchor=anchor_of(narrow.estimate_id) if is_widened else "",
        level=plain_percent(100 * (row.ci_level or 0)),
        verdict=row.verdict,
        trials=row.n_studies,
        participants=str(row.n_participants or ""),
        prediction=percent_interval(*prediction) if prediction else "",
        notes=(*reasons(row.note), *([more] if more else [])),
        assumed=row.assumed,
    )


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
